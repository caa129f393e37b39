#include "harness/engine/dashjs_engine.h"
#include "harness/engine/engine.h"
#include "harness/engine/hlsjs_engine.h"
#include "harness/engine/media3_engine.h"
#include "harness/engine/profile_engine.h"
#include "harness/engine/shaka_engine.h"

namespace harness {

std::optional<EngineTraits> own_traits(const Device& device) {
  const bool emulated = device.engine == EngineKind::kHlsJs || device.engine == EngineKind::kDashJs ||
                        device.engine == EngineKind::kMedia3 || device.engine == EngineKind::kShaka;
  return emulated ? std::nullopt : std::optional{profile_traits(device)};
}

std::unique_ptr<Engine> make_engine(const Device& device, std::shared_ptr<const EngineTraits> traits) {
  if (device.engine == EngineKind::kHlsJs) return std::make_unique<HlsJsEngine>(device);
  if (device.engine == EngineKind::kDashJs) return std::make_unique<DashJsEngine>();
  if (device.engine == EngineKind::kMedia3) return std::make_unique<Media3Engine>(device);
  if (device.engine == EngineKind::kShaka) return std::make_unique<ShakaEngine>(device);
  if (!traits) traits = std::make_shared<const EngineTraits>(profile_traits(device));
  return std::make_unique<ProfileEngine>(device, std::move(traits));
}

}  // namespace harness
