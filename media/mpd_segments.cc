#include "media/mpd_segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/text_fields.h"
#include "media/url.h"

namespace media {
namespace {

constexpr std::size_t kLongestBaseUrl = 2'048;
constexpr std::int64_t kFarthestByte = std::int64_t{1} << 61;
constexpr std::size_t kMostBaseUrls = 8;  // nested alternatives multiply; no player gets that far

bool is_absolute(std::string_view url) { return url.find("://") != std::string_view::npos && url.find("://") < url.find_first_of("/?#$"); }

std::int64_t read_repeat(const pugi::xml_node& s, MpdFields& fields) {
  const std::string_view text = trimmed(s.attribute("r").value());
  if (text.starts_with('-') && parse_whole(text.substr(1)).value_or(0) > 0) return -1;
  return fields.whole(s, "r", 0);
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

void merge_addressing(MpdInherited& own, const pugi::xml_node& node, MpdFields& fields) {
  DashSegmentTemplate& segments = own.segments;
  if (const auto duration = fields.whole(node, "duration")) {
    segments.duration = *duration;
    segments.timeline.clear();
  }
  if (const pugi::xml_node timeline = node.child("SegmentTimeline")) {
    segments.timeline = read_timeline(timeline, fields);
    segments.duration = 0;
    own.timeline = timeline;
  }
}

// "700-1899".
std::optional<ByteRange> read_range(const pugi::xml_node& node, const char* attribute, MpdFields& fields) {
  const std::string text = fields.text(node, attribute);
  if (text.empty()) return std::nullopt;
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto first = parse_whole(std::string_view{text}.substr(0, dash));
  const auto last = parse_whole(std::string_view{text}.substr(std::min(dash + 1, text.size())));
  if (first && last && *first <= *last && *last < kFarthestByte) return ByteRange{.offset = *first, .length = *last - *first + 1};
  fields.fail(node, attribute, fmt::format("\"{}\" is not a byte range such as 0-699", text));
  return std::nullopt;
}

void merge_initialization(DashSegmentTemplate& segments, const pugi::xml_node& node, MpdFields& fields) {
  const pugi::xml_node element = node.child("Initialization");
  if (node.attribute("initialization")) {
    segments.initialization = fields.text(node, "initialization");
    segments.initialization_range.reset();
  } else if (element) {
    segments.initialization = fields.text(element, "sourceURL");
    segments.initialization_range = read_range(element, "range", fields);
    if (segments.initialization.empty() && !segments.initialization_range) fields.fail(element, "sourceURL", "is missing");
  }
}

void merge_list(DashSegmentTemplate& segments, const pugi::xml_node& node, MpdFields& fields) {
  if (!node.child("SegmentURL")) return;
  segments.list.clear();
  for (const pugi::xml_node url : node.children("SegmentURL")) {
    fields.check_attribute_count(url);
    segments.list.push_back({.media = fields.text(url, "media"), .range = read_range(url, "mediaRange", fields)});
    if (segments.list.back().media.empty() && !segments.list.back().range) fields.fail(url, "", "has neither media nor mediaRange");
    if (std::ssize(segments.list) > kMostSegments) fields.fail(url, "", fmt::format("more than {} segments", kMostSegments));
    if (fields.failed()) return;
  }
}

// Without what an index does not need.
DashSegmentTemplate by_index(DashSegmentTemplate segments) {
  DashSegmentTemplate out;
  out.initialization = std::move(segments.initialization);
  out.initialization_range = segments.initialization_range;
  out.timescale = segments.timescale;
  out.presentation_time_offset = segments.presentation_time_offset;
  out.index = segments.index;
  return out;
}

void merge(MpdInherited& own, const pugi::xml_node& node, MpdFields& fields) {
  DashSegmentTemplate& segments = own.segments;
  fields.check_attribute_count(node);
  if (node.attribute("media")) segments.media = fields.text(node, "media");
  merge_initialization(segments, node, fields);
  segments.timescale = fields.whole(node, "timescale", segments.timescale);
  if (segments.timescale == 0 || segments.timescale > UINT32_MAX) fields.fail(node, "timescale", "must be a positive 32-bit number");
  segments.start_number = fields.whole(node, "startNumber", segments.start_number);
  segments.presentation_time_offset = fields.whole(node, "presentationTimeOffset", segments.presentation_time_offset);
  if (node.child("RepresentationIndex")) fields.refuse(node.child("RepresentationIndex"), "", "the segment index is a file of its own");
  merge_addressing(own, node, fields);
}

}  // namespace

std::optional<std::int64_t> end_of(const DashTimelineEntry& last) {
  std::int64_t count = 0, length = 0, end = 0;
  if (last.repeat < 0 || __builtin_add_overflow(last.repeat, 1, &count) || __builtin_mul_overflow(last.duration, count, &length) ||
      __builtin_add_overflow(last.start, length, &end))
    return std::nullopt;
  return end;
}

// A relative base stays relative: the manifest's own URL, which is not known here, completes it later.
std::string join_url(const std::string& base, const std::string& reference) {
  if (base.empty() || reference.empty() || is_absolute(reference)) return reference.empty() ? base : reference;
  if (is_absolute(base)) return resolve_url(base, reference);
  if (reference.front() == '/') return reference;
  return base.substr(0, base.rfind('/') + 1) + reference;
}

std::vector<std::string> base_urls_of(const pugi::xml_node& node, const std::vector<std::string>& above, MpdFields& fields) {
  if (!node.child("BaseURL")) return above;
  std::vector<std::string> own;
  for (const pugi::xml_node base : node.children("BaseURL")) {
    const std::string url{trimmed(base.text().get())};
    for (std::size_t i = 0; i < std::max<std::size_t>(above.size(), 1) && own.size() < kMostBaseUrls; ++i) {
      own.push_back(join_url(above.empty() ? std::string{} : above[i], url));
      if (own.back().size() > kLongestBaseUrl) fields.fail(base, "", "is too long");
    }
  }
  return fields.failed() ? std::vector<std::string>{} : own;
}

// A more specific element replaces what another kind of it above said.
MpdInherited inherit(const MpdInherited& above, const pugi::xml_node& node, MpdFields& fields) {
  fields.check_attribute_count(node);
  if (node.child("ContentProtection")) fields.refuse(node.child("ContentProtection"), "", "the stream is encrypted");
  MpdInherited own = above;
  DashSegmentTemplate& segments = own.segments;
  own.base_urls = base_urls_of(node, above.base_urls, fields);
  if (const pugi::xml_node element = node.child("SegmentTemplate")) {
    merge(own, element, fields);
    if (!segments.media.empty()) segments.list.clear(), segments.index.reset();
  } else if (const pugi::xml_node list = node.child("SegmentList")) {
    merge(own, list, fields);
    merge_list(segments, list, fields);
    if (!segments.list.empty()) segments.media.clear(), segments.index.reset();
  } else if (const pugi::xml_node base = node.child("SegmentBase")) {
    merge(own, base, fields);
    if (const auto range = read_range(base, "indexRange", fields)) segments.index = range;
    if (segments.index) segments = by_index(std::move(segments));
  }
  return fields.failed() ? MpdInherited{} : own;
}

void check_addressing(const DashSegmentTemplate& segments, const pugi::xml_node& representation, MpdFields& fields) {
  if (segments.index) return;
  if (segments.media.empty() && segments.list.empty())
    return fields.refuse(representation, "", "addressing without SegmentTemplate@media, SegmentURL or SegmentBase@indexRange");
  if (segments.timeline.empty() && segments.duration == 0)
    fields.fail(representation, "", "its segments have neither @duration nor a SegmentTimeline");
}

}  // namespace media
