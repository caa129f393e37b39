// What to tell a person about a request that was not answered well.
#pragma once

#include <string>

#include "harness/transport/transport.h"

namespace harness {

// "HTTP status 404", "the connection was refused". Requires: it is no success.
std::string reason_of(const TransportOutcome& outcome);

}  // namespace harness
