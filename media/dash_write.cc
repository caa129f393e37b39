#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "media/dash.h"
#include "media/text_fields.h"

namespace media {
namespace {

using Node = pugi::xml_node;

void set(Node& node, const char* name, const std::string& value) {
  if (!value.empty()) node.append_attribute(name) = value.c_str();
}
void set(Node& node, const char* name, std::int64_t value) { node.append_attribute(name) = static_cast<long long>(value); }
void set_positive(Node& node, const char* name, std::int64_t value) {
  if (value > 0) set(node, name, value);
}
void set(Node& node, const char* name, const std::optional<base::Duration>& value) {
  if (value) set(node, name, to_iso8601_duration(*value));
}
void set(Node& node, const char* name, const std::optional<base::UtcTime>& value) {
  if (value) set(node, name, to_utc_text(*value));
}

// @t only where an entry does not follow the one before it.
void write_timeline(Node parent, const std::vector<DashTimelineEntry>& entries) {
  Node timeline = parent.append_child("SegmentTimeline");
  const DashTimelineEntry* last = nullptr;
  for (const DashTimelineEntry& entry : entries) {
    Node s = timeline.append_child("S");
    const bool follows = last != nullptr && last->repeat >= 0 && entry.start == last->start + last->duration * (last->repeat + 1);
    if (!follows) set(s, "t", entry.start);
    set(s, "d", entry.duration);
    if (entry.repeat != 0) set(s, "r", entry.repeat);
    last = &entry;
  }
}

void set(Node& node, const char* name, const std::optional<ByteRange>& range) {
  if (range) set(node, name, std::to_string(range->offset) + "-" + std::to_string(range->offset + range->length - 1));
}

void write_initialization(Node parent, const DashSegmentTemplate& segments) {
  const bool is_template = parent.name() == std::string_view{"SegmentTemplate"} && !segments.initialization_range;
  if (is_template) return set(parent, "initialization", segments.initialization);
  if (segments.initialization.empty() && !segments.initialization_range) return;
  Node node = parent.append_child("Initialization");
  set(node, "sourceURL", segments.initialization);
  set(node, "range", segments.initialization_range);
}

void write_base(Node parent, const DashSegmentTemplate& segments) {
  Node node = parent.append_child("SegmentBase");
  set(node, "timescale", segments.timescale);
  set_positive(node, "presentationTimeOffset", segments.presentation_time_offset);
  set(node, "indexRange", segments.index);
  write_initialization(node, segments);
}

void write_list(Node node, const std::vector<DashSegmentUrl>& list) {
  for (const DashSegmentUrl& url : list) {
    Node each = node.append_child("SegmentURL");
    set(each, "media", url.media);
    set(each, "mediaRange", url.range);
  }
}

void write_template(Node parent, const DashSegmentTemplate& segments) {
  if (segments.index) return write_base(parent, segments);
  Node node = parent.append_child(segments.list.empty() ? "SegmentTemplate" : "SegmentList");
  set(node, "timescale", segments.timescale);
  set(node, "startNumber", segments.start_number);
  set_positive(node, "presentationTimeOffset", segments.presentation_time_offset);
  if (segments.timeline.empty()) set(node, "duration", segments.duration);
  set(node, "media", segments.media);
  write_initialization(node, segments);
  if (!segments.timeline.empty()) write_timeline(node, segments.timeline);
  write_list(node, segments.list);
}

void write_representation(Node parent, const DashRepresentation& representation, bool with_template) {
  Node node = parent.append_child("Representation");
  set(node, "id", representation.id);
  set(node, "bandwidth", representation.bandwidth.bps());
  set(node, "codecs", representation.codecs);
  set_positive(node, "width", representation.width);
  set_positive(node, "height", representation.height);
  set(node, "frameRate", representation.frame_rate);
  set_positive(node, "audioSamplingRate", representation.audio_sampling_rate);
  for (const std::string& url : representation.base_urls) node.append_child("BaseURL").text() = url.c_str();
  if (with_template) write_template(node, representation.segments);
}

// A template that all representations share is written once, above them.
bool share_a_template(const std::vector<DashRepresentation>& representations) {
  return std::all_of(representations.begin(), representations.end(),
                     [&](const DashRepresentation& other) { return other.segments == representations.front().segments; });
}

void write_adaptation_set(Node parent, const DashAdaptationSet& adaptation_set) {
  Node node = parent.append_child("AdaptationSet");
  set(node, "id", adaptation_set.id);
  set(node, "contentType", adaptation_set.content_type);
  set(node, "mimeType", adaptation_set.mime_type);
  set(node, "lang", adaptation_set.language);
  if (adaptation_set.segment_alignment) set(node, "segmentAlignment", std::string{"true"});
  const auto& representations = adaptation_set.representations;
  const bool shared = !representations.empty() && share_a_template(representations);
  if (shared) write_template(node, representations.front().segments);
  for (const DashRepresentation& representation : representations) write_representation(node, representation, !shared);
}

void write_period(Node parent, const DashPeriod& period) {
  Node node = parent.append_child("Period");
  set(node, "id", period.id);
  set(node, "start", to_iso8601_duration(period.start));
  set(node, "duration", period.duration);
  for (const DashAdaptationSet& adaptation_set : period.adaptation_sets) write_adaptation_set(node, adaptation_set);
}

void write_head(Node& node, const DashManifest& manifest) {
  set(node, "xmlns", std::string{"urn:mpeg:dash:schema:mpd:2011"});
  set(node, "profiles", manifest.profiles);
  set(node, "type", std::string{manifest.dynamic ? "dynamic" : "static"});
  set(node, "mediaPresentationDuration", manifest.duration);
  set(node, "minBufferTime", to_iso8601_duration(manifest.min_buffer_time));
  set(node, "availabilityStartTime", manifest.availability_start);
  set(node, "publishTime", manifest.publish_time);
  set(node, "minimumUpdatePeriod", manifest.minimum_update_period);
  set(node, "timeShiftBufferDepth", manifest.time_shift_buffer_depth);
  set(node, "suggestedPresentationDelay", manifest.suggested_presentation_delay);
  if (!manifest.location.empty()) node.append_child("Location").text() = manifest.location.c_str();
  for (const std::string& url : manifest.base_urls) node.append_child("BaseURL").text() = url.c_str();
}

}  // namespace

std::string write_mpd(const DashManifest& manifest) {
  pugi::xml_document document;
  Node root = document.append_child("MPD");
  write_head(root, manifest);
  for (const DashPeriod& period : manifest.periods) write_period(root, period);
  for (const DashUtcTiming& each : manifest.utc_timings) {
    Node timing = root.append_child("UTCTiming");
    set(timing, "schemeIdUri", each.scheme);
    set(timing, "value", each.value);
  }
  std::ostringstream out;
  document.save(out, " ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace media
