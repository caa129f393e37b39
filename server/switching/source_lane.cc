#include "server/switching/source_lane.h"

#include <utility>

namespace server {
namespace {

constexpr std::size_t kEarlyBlocks = 64;

}  // namespace

void SourceLane::connect() {
  clock_.connect();
  early_.clear();
  latest_.clear();
}

void SourceLane::take(base::Duration now, VideoFrame frame, base::Duration earliest, std::optional<base::UtcTime> capture_zero) {
  std::optional<base::Duration> aligned;
  if (capture_zero && frame.captured) aligned = *frame.captured - *capture_zero;
  const base::Duration at = clock_.picture(now, frame.timestamp, earliest, aligned);
  for (AudioBlock& block : std::exchange(early_, {})) {
    const base::Duration when = *clock_.media_time_of(block.timestamp);
    keep(when, std::move(block));
  }
  keep(at, std::move(frame));
}

void SourceLane::take(AudioBlock block) {
  if (const auto at = clock_.media_time_of(block.timestamp)) return keep(*at, std::move(block));
  early_.push_back(std::move(block));
  if (early_.size() > kEarlyBlocks) early_.pop_front();
}

void SourceLane::keep(base::Duration at, std::variant<VideoFrame, AudioBlock> media) {
  latest_.push_back({at, std::move(media)});
  while (latest_.front().at + kept_ < at) latest_.pop_front();
}

std::vector<SourceLane::Timed> SourceLane::hand_over(base::Duration from) {
  std::vector<Timed> out;
  for (Timed& timed : std::exchange(latest_, {})) {
    if (timed.at >= from) out.push_back(std::move(timed));
  }
  return out;
}

}  // namespace server
