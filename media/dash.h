// DASH manifests (ISO/IEC 23009-1): values, a parser that never throws, and a writer. Pure; XML by pugixml.
// parse(write(x)) gives x for everything these structures hold. Supported addressing: SegmentTemplate with SegmentTimeline
// ($Number$ or $Time$) and with @duration ($Number$). What is not supported (SegmentBase, DRM, XLink) is refused by name.
// Only audio and video are kept: subtitle, image and trick-play sets are left out. An error names the element and the attribute.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace media {

// One S element: `repeat` further segments of the same duration follow the first; -1: until the next S or the end of the period.
struct DashTimelineEntry {
  std::int64_t start = 0;  // @t in timescale units; the parser fills it in where the manifest leaves it out
  std::int64_t duration = 0;
  std::int64_t repeat = 0;
  friend bool operator==(const DashTimelineEntry&, const DashTimelineEntry&) = default;
};

struct DashSegmentTemplate {
  std::string initialization;  // with $RepresentationID$ and $Bandwidth$ still in place
  std::string media;
  std::int64_t timescale = 1;
  std::int64_t start_number = 1;
  std::int64_t presentation_time_offset = 0;
  std::int64_t duration = 0;  // 0 with a timeline
  std::vector<DashTimelineEntry> timeline;
  friend bool operator==(const DashSegmentTemplate&, const DashSegmentTemplate&) = default;
};

struct DashRepresentation {
  std::string id;
  base::Bitrate bandwidth;
  std::string codecs;
  int width = 0;
  int height = 0;
  std::string frame_rate;  // "30" or "30000/1001"
  int audio_sampling_rate = 0;
  DashSegmentTemplate segments;  // already merged with the adaptation set's
  friend bool operator==(const DashRepresentation&, const DashRepresentation&) = default;
};

struct DashAdaptationSet {
  std::string id;
  std::string content_type;  // "video" or "audio" (derived from @mimeType where @contentType is absent)
  std::string mime_type;
  std::string language;
  bool segment_alignment = false;
  std::vector<DashRepresentation> representations;
  friend bool operator==(const DashAdaptationSet&, const DashAdaptationSet&) = default;
};

struct DashPeriod {
  std::string id;
  base::Duration start{};
  std::optional<base::Duration> duration;
  std::vector<DashAdaptationSet> adaptation_sets;
  friend bool operator==(const DashPeriod&, const DashPeriod&) = default;
};

struct DashManifest {
  bool dynamic = false;
  std::string profiles;
  std::optional<base::Duration> duration;  // @mediaPresentationDuration
  base::Duration min_buffer_time{};
  std::optional<base::UtcTime> availability_start;
  std::optional<base::UtcTime> publish_time;
  std::optional<base::Duration> minimum_update_period;
  std::optional<base::Duration> time_shift_buffer_depth;
  std::optional<base::Duration> suggested_presentation_delay;
  std::string utc_timing_scheme;  // @schemeIdUri and @value of the first UTCTiming
  std::string utc_timing_value;
  std::vector<std::string> base_urls;  // MPD level; base URLs of deeper levels are resolved into the templates
  std::vector<DashPeriod> periods;
  friend bool operator==(const DashManifest&, const DashManifest&) = default;
};

base::Result<DashManifest> parse_mpd(std::string_view text);
std::string write_mpd(const DashManifest& manifest);

// Replaces $RepresentationID$, $Bandwidth$, $Number$ and $Time$ (with %0Nd widths) and $$.
std::string fill_template(std::string_view pattern, const DashRepresentation& representation, std::int64_t number, std::int64_t time);

// ISO 8601 durations: "PT1M30.5S" (days, hours, minutes and seconds; years and months are refused).
base::Result<base::Duration> parse_iso8601_duration(std::string_view text);
std::string to_iso8601_duration(base::Duration duration);

}  // namespace media
