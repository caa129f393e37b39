#include "harness/player/dash_stream.h"

#include <algorithm>

#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

constexpr std::string_view kUtcScheme = "urn:mpeg:dash:utc:";
constexpr std::size_t kMostClocks = 4;

std::optional<base::UtcTime> as_optional(const base::Result<base::UtcTime>& time) {
  return time.has_value() ? std::optional{*time} : std::nullopt;
}

// A UTCTiming may name several URLs, with blanks between them.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(' '); at < text.size(); at = text.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

// Relative URLs are relative to where the manifest was found in the end, and that is where it is asked for again (dash.js and Shaka).
void take_places(DashStream& stream, const media::DashManifest& manifest, const base::SharedText& from) {
  for (const std::string& url : manifest.base_urls) stream.base_urls.push_back(media::resolve_url(from, url));
  if (stream.base_urls.empty()) stream.base_urls.push_back(from);
  stream.url = manifest.location.empty() ? from : base::SharedText{media::resolve_url(from, manifest.location)};
}

void take_clocks(DashStream& stream, const media::DashManifest& manifest) {
  for (const media::DashUtcTiming& timing : manifest.utc_timings) {
    std::string_view kind = timing.scheme;  // urn:mpeg:dash:utc:http-iso:2014, or 2012
    if (!kind.starts_with(kUtcScheme)) continue;
    kind.remove_prefix(kUtcScheme.size());
    const bool direct = kind.starts_with("direct:"), by_header = kind.starts_with("http-head:");
    if (direct && stream.clocks.empty()) {
      stream.time = plausible(as_optional(media::parse_clock(timing.value)));
      if (!stream.time) continue;
      return;
    }
    if (!by_header && !kind.starts_with("http-iso:") && !kind.starts_with("http-xsdate:")) continue;
    for (const std::string_view url : words_of(timing.value))
      stream.clocks.push_back({media::resolve_url(stream.base_urls.front(), url), by_header});
  }
  if (stream.clocks.size() > kMostClocks) stream.clocks.resize(kMostClocks);
}

}  // namespace

base::Result<DashStream> dash_stream(const media::DashManifest& manifest, const base::SharedText& from, int max_height) {
  if (manifest.dynamic && !plausible(manifest.availability_start))
    return base::error("a dynamic manifest without a usable availabilityStartTime");
  auto tracks = dash_tracks(manifest, max_height);
  if (!tracks.has_value()) return tracks.error();
  DashStream stream;
  stream.tracks = std::move(*tracks);
  stream.ladder = ladder_of(stream.tracks.ladder);
  take_places(stream, manifest, from);
  take_clocks(stream, manifest);
  stream.dynamic = manifest.dynamic;
  stream.bounded = manifest.duration.has_value() || (!manifest.periods.empty() && manifest.periods.back().duration.has_value());
  stream.update_period = manifest.minimum_update_period;
  stream.depth = manifest.time_shift_buffer_depth;
  stream.suggested_delay = manifest.suggested_presentation_delay;
  stream.min_buffer = std::clamp(manifest.min_buffer_time, base::Duration{}, kLongestLiveDelay);
  if (manifest.dynamic) stream.zero = manifest.availability_start;
  return stream;
}

}  // namespace harness
