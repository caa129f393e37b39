// Sign: what a drill's board must know of a session, as it happened.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace harness {

struct Sign {
  enum class Kind : std::uint8_t {
    kSymptom,  // a stall or trouble began
    kNormal,   // a stall or trouble is over
    kLeft,     // the session ended
  };
  base::Instant at{};
  std::uint32_t session = 0;
  Kind kind = Kind::kSymptom;
};

}  // namespace harness
