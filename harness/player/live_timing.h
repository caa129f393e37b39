// When a live listing is asked for again, and where in a live stream a player starts. Pure arithmetic on what was listed.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"

namespace harness {

// Until the next request for an HLS live playlist, from the start of the last one (RFC 8216, 6.3.4): a target duration, or half of
// it when the playlist had not changed. `last_segment`: its duration, where a player reloads by that.
constexpr base::Duration hls_reload_interval(base::Duration target_duration, bool changed, base::Duration last_segment = {}) {
  const base::Duration target = std::clamp<base::Duration>(target_duration, std::chrono::milliseconds{500}, std::chrono::minutes{1});
  if (!changed) return target / 2;
  return last_segment.count() > 0 ? std::clamp<base::Duration>(last_segment, std::chrono::milliseconds{500}, target) : target;
}

// A dynamic MPD: minimumUpdatePeriod, at least a second, from the start of the last request.
constexpr base::Duration mpd_reload_interval(base::Duration minimum_update_period) {
  return std::clamp<base::Duration>(minimum_update_period, std::chrono::seconds{1}, std::chrono::hours{1});
}

inline constexpr base::Duration kLongestLiveDelay = std::chrono::hours{24};  // whatever a stream says

// Behind the end of an HLS playlist: what the device wants, else HOLD-BACK, else three target durations.
constexpr base::Duration hls_live_delay(base::Duration device, std::optional<base::Duration> hold_back, base::Duration target_duration) {
  if (device.count() > 0) return device;
  return std::min(hold_back && hold_back->count() > 0 ? *hold_back : 3 * target_duration, kLongestLiveDelay);
}

// Behind now in DASH: what the device wants, else suggestedPresentationDelay, else what the player takes then.
constexpr base::Duration dash_live_delay(base::Duration device, std::optional<base::Duration> suggested, base::Duration otherwise) {
  if (device.count() > 0) return device;
  return std::min(suggested && suggested->count() > 0 ? *suggested : otherwise, kLongestLiveDelay);
}

// `wanted`, but inside what is listed and at least one segment before its end.
constexpr base::Duration live_position(base::Duration wanted, base::Duration start, base::Duration end, base::Duration segment) {
  return std::max(start, std::min(wanted, end - segment));
}

// A date a stream may claim without upsetting arithmetic: 1970 to 2100. Others count as absent.
constexpr std::optional<base::UtcTime> plausible(std::optional<base::UtcTime> utc) {
  constexpr base::Duration kCentury = std::chrono::hours{24 * 365 * 130};
  return utc && utc->time_since_epoch().count() >= 0 && utc->time_since_epoch() <= kCentury ? utc : std::nullopt;
}

// A live listing whose end has not moved for this long is dead.
constexpr base::Duration stale_after(base::Duration target_duration) {
  return 3 * std::max<base::Duration>(target_duration, std::chrono::milliseconds{500});
}

}  // namespace harness
