#include "harness/player/track.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "media/dash.h"

namespace harness {
namespace {

// GCC's extension; pedantic mode wants it marked.
__extension__ using Wide = __int128;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

// A division of 128 bits is dear, and hardly ever needed.
Wide divided(Wide number, std::int64_t by) {
  const auto narrow = static_cast<std::int64_t>(number);
  return narrow == number ? Wide{narrow / by} : number / by;
}

Wide in_ticks(Wide nanoseconds, std::int64_t timescale) {
  return timescale == kNanoseconds ? nanoseconds : divided(nanoseconds * timescale, kNanoseconds);
}

base::Duration clamped(Wide nanoseconds, base::Duration limit) {
  return base::Duration{static_cast<std::int64_t>(std::clamp<Wide>(nanoseconds, -limit.count(), limit.count()))};
}

// A segment that reaches less than this beyond the cursor counts as behind it: timelines of variants differ by rounding.
base::Duration tolerance(base::Duration segment) { return std::min<base::Duration>(std::chrono::milliseconds{100}, segment / 2); }

Segment segment_of(const SegmentRun& run, std::int64_t i, base::Duration start, base::Duration duration) {
  return {.number = run.number + i,
          .start = start,
          .duration = duration,
          .time = run.time + i * run.ticks,
          .source = run.source,
          .gap = run.gap};
}

}  // namespace

bool SegmentRun::is_continued_by(const SegmentRun& next) const {
  return ticks == next.ticks && source == next.source && gap == next.gap && by_clock == next.by_clock && number + count == next.number &&
         time + count * ticks == next.time;
}

Track::Track() {
  static const auto nothing = std::make_shared<Listed>();
  listed_ = nothing;
}

Track Track::moved(base::Duration later) const {
  Track there = *this;
  there.shift_ += later;
  return there;
}

Track::Listed& Track::changed() {
  if (listed_.use_count() > 1) listed_ = std::make_shared<Listed>(*listed_);
  return *listed_;
}

void Track::add(const SegmentRun& run) {
  Listed& mine = changed();
  ENSURE(run.ticks > 0 && run.count > 0 && run.source < mine.sources.size());
  if (!mine.runs.empty() && mine.runs.back().is_continued_by(run)) {
    mine.runs.back().count += run.count;
  } else {
    mine.runs.push_back(run);
  }
  measure(mine, mine.runs.size() - 1);
}

// Where the run lies, which is new or longer than it was.
void Track::measure(Listed& listed, std::size_t index) {
  const SegmentRun& run = listed.runs[index];
  const base::Duration start = unplaced(listed, run, run.time);
  listed.spans.resize(std::max(listed.spans.size(), index + 1));
  listed.spans[index] = {start, unplaced(listed, run, run.time + run.count * run.ticks)};
  listed.longest = std::max<base::Duration>(listed.longest, unplaced(listed, run, run.time + run.ticks) - start);
}

std::uint32_t Track::add(SegmentSource source) {
  ENSURE(source.timescale > 0);
  Listed& mine = changed();
  auto& sources = mine.sources;
  mine.unread += source.index ? 1 : 0;
  sources.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources.size() - 1);
}

void Track::list(std::int64_t first, UriSet uris, std::vector<std::optional<media::ByteRange>> ranges, std::uint32_t source) {
  changed().uris.push_back({.source = source, .first = first, .uris = std::move(uris), .ranges = std::move(ranges)});
}

const Track::UriList& Track::uris_of(std::uint32_t source) const {
  const auto& all = listed_->uris;
  const auto own = std::find_if(all.begin(), all.end(), [&](const UriList& each) { return each.source == source; });
  return own == all.end() ? all.back() : *own;
}

bool Track::has_inits_of(const Track& other) const {
  const auto same = [](const SegmentSource& a, const SegmentSource& b) { return a.init == b.init; };
  return std::ranges::equal(listed_->sources, other.listed_->sources, same);
}

std::optional<std::uint32_t> Track::unread() const {
  if (listed_->unread == 0) return std::nullopt;
  for (std::size_t i = 0; i < listed_->sources.size(); ++i) {
    if (listed_->sources[i].index) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

void Track::read(std::uint32_t source, std::int64_t timescale, const std::vector<SegmentRun>& runs, std::vector<std::int64_t> edges) {
  Listed& mine = changed();
  ENSURE(mine.sources[source].index && timescale > 0);
  std::vector<SegmentRun> others = std::exchange(mine.runs, {});
  const auto later = std::find_if(others.begin(), others.end(), [&](const SegmentRun& run) { return run.source > source; });
  mine.runs.assign(others.begin(), later);
  mine.sources[source].timescale = timescale;
  mine.sources[source].index.reset();
  --mine.unread;
  mine.sources[source].edges = std::move(edges);
  for (const SegmentRun& run : runs) add(run);
  mine.runs.insert(mine.runs.end(), later, others.end());
  mine.spans.clear();
  mine.longest = {};
  for (std::size_t i = 0; i < mine.runs.size(); ++i) measure(mine, i);
}

base::Duration Track::unplaced(const Listed& listed, const SegmentRun& run, std::int64_t ticks) {
  const SegmentSource& source = listed.sources[run.source];
  const Wide since = source.timescale == kNanoseconds ? Wide{ticks} : divided(Wide{ticks} * kNanoseconds, source.timescale);
  return clamped(Wide{source.shift.count()} + since, 2 * kForever);
}

base::Duration Track::placed(base::Duration unplaced) const { return clamped(Wide{unplaced.count()} + shift_.count(), kForever); }

Segment Track::nth(const SegmentRun& run, std::int64_t i) const {
  const base::Duration start = presented(run, run.time + i * run.ticks);
  return segment_of(run, i, start, presented(run, run.time + (i + 1) * run.ticks) - start);
}

// Of a run that starts there.
std::int64_t Track::existing(const SegmentRun& run, base::Duration start, base::Duration clock) const {
  if (!run.by_clock) return run.count;
  const Wide since = Wide{clock.count()} - start.count();
  if (since <= 0) return 0;
  const Wide whole = divided(in_ticks(since, listed_->sources[run.source].timescale), run.ticks);
  return static_cast<std::int64_t>(std::min<Wide>(whole, run.count));
}

std::optional<Segment> Track::find(base::Duration cursor, base::Duration clock, Gaps gaps) const {
  for (std::size_t at = 0; at < listed_->runs.size(); ++at) {
    const SegmentRun& run = listed_->runs[at];
    if (!run.by_clock && placed(listed_->spans[at].end) <= cursor) continue;
    const base::Duration begins = placed(listed_->spans[at].start);
    const std::int64_t count = existing(run, begins, clock);
    if (count == 0 || (run.gap && gaps == Gaps::kPassed)) continue;
    const Wide behind = Wide{cursor.count()} - begins.count();
    const Wide guess = divided(in_ticks(behind, listed_->sources[run.source].timescale), run.ticks) - 1;
    const auto first = static_cast<std::int64_t>(std::clamp<Wide>(guess, 0, count));
    base::Duration start = first == 0 ? begins : presented(run, run.time + first * run.ticks);
    for (std::int64_t i = first; i < count; ++i) {
      const base::Duration end = presented(run, run.time + (i + 1) * run.ticks);
      const base::Duration duration = end - start;
      if (duration.count() <= 0) break;
      if (end - cursor > tolerance(duration)) return segment_of(run, i, start, duration);
      start = end;
    }
  }
  return std::nullopt;
}

std::optional<Segment> Track::numbered(std::int64_t number, base::Duration start) const {
  std::optional<Segment> nearest;
  for (const SegmentRun& run : listed_->runs) {
    if (number < run.number || number - run.number >= run.count) continue;
    const Segment each = nth(run, number - run.number);
    if (!nearest || std::chrono::abs(each.start - start) < std::chrono::abs(nearest->start - start)) nearest = each;
  }
  return nearest;
}

base::Duration Track::start() const { return empty() ? base::Duration{} : placed(listed_->spans.front().start); }

base::Duration Track::end(base::Duration clock) const {
  for (std::size_t at = listed_->runs.size(); at-- > 0;) {
    const SegmentRun& run = listed_->runs[at];
    if (!run.by_clock) return placed(listed_->spans[at].end);
    const std::int64_t count = existing(run, placed(listed_->spans[at].start), clock);
    if (count > 0) return presented(run, run.time + count * run.ticks);
  }
  return start();
}

std::int64_t Track::last_number() const { return empty() ? -1 : listed_->runs.back().number + listed_->runs.back().count - 1; }

bool Track::is_by_clock() const {
  return std::any_of(listed_->runs.begin(), listed_->runs.end(), [](const SegmentRun& run) { return run.by_clock; });
}

std::string Track::uri(const Segment& segment) const {
  const SegmentSource& source = listed_->sources[segment.source];
  if (!source.pattern.empty()) {
    media::DashRepresentation representation;
    representation.id = source.representation;
    representation.bandwidth = source.bandwidth;
    return media::fill_template(source.pattern, representation, segment.number, segment.time);
  }
  if (!source.edges.empty()) return {};
  const UriList& list = uris_of(segment.source);
  return list.uris.at(static_cast<std::size_t>(segment.number - list.first));
}

std::optional<media::ByteRange> Track::range(const Segment& segment) const {
  const SegmentSource& source = listed_->sources[segment.source];
  if (!source.pattern.empty()) return std::nullopt;
  if (!source.edges.empty()) {
    const auto at = static_cast<std::size_t>(segment.number - source.first);
    return media::ByteRange{.offset = source.edges[at], .length = source.edges[at + 1] - source.edges[at]};
  }
  const UriList& list = uris_of(segment.source);
  return list.ranges.empty() ? std::nullopt : list.ranges[static_cast<std::size_t>(segment.number - list.first)];
}

}  // namespace harness
