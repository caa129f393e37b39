#include "harness/engine/engine.h"
#include "harness/engine/profile_engine.h"
#include "harness/engine/shaka_engine.h"

namespace harness {

std::unique_ptr<Engine> make_engine(const Device& device) {
  if (device.engine == EngineKind::kShaka) return std::make_unique<ShakaEngine>(device);
  return std::make_unique<ProfileEngine>(device);
}

}  // namespace harness
