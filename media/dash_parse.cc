#include <fmt/format.h>

#include <algorithm>

#include "media/dash.h"
#include "media/mpd_fields.h"
#include "media/mpd_places.h"
#include "media/mpd_segments.h"
#include "media/text_fields.h"

namespace media {
namespace {

constexpr std::size_t kLargestManifest = 32u << 20;
constexpr std::size_t kMostRepresentations = 10'000;
constexpr std::size_t kMostUtcTimings = 8;

class MpdReader {
 public:
  base::Result<DashManifest> read(const pugi::xml_node& root);
  MpdPlaces& places() { return places_; }

 private:
  void read_head(const pugi::xml_node& root);
  void read_period(const pugi::xml_node& node);
  base::Duration start_of_period(const pugi::xml_node& node);
  void read_adaptation_set(const pugi::xml_node& node, const MpdInherited& above, DashPeriod& period);
  DashRepresentation read_representation(const pugi::xml_node& node, const MpdInherited& above);
  int picture(const pugi::xml_node& node, const char* attribute);
  void check_totals(const pugi::xml_node& node, const DashSegmentTemplate& inherited, const DashSegmentTemplate& own);
  void check_fixed_durations(const pugi::xml_node& root);

  MpdFields fields_;
  DashManifest manifest_;
  MpdPlaces places_;
  std::size_t representations_ = 0;
  std::size_t timeline_entries_ = 0;
};

// Attributes that an AdaptationSet may give for all its representations.
pugi::xml_node holder_of(const pugi::xml_node& representation, const char* attribute) {
  return representation.attribute(attribute) ? representation : representation.parent();
}

std::string_view text_of(const pugi::xml_node& set, const char* attribute) {
  const char* own = set.attribute(attribute).value();
  return *own != '\0' ? own : set.child("Representation").attribute(attribute).value();
}

// "video/mp4" -> "video"; what is neither audio nor video (subtitles, thumbnails) keeps its own word.
std::string content_type_of(const pugi::xml_node& set) {
  const std::string_view type = text_of(set, "contentType"), mime = text_of(set, "mimeType");
  return std::string{!type.empty() ? type : mime.substr(0, mime.find('/'))};
}

bool is_for_trick_play(const pugi::xml_node& set) {
  const auto properties = set.children("EssentialProperty");
  return std::any_of(properties.begin(), properties.end(), [](const pugi::xml_node& property) {
    return property.attribute("schemeIdUri").value() == std::string_view{"http://dashif.org/guidelines/trickmode"};
  });
}

int MpdReader::picture(const pugi::xml_node& node, const char* attribute) {
  const pugi::xml_node holder = holder_of(node, attribute);
  const std::int64_t value = fields_.whole(holder, attribute, 0);
  if (value > kLargestPicture) fields_.fail(holder, attribute, "is too large for a picture");
  return static_cast<int>(value);
}

DashRepresentation MpdReader::read_representation(const pugi::xml_node& node, const MpdInherited& above) {
  DashRepresentation out;
  out.id = fields_.required_text(node, "id");
  const std::int64_t bandwidth = fields_.whole(node, "bandwidth", 0);
  if (bandwidth == 0) fields_.fail(node, "bandwidth", "must be a positive number of bits per second");
  out.bandwidth = base::Bitrate::bits_per_second(bandwidth);
  out.codecs = fields_.text(holder_of(node, "codecs"), "codecs");
  out.width = picture(node, "width");
  out.height = picture(node, "height");
  out.frame_rate = fields_.text(holder_of(node, "frameRate"), "frameRate");
  const std::int64_t sampling = fields_.whole(holder_of(node, "audioSamplingRate"), "audioSamplingRate", 0);
  if (sampling > INT32_MAX) fields_.fail(node, "audioSamplingRate", "is too large");
  out.audio_sampling_rate = static_cast<int>(sampling);
  MpdInherited own = inherit(above, node, fields_);
  check_addressing(own.segments, node, fields_);
  places_.timelines.push_back(own.segments.timeline.empty() ? -1 : own.timeline.offset_debug());
  out.segments = std::move(own.segments);
  out.base_urls = std::move(own.base_urls);
  return out;
}

void MpdReader::check_totals(const pugi::xml_node& node, const DashSegmentTemplate& inherited, const DashSegmentTemplate& own) {
  timeline_entries_ += std::max(inherited.timeline.size() + inherited.list.size(), own.timeline.size() + own.list.size());
  if (++representations_ > kMostRepresentations) fields_.fail(node, "", fmt::format("more than {} representations", kMostRepresentations));
  if (timeline_entries_ > kMostTimelineEntries) fields_.fail(node, "", fmt::format("more than {} timeline entries", kMostTimelineEntries));
}

void MpdReader::read_adaptation_set(const pugi::xml_node& node, const MpdInherited& above, DashPeriod& period) {
  if (node.attribute("xlink:href")) fields_.refuse(node, "xlink:href", "part of the manifest lies elsewhere");
  DashAdaptationSet set;
  set.content_type = content_type_of(node);
  if (set.content_type.empty()) fields_.fail(node, "", "has neither contentType nor mimeType");
  if ((set.content_type != "video" && set.content_type != "audio") || is_for_trick_play(node)) return;
  set.id = fields_.text(node, "id");
  set.mime_type = text_of(node, "mimeType");
  set.language = fields_.text(node, "lang");
  const std::string aligned = fields_.text(node, "segmentAlignment");
  set.segment_alignment = !aligned.empty() && aligned != "false" && aligned != "0";
  const MpdInherited inherited = inherit(above, node, fields_);
  if (fields_.failed()) return;
  for (const pugi::xml_node representation : node.children("Representation")) {
    set.representations.push_back(read_representation(representation, inherited));
    check_totals(representation, inherited.segments, set.representations.back().segments);
    if (fields_.failed()) return;
  }
  if (set.representations.empty()) fields_.fail(node, "", "has no Representation");
  period.adaptation_sets.push_back(std::move(set));
}

// Without @start a period follows the one before it (ISO/IEC 23009-1, 5.3.2.1).
base::Duration MpdReader::start_of_period(const pugi::xml_node& node) {
  if (const auto start = fields_.duration(node, "start")) return *start;
  if (manifest_.periods.empty()) return base::Duration::zero();
  const DashPeriod& last = manifest_.periods.back();
  base::Duration::rep sum = 0;
  if (!last.duration || __builtin_add_overflow(last.start.count(), last.duration->count(), &sum))
    fields_.fail(node, "start", "is missing and the period before has no usable duration");
  return base::Duration{sum};
}

void MpdReader::read_period(const pugi::xml_node& node) {
  if (node.attribute("xlink:href")) fields_.refuse(node, "xlink:href", "part of the manifest lies elsewhere");
  DashPeriod period;
  period.id = fields_.text(node, "id");
  period.start = start_of_period(node);
  period.duration = fields_.duration(node, "duration");
  const MpdInherited inherited = inherit({}, node, fields_);
  for (const pugi::xml_node set : node.children("AdaptationSet")) {
    read_adaptation_set(set, inherited, period);
    if (fields_.failed()) return;
  }
  if (period.adaptation_sets.empty()) fields_.fail(node, "", "has no AdaptationSet with audio or video");
  manifest_.periods.push_back(std::move(period));
}

void MpdReader::read_head(const pugi::xml_node& root) {
  const std::string type = fields_.text(root, "type");
  if (!type.empty() && type != "static" && type != "dynamic") fields_.fail(root, "type", "must be static or dynamic");
  manifest_.dynamic = type == "dynamic";
  manifest_.profiles = fields_.text(root, "profiles");
  manifest_.duration = fields_.duration(root, "mediaPresentationDuration");
  manifest_.min_buffer_time = fields_.duration(root, "minBufferTime").value_or(base::Duration::zero());
  manifest_.availability_start = fields_.time(root, "availabilityStartTime");
  manifest_.publish_time = fields_.time(root, "publishTime");
  manifest_.minimum_update_period = fields_.duration(root, "minimumUpdatePeriod");
  manifest_.time_shift_buffer_depth = fields_.duration(root, "timeShiftBufferDepth");
  manifest_.suggested_presentation_delay = fields_.duration(root, "suggestedPresentationDelay");
  for (const pugi::xml_node timing : root.children("UTCTiming")) {
    if (manifest_.utc_timings.size() == kMostUtcTimings) break;
    manifest_.utc_timings.push_back({.scheme = fields_.text(timing, "schemeIdUri"), .value = fields_.text(timing, "value")});
  }
  manifest_.location = trimmed(root.child("Location").text().get());
  manifest_.base_urls = base_urls_of(root, {}, fields_);
  if (manifest_.dynamic && !manifest_.availability_start) fields_.fail(root, "availabilityStartTime", "is missing in a dynamic MPD");
}

// Players list the segments of a fixed-duration template only where the period ends, so only there can the number get out of hand.
void MpdReader::check_fixed_durations(const pugi::xml_node& root) {
  for (const DashPeriod& period : manifest_.periods)
    for (const DashAdaptationSet& set : period.adaptation_sets)
      for (const DashRepresentation& representation : set.representations) {
        const DashSegmentTemplate& segments = representation.segments;
        const auto length = period.duration ? period.duration : manifest_.duration;
        if (manifest_.dynamic || !length || segments.duration == 0 || !segments.list.empty()) continue;
        const double count = base::to_seconds(*length) * static_cast<double>(segments.timescale) / static_cast<double>(segments.duration);
        if (count > static_cast<double>(kMostSegments))
          fields_.fail(root, "", fmt::format("representation {} has more than {} segments", representation.id, kMostSegments));
      }
}

base::Result<DashManifest> MpdReader::read(const pugi::xml_node& root) {
  places_.root = root.offset_debug();
  read_head(root);
  for (const pugi::xml_node period : root.children("Period")) {
    if (fields_.failed()) break;
    read_period(period);
  }
  if (manifest_.periods.empty()) fields_.fail(root, "", "has no Period");
  if (!fields_.failed()) check_fixed_durations(root);
  if (fields_.failed()) return base::error(fields_.problem());
  return std::move(manifest_);
}

}  // namespace

base::Result<base::UtcTime> parse_clock(std::string_view text) { return parse_utc(trimmed(text)); }

base::Result<DashManifest> parse_mpd(std::string_view text) {
  MpdPlaces places;
  return parse_mpd(text, places);
}

base::Result<DashManifest> parse_mpd(std::string_view text, MpdPlaces& places) {
  if (text.size() > kLargestManifest) return base::error("the MPD is larger than 32 MiB");
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) {
    const std::string_view before = text.substr(0, static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)));
    return base::error(
        fmt::format("line {}: not well-formed XML: {}", 1 + std::count(before.begin(), before.end(), '\n'), parsed.description()));
  }
  const pugi::xml_node root = document.document_element();
  if (root.name() != std::string_view{"MPD"})
    return base::error(fmt::format("the root element is \"{}\", not MPD", std::string_view{root.name()}.substr(0, 64)));
  MpdReader reader;
  auto manifest = reader.read(root);
  places = std::move(reader.places());
  return manifest;
}

}  // namespace media
