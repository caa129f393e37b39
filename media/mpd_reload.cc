#include "media/mpd_reload.h"

#include <algorithm>
#include <optional>

#include "media/mpd_places.h"
#include "media/mpd_segments.h"
#include "media/text_fields.h"

namespace media {
namespace {

using Spot = MpdReading::Spot;

constexpr std::string_view kTimeline = "SegmentTimeline>", kTimelineEnd = "</SegmentTimeline>", kPublishTime = "publishTime=\"";
constexpr std::size_t kLongestValue = 64;  // more than any number or time has
constexpr std::size_t kShortestEntry = 8;  // bytes; <S d="1"/> has two more

bool take(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

// True: there were some.
bool take_blanks(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && std::string_view{" \t\r\n"}.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  return text.size() < before;
}

struct WrittenEntry {
  std::optional<std::int64_t> t, d, r;
};

// `d="9"`; each at most once.
bool take_attribute(std::string_view& text, WrittenEntry& entry) {
  if (text.empty()) return false;
  std::optional<std::int64_t>* value = text.front() == 't'   ? &entry.t
                                       : text.front() == 'd' ? &entry.d
                                       : text.front() == 'r' ? &entry.r
                                                             : nullptr;
  text.remove_prefix(1);
  if (value == nullptr || *value || !take(text, "=\"")) return false;
  const bool negative = value == &entry.r && take(text, "-");
  const std::size_t quote = std::min(text.find('"'), text.size());
  if (quote > kLongestValue) return false;
  *value = parse_whole(text.substr(0, quote));
  text.remove_prefix(std::min(quote + 1, text.size()));
  if (negative && *value) *value = **value > 0 ? std::optional<std::int64_t>{-1} : std::nullopt;
  return value->has_value();
}

std::optional<WrittenEntry> take_entry(std::string_view& text) {
  WrittenEntry entry;
  if (!take(text, "<S")) return std::nullopt;
  while (true) {
    const bool apart = take_blanks(text);
    if (take(text, "/>")) return entry;
    if (!apart || !take_attribute(text, entry)) return std::nullopt;
  }
}

// Of a timeline that is written plainly and is sound; anything else is left to parse_mpd().
std::optional<std::vector<DashTimelineEntry>> read_entries(std::string_view text) {
  std::vector<DashTimelineEntry> entries;
  std::int64_t segments = 0;
  for (take_blanks(text); !text.empty(); take_blanks(text)) {
    const auto written = take_entry(text);
    if (!written || written->d.value_or(0) == 0) return std::nullopt;
    const auto follows = entries.empty() ? std::optional<std::int64_t>{0} : end_of(entries.back());
    if (!written->t && !follows) return std::nullopt;
    entries.push_back({.start = written->t ? *written->t : *follows, .duration = *written->d, .repeat = written->r.value_or(0)});
    if (entries.back().repeat >= 0 && !end_of(entries.back())) return std::nullopt;
    segments += std::clamp<std::int64_t>(entries.back().repeat, 0, kMostSegments) + 1;
    if (segments > kMostSegments) return std::nullopt;
  }
  if (entries.empty()) return std::nullopt;
  return entries;
}

std::optional<base::UtcTime> read_time(std::string_view text) {
  if (text.size() > kLongestValue) return std::nullopt;
  const auto time = parse_utc(text);
  return time.has_value() ? std::optional{*time} : std::nullopt;
}

template <class Manifest>
auto representations_of(Manifest& manifest) {
  std::vector<decltype(&manifest.periods[0].adaptation_sets[0].representations[0])> all;
  for (auto& period : manifest.periods)
    for (auto& set : period.adaptation_sets)
      for (auto& representation : set.representations) all.push_back(&representation);
  return all;
}

// pugixml has read it byte for byte: offsets in what it read are offsets in the text.
bool is_read_as_it_is(std::string_view text) {
  if (text.size() < 2 || text[0] != '<' || text[1] == '\0') return false;
  const std::string_view head = text.substr(0, text.starts_with("<?xml") ? text.find("?>") : 0);
  return head.find("encoding") == std::string_view::npos || head.find("encoding=\"UTF-8\"") != std::string_view::npos ||
         head.find("encoding=\"utf-8\"") != std::string_view::npos;
}

// In the root's tag and in no other value: one in double quotes would end where this begins, and no time would follow.
std::optional<Spot> spot_of_publish_time(std::string_view text, std::ptrdiff_t root) {
  if (root < 0) return std::nullopt;
  const auto tag = static_cast<std::size_t>(root);
  const std::size_t found = text.find(kPublishTime, tag);
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(tag, found - tag);
  if (before.find_first_of(">'") != std::string_view::npos || trimmed(before).size() == before.size()) return std::nullopt;
  const std::size_t begin = found + kPublishTime.size(), end = text.find('"', begin);
  if (end == std::string_view::npos || !read_time(text.substr(begin, end - begin))) return std::nullopt;
  return Spot{.begin = begin, .end = end, .representations = {}};
}

std::optional<Spot> spot_of_timeline(std::string_view text, std::ptrdiff_t name, const std::vector<DashTimelineEntry>& entries) {
  if (name < 0 || static_cast<std::size_t>(name) > text.size()) return std::nullopt;
  const auto at = static_cast<std::size_t>(name);
  if (!text.substr(at).starts_with(kTimeline)) return std::nullopt;
  const std::size_t begin = at + kTimeline.size(), end = text.find(kTimelineEnd, begin);
  if (end == std::string_view::npos || read_entries(text.substr(begin, end - begin)) != entries) return std::nullopt;
  return Spot{.begin = begin, .end = end, .representations = {}};
}

std::vector<Spot> find_spots(std::string_view text, const MpdPlaces& places, const DashManifest& manifest) {
  if (!is_read_as_it_is(text)) return {};
  std::vector<Spot> spots;
  if (const auto spot = spot_of_publish_time(text, places.root)) spots.push_back(*spot);
  const auto representations = representations_of(manifest);
  std::ptrdiff_t last = -1;
  for (std::size_t i = 0; i < representations.size(); ++i) {
    const std::ptrdiff_t place = places.timelines[i];
    if (place < 0) continue;
    if (place == last) {
      spots.back().representations.push_back(static_cast<std::uint32_t>(i));
      continue;
    }
    auto spot = spot_of_timeline(text, place, representations[i]->segments.timeline);
    // Not in the order of the representations, or one that others use, too: rare enough to be read as a whole.
    if (!spot || (!spots.empty() && spot->begin <= spots.back().end)) return {};
    spot->representations.push_back(static_cast<std::uint32_t>(i));
    spots.push_back(*std::move(spot));
    last = place;
  }
  return spots;
}

// Where the spots are in a text that is the same elsewhere; nothing: it is not.
std::optional<std::vector<Spot>> same_elsewhere(std::string_view text, const MpdReading& before) {
  const std::string_view known = before.text;
  std::vector<Spot> spots = before.spots;
  std::size_t at = 0, from = 0;
  for (Spot& spot : spots) {
    const std::string_view same = known.substr(from, spot.begin - from);
    if (!text.substr(at).starts_with(same)) return std::nullopt;
    from = spot.end;
    spot.begin = at + same.size();
    spot.end = at = text.find(spot.representations.empty() ? "\"" : kTimelineEnd, spot.begin);
    if (at == std::string_view::npos) return std::nullopt;
  }
  if (text.substr(at) != known.substr(from)) return std::nullopt;
  return spots;
}

std::optional<MpdReading> read_again(const base::SharedText& text, const MpdReading& before) {
  if (before.spots.empty()) return std::nullopt;
  auto spots = same_elsewhere(text, before);
  if (!spots) return std::nullopt;
  MpdReading reading{.text = text, .manifest = before.manifest, .spots = *std::move(spots)};
  const auto representations = representations_of(reading.manifest);
  if (text.size() / kShortestEntry * representations.size() > kMostTimelineEntries) return std::nullopt;
  for (const Spot& spot : reading.spots) {
    const std::string_view said = std::string_view{text}.substr(spot.begin, spot.end - spot.begin);
    if (spot.representations.empty()) {
      reading.manifest.publish_time = read_time(said);
      if (!reading.manifest.publish_time) return std::nullopt;
      continue;
    }
    const auto entries = read_entries(said);
    if (!entries) return std::nullopt;
    for (const std::uint32_t i : spot.representations) representations[i]->segments.timeline = *entries;
  }
  return reading;
}

}  // namespace

base::Result<MpdReading> read_mpd(const base::SharedText& text, const MpdReading* before) {
  if (before != nullptr)
    if (auto again = read_again(text, *before)) return *std::move(again);
  MpdPlaces places;
  auto manifest = parse_mpd(text, places);
  if (!manifest.has_value()) return manifest.error();
  auto spots = find_spots(text, places, *manifest);
  return MpdReading{.text = text, .manifest = std::move(*manifest), .spots = std::move(spots)};
}

}  // namespace media
