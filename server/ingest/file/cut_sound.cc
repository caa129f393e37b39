#include "server/ingest/file/cut_sound.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace server {
namespace {

// From the block's beginning to `at`; at most all.
std::ptrdiff_t samples_before(const AudioBlock& block, base::Duration at) {
  const auto samples = std::llround(base::to_seconds(at - block.timestamp) * kSampleRate);
  return std::clamp<std::ptrdiff_t>(samples, 0, static_cast<std::ptrdiff_t>(block.left.size()));
}

base::Duration length_of(std::ptrdiff_t samples) { return base::from_seconds(static_cast<double>(samples) / kSampleRate); }

}  // namespace

void cut_before(AudioBlock& block, base::Duration from) {
  const std::ptrdiff_t first = samples_before(block, from);
  for (auto* channel : {&block.left, &block.right}) channel->erase(channel->begin(), channel->begin() + first);
  block.timestamp += length_of(first);
}

void cut_behind(AudioBlock& block, base::Duration until) {
  const std::ptrdiff_t end = samples_before(block, until);
  for (auto* channel : {&block.left, &block.right}) channel->erase(channel->begin() + end, channel->end());
}

base::Duration end_of(const AudioBlock& block) { return block.timestamp + length_of(static_cast<std::ptrdiff_t>(block.left.size())); }

}  // namespace server
