#include "media/mpd_segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/text_fields.h"
#include "media/url.h"

namespace media {
namespace {

constexpr std::size_t kLongestBaseUrl = 2'048;

bool is_absolute(std::string_view url) { return url.find("://") != std::string_view::npos && url.find("://") < url.find_first_of("/?#$"); }

// A relative base stays relative: the manifest's own URL, which is not known here, completes it later.
std::string joined(const std::string& base, const std::string& reference) {
  if (base.empty() || reference.empty() || is_absolute(reference)) return reference.empty() ? base : reference;
  if (is_absolute(base)) return resolve_url(base, reference);
  if (reference.front() == '/') return reference;
  return base.substr(0, base.rfind('/') + 1) + reference;
}

std::int64_t read_repeat(const pugi::xml_node& s, MpdFields& fields) {
  const std::string_view text = trimmed(s.attribute("r").value());
  if (text.starts_with('-') && parse_whole(text.substr(1)).value_or(0) > 0) return -1;
  return fields.whole(s, "r", 0);
}

// Where the entry after `last` starts unless it says so itself.
std::optional<std::int64_t> end_of(const DashTimelineEntry& last) {
  std::int64_t count = 0, length = 0, end = 0;
  if (last.repeat < 0 || __builtin_add_overflow(last.repeat, 1, &count) || __builtin_mul_overflow(last.duration, count, &length) ||
      __builtin_add_overflow(last.start, length, &end))
    return std::nullopt;
  return end;
}

DashTimelineEntry read_entry(const pugi::xml_node& s, const std::vector<DashTimelineEntry>& before, MpdFields& fields) {
  DashTimelineEntry entry{.start = 0, .duration = fields.whole(s, "d", 0), .repeat = read_repeat(s, fields)};
  if (entry.duration == 0) fields.fail(s, "d", "must be a positive number");
  if (const auto start = fields.whole(s, "t")) {
    entry.start = *start;
  } else if (!before.empty()) {
    const auto end = end_of(before.back());
    if (!end) fields.fail(s, "t", "is missing after an open-ended S");
    entry.start = end.value_or(0);
  }
  if (entry.repeat >= 0 && !end_of(entry)) fields.fail(s, "r", "reaches beyond any timeline");
  return entry;
}

std::vector<DashTimelineEntry> read_timeline(const pugi::xml_node& timeline, MpdFields& fields) {
  std::vector<DashTimelineEntry> entries;
  std::int64_t segments = 0;
  for (const pugi::xml_node s : timeline.children("S")) {
    entries.push_back(read_entry(s, entries, fields));
    if (fields.failed()) return {};
    const std::int64_t more = std::max<std::int64_t>(entries.back().repeat, 0);
    segments += std::min(more, kMostSegments) + 1;
    if (segments > kMostSegments) fields.fail(s, "", fmt::format("more than {} segments", kMostSegments));
  }
  if (entries.empty()) fields.fail(timeline, "", "has no S");
  return entries;
}

void merge_addressing(DashSegmentTemplate& segments, const pugi::xml_node& node, MpdFields& fields) {
  if (const auto duration = fields.whole(node, "duration")) {
    segments.duration = *duration;
    segments.timeline.clear();
  }
  if (const pugi::xml_node timeline = node.child("SegmentTimeline")) {
    segments.timeline = read_timeline(timeline, fields);
    segments.duration = 0;
  }
}

void merge(DashSegmentTemplate& segments, const pugi::xml_node& node, MpdFields& fields) {
  fields.check_attribute_count(node);
  if (node.attribute("media")) segments.media = fields.text(node, "media");
  if (node.attribute("initialization"))
    segments.initialization = fields.text(node, "initialization");
  else if (const pugi::xml_node element = node.child("Initialization")) {
    if (element.attribute("range")) fields.fail(element, "range", "is not supported; give the init segment its own file");
    segments.initialization = fields.required_text(element, "sourceURL");
  }
  segments.timescale = fields.whole(node, "timescale", segments.timescale);
  if (segments.timescale == 0 || segments.timescale > UINT32_MAX) fields.fail(node, "timescale", "must be a positive 32-bit number");
  segments.start_number = fields.whole(node, "startNumber", segments.start_number);
  segments.presentation_time_offset = fields.whole(node, "presentationTimeOffset", segments.presentation_time_offset);
  merge_addressing(segments, node, fields);
}

}  // namespace

MpdInherited inherit(const MpdInherited& above, const pugi::xml_node& node, MpdFields& fields) {
  fields.check_attribute_count(node);
  for (const char* unsupported : {"SegmentBase", "SegmentList"})
    if (node.child(unsupported)) fields.fail(node.child(unsupported), "", "is not supported; only SegmentTemplate is");
  if (node.child("ContentProtection")) fields.fail(node.child("ContentProtection"), "", "encrypted content is not supported");
  MpdInherited own = above;
  if (const pugi::xml_node base = node.child("BaseURL")) own.base_url = joined(above.base_url, std::string{trimmed(base.text().get())});
  if (own.base_url.size() > kLongestBaseUrl) fields.fail(node.child("BaseURL"), "", "is too long");
  if (const pugi::xml_node segments = node.child("SegmentTemplate")) merge(own.segments, segments, fields);
  return fields.failed() ? MpdInherited{} : own;
}

DashSegmentTemplate resolved_template(const MpdInherited& inherited, const pugi::xml_node& representation, MpdFields& fields) {
  DashSegmentTemplate segments = inherited.segments;
  if (segments.media.empty()) fields.fail(representation, "", "has no SegmentTemplate with @media; other addressing is not supported");
  if (segments.timeline.empty() && segments.duration == 0)
    fields.fail(representation, "", "its SegmentTemplate has neither @duration nor a SegmentTimeline");
  segments.media = joined(inherited.base_url, segments.media);
  if (!segments.initialization.empty()) segments.initialization = joined(inherited.base_url, segments.initialization);
  return segments;
}

}  // namespace media
