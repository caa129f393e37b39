#include "harness/engine/media3_queue.h"

#include <algorithm>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

// Of the run's segments, those with an end at `position` or before; `position` lies within the run.
std::int64_t whole_before(const Media3Queue::Run& run, base::Duration position) { return (position - run.start) / run.duration; }

}  // namespace

// So many segments of the run are left.
void Media3Queue::shorten(Run& run, std::int64_t count) {
  const base::ByteCount left = base::ByteCount::bytes(run.bytes.count() * count / run.count);
  bytes_ = bytes_ - run.bytes + left;
  run.bytes = left;
  run.count = static_cast<std::uint32_t>(count);
}

void Media3Queue::pop_back() {
  bytes_ = bytes_ - runs_.back().bytes;
  runs_.pop_back();
}

void Media3Queue::add(const Media3Chunk& chunk) {
  drop_from(chunk.start);
  bytes_ += base::ByteCount::bytes(chunk.bytes);
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (last.end() == chunk.start && last.duration == chunk.duration && last.rendition == chunk.rendition) {
      ++last.count;
      last.bytes += base::ByteCount::bytes(chunk.bytes);
      return;
    }
  }
  if (runs_.size() == runs_.capacity()) runs_.reserve(runs_.size() + 2);  // seldom more than a few: not twice as many
  runs_.push_back({.start = chunk.start,
                   .duration = chunk.duration,
                   .count = 1,
                   .rendition = chunk.rendition,
                   .bytes = base::ByteCount::bytes(chunk.bytes)});
}

void Media3Queue::drop_before(base::Duration position) {
  if (runs_.empty() || runs_.front().start + runs_.front().duration > position) return;
  const auto kept = std::find_if(runs_.begin(), runs_.end() - 1, [&](const Run& run) { return run.end() > position; });
  for (auto run = runs_.begin(); run != kept; ++run) bytes_ = bytes_ - run->bytes;
  runs_.erase(runs_.begin(), kept);
  Run& first = runs_.front();
  if (position <= first.start || first.duration.count() <= 0) return;
  const std::int64_t gone = std::min<std::int64_t>(whole_before(first, position), first.count - 1);
  first.start += gone * first.duration;
  shorten(first, first.count - gone);
}

void Media3Queue::drop_from(base::Duration position) {
  while (!runs_.empty() && runs_.back().start >= position) pop_back();
  if (runs_.empty() || runs_.back().last_start() < position) return;
  Run& last = runs_.back();
  const std::int64_t kept = whole_before(last, position);
  shorten(last, last.start + kept * last.duration < position ? kept + 1 : kept);
}

void Media3Queue::on_ladder(const LadderChange& change) {
  for (Run& run : runs_) run.rendition = static_cast<std::uint32_t>(change.nearest(run.rendition));
}

}  // namespace harness
