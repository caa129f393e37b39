// DASH manifests (ISO/IEC 23009-1): values, a parser that never throws, and a writer. Pure; XML by pugixml.
// parse(write(x)) gives x for everything these structures hold. Supported addressing: SegmentTemplate and SegmentList with
// SegmentTimeline or @duration, SegmentBase with @indexRange. What is not supported (ContentProtection, XLink, RepresentationIndex) is
// refused by name, see unsupported.h.
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
#include "media/byte_range.h"

namespace media {

// One S element: `repeat` further segments of the same duration follow the first; -1: until the next S or the end of the period.
struct DashTimelineEntry {
  std::int64_t start = 0;  // @t in timescale units; the parser fills it in where the manifest leaves it out
  std::int64_t duration = 0;
  std::int64_t repeat = 0;
  friend bool operator==(const DashTimelineEntry&, const DashTimelineEntry&) = default;
};

// SegmentURL of a SegmentList.
struct DashSegmentUrl {
  std::string media;  // empty: the base URL
  std::optional<ByteRange> range;
  friend bool operator==(const DashSegmentUrl&, const DashSegmentUrl&) = default;
};

// How segments are addressed: by `media`, or by `list`, or (`index`) by the sidx box of the file that the base URL names. URLs are
// relative to the representation's base URLs.
struct DashSegmentTemplate {
  std::string initialization;  // with $RepresentationID$ and $Bandwidth$ still in place
  std::string media;
  std::int64_t timescale = 1;
  std::int64_t start_number = 1;
  std::int64_t presentation_time_offset = 0;
  std::int64_t duration = 0;  // 0 with a timeline
  std::vector<DashTimelineEntry> timeline;
  std::vector<DashSegmentUrl> list{};               // SegmentList
  std::optional<ByteRange> index{};                 // SegmentBase: the bytes of the sidx box
  std::optional<ByteRange> initialization_range{};  // of `initialization`; of the base URL where that is empty
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
  // Of the levels below the MPD's, joined; the same files may be had at each. Relative to the MPD's own; none: there.
  std::vector<std::string> base_urls{};
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

// UTCTiming: where to ask what time it is.
struct DashUtcTiming {
  std::string scheme;  // @schemeIdUri
  std::string value;
  friend bool operator==(const DashUtcTiming&, const DashUtcTiming&) = default;
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
  std::vector<DashUtcTiming> utc_timings;  // as listed: the first is preferred
  std::string location;                    // where updates are to be asked for; empty: where this one came from
  std::vector<std::string> base_urls;      // MPD level: alternatives
  std::vector<DashPeriod> periods;
  friend bool operator==(const DashManifest&, const DashManifest&) = default;
};

base::Result<DashManifest> parse_mpd(std::string_view text);
std::string write_mpd(const DashManifest& manifest);

// Replaces $RepresentationID$, $Bandwidth$, $Number$ and $Time$ (with %0Nd widths) and $$.
std::string fill_template(std::string_view pattern, const DashRepresentation& representation, std::int64_t number, std::int64_t time);

// What a clock (UTCTiming) answers: an ISO 8601 time, blanks around it allowed.
base::Result<base::UtcTime> parse_clock(std::string_view text);

// A URL reference on a base URL that may itself be relative.
std::string join_url(const std::string& base, const std::string& reference);

// ISO 8601 durations: "PT1M30.5S" (days, hours, minutes and seconds; years and months are refused).
base::Result<base::Duration> parse_iso8601_duration(std::string_view text);
std::string to_iso8601_duration(base::Duration duration);

}  // namespace media
