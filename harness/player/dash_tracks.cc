#include "harness/player/dash_tracks.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/sidx.h"

namespace harness {
namespace {

using media::DashPeriod;
using media::DashRepresentation;
using media::DashTimelineEntry;

constexpr std::int64_t kMostSegments = std::int64_t{1} << 31;
constexpr std::int64_t kFarthestTick = std::int64_t{1} << 61;

struct PeriodSpan {
  base::Duration start{};
  std::optional<base::Duration> length;  // absent: open
  bool dynamic = false;
};

base::Duration sane(base::Duration time) { return std::clamp(time, base::Duration{}, kForever); }

PeriodSpan span_of(const media::DashManifest& manifest, std::size_t i) {
  const DashPeriod& period = manifest.periods[i];
  PeriodSpan span{.start = sane(period.start), .length = period.duration, .dynamic = manifest.dynamic};
  if (!span.length && i + 1 < manifest.periods.size()) span.length = sane(manifest.periods[i + 1].start) - span.start;
  if (!span.length && manifest.duration) span.length = sane(*manifest.duration) - span.start;
  if (span.length) span.length = sane(*span.length);
  return span;
}

const media::DashAdaptationSet* first_of(const DashPeriod& period, std::string_view type) {
  for (const media::DashAdaptationSet& set : period.adaptation_sets) {
    if (set.content_type == type && !set.representations.empty()) return &set;
  }
  return nullptr;
}

std::int64_t in_ticks(base::Duration time, std::int64_t timescale) {
  const double ticks = base::to_seconds(time) * static_cast<double>(timescale);
  return ticks >= static_cast<double>(kFarthestTick) ? kFarthestTick : static_cast<std::int64_t>(ticks + 0.5);
}

base::Duration from_ticks(std::int64_t ticks, std::int64_t timescale) {
  const double seconds = static_cast<double>(ticks) / static_cast<double>(timescale);
  return base::from_seconds(std::clamp(seconds, -3e9, 3e9));
}

std::int64_t tick(std::int64_t value) { return std::clamp<std::int64_t>(value, 0, kFarthestTick); }

// Small enough that no later arithmetic on ticks overflows.
std::int64_t bounded(std::int64_t count, std::int64_t ticks) {
  return std::clamp<std::int64_t>(count, 0, std::min(kMostSegments, kFarthestTick / ticks));
}

// Adds the runs of one representation in one period.
class RunWriter {
 public:
  RunWriter(Track& track, const DashRepresentation& representation, const PeriodSpan& span)
      : track_{track}, segments_{representation.segments}, span_{span}, timescale_{std::max<std::int64_t>(segments_.timescale, 1)} {
    SegmentSource source;
    source.timescale = timescale_;
    source.shift = span.start - from_ticks(segments_.presentation_time_offset, timescale_);
    if (!segments_.initialization.empty() || segments_.initialization_range)
      source.init =
          Address{.uri = media::fill_template(segments_.initialization, representation, 0, 0), .range = segments_.initialization_range};
    source.pattern = segments_.media;
    source.bases = representation.base_urls;
    source.first = tick(segments_.start_number);
    source.index = segments_.index;
    if (span.length) source.until = span.start + *span.length;
    source.representation = representation.id;
    source.bandwidth = representation.bandwidth;
    source_ = track.add(std::move(source));
    number_ = tick(segments_.start_number);
  }

  // False: the segments have no end.
  bool write() {
    if (segments_.index) return true;
    if (!segments_.list.empty()) return write_list();
    return segments_.timeline.empty() ? write_numbered() : write_timeline();
  }

 private:
  bool write_list() {
    const auto count = static_cast<std::int64_t>(segments_.list.size());
    left_ = count;
    const std::int64_t first = number_;
    if (segments_.timeline.empty())
      add(tick(segments_.presentation_time_offset), segments_.duration, count, false);
    else
      write_timeline();
    std::vector<std::string_view> uris;
    std::vector<std::optional<media::ByteRange>> ranges;
    for (const media::DashSegmentUrl& url : segments_.list) {
      uris.push_back(url.media);
      ranges.push_back(url.range);
    }
    if (std::none_of(ranges.begin(), ranges.end(), [](const auto& range) { return range.has_value(); })) ranges.clear();
    track_.list(first, UriSet{uris}, std::move(ranges), source_);
    return true;
  }

  bool write_timeline() {
    for (std::size_t i = 0; i < segments_.timeline.size(); ++i) {
      const DashTimelineEntry& entry = segments_.timeline[i];
      if (entry.duration <= 0 || entry.duration > kFarthestTick || entry.start < 0 || entry.start > kFarthestTick) continue;
      const std::optional<std::int64_t> until =
          i + 1 < segments_.timeline.size() ? std::optional{tick(segments_.timeline[i + 1].start)} : period_end();
      if (entry.repeat >= 0)
        add(entry.start, entry.duration, bounded(entry.repeat, entry.duration) + 1, false);
      else if (until)
        add(entry.start, entry.duration, bounded((*until - entry.start + entry.duration - 1) / entry.duration, entry.duration), false);
      else if (span_.dynamic)
        add(entry.start, entry.duration, bounded(kMostSegments, entry.duration), true);
      else
        return false;
    }
    return true;
  }

  bool write_numbered() {
    const std::int64_t ticks = segments_.duration;
    if (ticks <= 0 || ticks > kFarthestTick) return false;
    const std::int64_t start = tick(segments_.presentation_time_offset);
    if (!span_.length) {
      if (span_.dynamic) add(start, ticks, bounded(kMostSegments, ticks), true);
      return span_.dynamic;
    }
    const std::int64_t length = in_ticks(*span_.length, timescale_);
    const std::int64_t whole = bounded(length / ticks, ticks);
    add(start, ticks, whole, span_.dynamic);
    if (length % ticks > timescale_ / 100) add(start + whole * ticks, length % ticks, 1, span_.dynamic);
    return true;
  }

  std::optional<std::int64_t> period_end() const {
    if (!span_.length) return std::nullopt;
    return tick(segments_.presentation_time_offset) + in_ticks(*span_.length, timescale_);
  }

  void add(std::int64_t time, std::int64_t ticks, std::int64_t count, bool by_clock) {
    count = std::min(count, left_);
    left_ -= std::max<std::int64_t>(count, 0);
    if (count <= 0 || ticks <= 0 || ticks > kFarthestTick) return;
    if (static_cast<double>(ticks) / static_cast<double>(timescale_) >= 1e-3) {
      track_.add({.number = number_, .count = count, .time = time, .ticks = ticks, .source = source_, .gap = false, .by_clock = by_clock});
    }
    number_ += count;
  }

  Track& track_;
  const media::DashSegmentTemplate& segments_;
  const PeriodSpan& span_;
  std::int64_t timescale_;
  std::uint32_t source_ = 0;
  std::int64_t number_ = 0;
  std::int64_t left_ = kMostSegments;  // of a list
};

std::vector<Rung> ladder_of(const media::DashAdaptationSet& set, int max_height) {
  std::vector<Rung> rungs;
  for (std::size_t i = 0; i < set.representations.size(); ++i) {
    rungs.push_back({.bandwidth = set.representations[i].bandwidth,
                     .average = set.representations[i].bandwidth,
                     .height = set.representations[i].height,
                     .url = {},
                     .origin = i});
  }
  return capped_ladder(std::move(rungs), max_height);
}

}  // namespace

base::Result<DashTracks> dash_tracks(const media::DashManifest& manifest, int max_height) {
  DashTracks tracks;
  for (std::size_t i = 0; i < manifest.periods.size(); ++i) {
    const PeriodSpan span = span_of(manifest, i);
    const media::DashAdaptationSet* audio = first_of(manifest.periods[i], "audio");
    const media::DashAdaptationSet* video = first_of(manifest.periods[i], "video");
    if (video == nullptr) std::swap(audio, video);
    if (video == nullptr) continue;
    if (video->representations.size() > kMostRungs)
      return base::error(fmt::format("the manifest lists more than {} renditions", kMostRungs));
    const std::vector<Rung> rungs = ladder_of(*video, max_height);
    if (tracks.ladder.empty()) {
      tracks.ladder = rungs;
      tracks.video.resize(rungs.size());
      if (audio != nullptr) tracks.audio.emplace();
    }
    for (std::size_t r = 0; r < tracks.video.size(); ++r) {
      const Rung& rung = rungs[std::min(r, rungs.size() - 1)];
      if (!RunWriter{tracks.video[r], video->representations[rung.origin], span}.write())
        return base::error("a static manifest lists segments without an end");
    }
    if (audio != nullptr && tracks.audio && !RunWriter{*tracks.audio, audio->representations.front(), span}.write()) {
      return base::error("a static manifest lists audio segments without an end");
    }
  }
  if (tracks.ladder.empty()) return base::error("the manifest lists no video and no audio representation");
  const auto is_empty = [](const Track& track) { return track.empty() && !track.unread(); };
  const bool empty = std::any_of(tracks.video.begin(), tracks.video.end(), is_empty) || (tracks.audio && is_empty(*tracks.audio));
  if (!manifest.dynamic && empty) return base::error("the manifest lists no segment that can be played");
  return tracks;
}

base::Result<void> read_index(Track& track, std::string_view bytes, bool partial) {
  const std::uint32_t at = track.unread().value();
  const SegmentSource& source = track.source(at);
  const media::ByteRange range = *source.index;
  if (!partial) {
    if (std::ssize(bytes) < range.offset + range.length)
      return base::error("the server sent neither the range asked for nor a file that holds it");
    bytes = bytes.substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.length));
  }
  const auto index = media::read_sidx(bytes);
  if (!index.has_value()) return index.error();
  std::vector<SegmentRun> runs;
  std::vector<std::int64_t> edges{range.offset + index->first_byte};
  std::int64_t number = source.first, time = index->start;
  for (const media::SegmentIndex::Entry& entry : index->entries) {
    const bool inside = !source.until || source.shift + from_ticks(time, index->timescale) < *source.until;
    if (inside && static_cast<double>(entry.duration) / static_cast<double>(index->timescale) >= 1e-3)
      runs.push_back({.number = number, .count = 1, .time = time, .ticks = entry.duration, .source = at});
    edges.push_back(edges.back() + entry.bytes);
    time += entry.duration;
    ++number;
  }
  if (runs.empty()) return base::error("the segment index lists nothing that can be played");
  track.read(at, index->timescale, runs, std::move(edges));
  return {};
}

}  // namespace harness
