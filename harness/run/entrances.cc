#include "harness/run/entrances.h"

namespace harness {

Entrance reference_entrance(PathKind path, const std::string& media, const std::string& control, const std::string& stream) {
  if (path == PathKind::kEmbed)
    return {.page = media + "/embed/" + stream, .referrer = std::string{kPublisher} + "/", .waits_for_start = true};
  Entrance out{.page = media + "/watch/" + stream};
  if (path == PathKind::kDirect) return out;
  out.login_page = control + "/login?stream=" + stream;
  out.login_url = control + "/v1/login";
  out.entitlements_url = control + "/v1/entitlements";
  out.user = kAudienceUser;
  out.password = kAudiencePassword;
  out.stream = stream;
  return out;
}

std::optional<Entrance> external_entrance(PathKind path, const ExternalTarget& target, std::size_t channel) {
  if (channel != 0) return std::nullopt;
  if (path == PathKind::kEmbed) return Entrance{.page = target.embed_page, .referrer = target.referrer, .waits_for_start = true};
  Entrance out{.page = target.page};
  if (path == PathKind::kAuthenticated) out.login_page = target.login_page;
  if (out.page.empty() && out.login_page.empty()) return std::nullopt;
  return out;
}

std::optional<Entrance> for_app(Entrance entrance) {
  entrance.page.clear();
  entrance.login_page.clear();
  if (entrance.login_url.empty()) return std::nullopt;
  return entrance;
}

}  // namespace harness
