// What a session says, as rows of the store. Pure. `at`: seconds of the run.
#pragma once

#include <cstdint>

#include "harness/player/events.h"
#include "reports/store/run_store.h"

namespace harness {

reports::Row row_of(double at, std::uint32_t session, const Telemetry& what);
reports::Row row_of(double at, std::uint32_t session, const Finish& how);

}  // namespace harness
