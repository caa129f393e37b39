// One draw from a distribution. Portable: only base::Random and <cmath>.
#pragma once

#include "base/random.h"
#include "harness/scenario/behaviour.h"

namespace harness {

// At least zero, at most 720 hours.
base::Duration draw(const Distribution& from, base::Random& random);

}  // namespace harness
