#include "harness/engine/dashjs_engine.h"
#include "harness/engine/engine.h"
#include "harness/engine/hlsjs_engine.h"
#include "harness/engine/media3_engine.h"
#include "harness/engine/profile_engine.h"
#include "harness/engine/shaka_engine.h"

namespace harness {

std::unique_ptr<Engine> make_engine(const Device& device) {
  if (device.engine == EngineKind::kHlsJs) return std::make_unique<HlsJsEngine>(device);
  if (device.engine == EngineKind::kDashJs) return std::make_unique<DashJsEngine>();
  if (device.engine == EngineKind::kMedia3) return std::make_unique<Media3Engine>(device);
  if (device.engine == EngineKind::kShaka) return std::make_unique<ShakaEngine>(device);
  return std::make_unique<ProfileEngine>(device);
}

}  // namespace harness
