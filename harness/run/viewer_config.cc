#include "harness/run/viewer_config.h"

#include "harness/run/entrances.h"

namespace harness {

Device device_of(const Scenario& scenario, const Cohort& cohort) {
  Device device = scenario.devices.at(cohort.device);
  if (cohort.max_height) device.max_height = *cohort.max_height;
  return device;
}

PlayerConfig player_config(const Scenario& scenario, Stage& stage, const Cohort& cohort, const base::SharedValue<Device>& device,
                           std::size_t channel) {
  PlayerConfig config;
  config.device = device;
  config.manifest_url = stage.manifest_url(config.device->protocol, channel);
  config.content = scenario.content.kind;
  if (auto source = cohort.path == PathKind::kAuthenticated ? stage.token_source(channel) : std::nullopt) {
    source->group = cohort.name;
    config.token = std::move(*source);
  }
  auto entrance = stage.entrance(cohort.path, channel);
  if (entrance && !runs_in_page(config.device->engine)) entrance = for_app(*entrance);
  if (entrance) config.entry = std::move(*entrance);
  config.wall = stage.wall();
  return config;
}

}  // namespace harness
