#include "server/switching/source_lane.h"

#include <utility>

namespace server {
namespace {

constexpr std::size_t kEarlyBlocks = 64;
// Sound that is further ahead of the pictures has a broken timestamp, or has jumped before them (SlotGrid's limit, too).
constexpr base::Duration kSoundFarAhead = std::chrono::seconds{2};

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
  newest_picture_ = at;
  for (AudioBlock& block : std::exchange(early_, {})) keep_sound(*clock_.media_time_of(block.timestamp), std::move(block));
  keep(at, std::move(frame));
}

void SourceLane::take(AudioBlock block) {
  if (const auto at = clock_.media_time_of(block.timestamp)) return keep_sound(*at, std::move(block));
  early_.push_back(std::move(block));
  if (early_.size() > kEarlyBlocks) early_.pop_front();
}

// What lay far ahead would push out all that is kept, and stay when nothing else does.
void SourceLane::keep_sound(base::Duration at, AudioBlock block) {
  if (at <= newest_picture_ + kSoundFarAhead) keep(at, std::move(block));
}

void SourceLane::keep(base::Duration at, std::variant<VideoFrame, AudioBlock> media) {
  latest_.push_back({at, std::move(media)});
  while (latest_.front().at + kept_ < at) latest_.pop_front();
}

std::size_t SourceLane::drop_before(base::Duration from) {
  std::size_t pictures = 0;
  std::erase_if(latest_, [&](const Timed& timed) {
    if (timed.at < from && std::holds_alternative<VideoFrame>(timed.media)) ++pictures;
    return timed.at < from;
  });
  return pictures;
}

std::optional<SourceLane::Timed> SourceLane::take_next() {
  if (latest_.empty()) return std::nullopt;
  Timed next = std::move(latest_.front());
  latest_.pop_front();
  return next;
}

}  // namespace server
