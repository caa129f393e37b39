#include "server/ingest/health/aspect.h"

namespace server {
namespace {

constexpr std::array<std::string_view, kHealthAspects> kAspectNames{"picture", "bitrate", "continuity", "timestamps",
                                                                    "freeze",  "black",   "silence",    "skew"};

}  // namespace

std::string_view to_text(HealthAspect aspect) { return kAspectNames[index_of(aspect)]; }

std::optional<HealthAspect> health_aspect_named(std::string_view name) {
  for (const HealthAspect aspect : kEveryHealthAspect)
    if (to_text(aspect) == name) return aspect;
  return std::nullopt;
}

}  // namespace server
