// The part of a saved cohort that its viewers' behaviour is.
#pragma once

#include "base/json_reader.h"
#include "harness/scenario/behaviour.h"

namespace harness {

void put_behaviour(base::Json& cohort, const Behaviour& behaviour);

}  // namespace harness
