#include "harness/engine/dashjs_engine.h"
#include "harness/engine/engine.h"
#include "harness/engine/profile_engine.h"

namespace harness {

std::unique_ptr<Engine> make_engine(const Device& device) {
  if (device.engine == EngineKind::kDashJs && device.protocol == StreamingProtocol::kDash) return std::make_unique<DashJsEngine>();
  return std::make_unique<ProfileEngine>(device);
}

}  // namespace harness
