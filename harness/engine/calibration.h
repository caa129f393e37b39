// What no source of an engine says: how long a page, a media element or a device takes. One function an engine; the figures stand in
// calibration.cc, each with how it was obtained.
#pragma once

#include "harness/engine/traits.h"

namespace harness {

EngineTraits media3_1_11();

}  // namespace harness
