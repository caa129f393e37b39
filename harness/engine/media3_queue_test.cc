#include "harness/engine/media3_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/random.h"
#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;

// What Media3Queue does, segment by segment; bytes left out.
class PlainQueue {
 public:
  void add(const Media3Chunk& chunk) {
    drop_from(chunk.start);
    chunks.push_back(chunk);
  }
  void drop_before(base::Duration position) {
    while (chunks.size() > 1 && chunks.front().end() <= position) chunks.erase(chunks.begin());
  }
  void drop_from(base::Duration position) {
    std::erase_if(chunks, [&](const Media3Chunk& chunk) { return chunk.start >= position; });
  }
  std::vector<Media3Chunk> chunks;
};

std::vector<Media3Chunk> segments_of(const Media3Queue& queue) {
  std::vector<Media3Chunk> chunks;
  for (const Media3Queue::Run& run : queue.runs()) {
    for (std::uint32_t i = 0; i < run.count; ++i)
      chunks.push_back({.start = run.start + i * run.duration, .duration = run.duration, .rendition = run.rendition});
  }
  return chunks;
}

TEST(Media3Queue, HoldsTheSameSegmentsAsAPlainListWhateverHappens) {
  std::mt19937 random{7};
  const auto draw = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  Media3Queue queue;
  PlainQueue plain;
  base::Duration next{}, playhead{};
  for (int step = 0; step < 20'000; ++step) {
    const int what = draw(10);
    if (what < 6) {
      const Media3Chunk chunk{.start = next,
                              .duration = draw(5) == 0 ? 1984ms : 2000ms,
                              .bytes = static_cast<std::uint32_t>(draw(9000)),
                              .rendition = static_cast<std::uint32_t>(draw(8) == 0)};
      queue.add(chunk), plain.add(chunk);
      next = chunk.end();
    } else if (what < 9) {
      playhead += draw(3000) * 1ms;
      queue.drop_before(playhead), plain.drop_before(playhead);
      next = std::max(next, playhead);  // a hole, where the list has run out
    } else if (!queue.empty()) {
      next = queue.end() - draw(9) * 500ms;
      queue.drop_from(next), plain.drop_from(next);
    }
    const std::vector<Media3Chunk> segments = segments_of(queue);
    ASSERT_EQ(segments.size(), plain.chunks.size()) << "step " << step;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      ASSERT_EQ(segments[i].start, plain.chunks[i].start);
      ASSERT_EQ(segments[i].duration, plain.chunks[i].duration);
      ASSERT_EQ(segments[i].rendition, plain.chunks[i].rendition);
    }
    if (segments.empty()) continue;
    ASSERT_EQ(queue.last_start(), segments.back().start);
    ASSERT_EQ(queue.end(), segments.back().end());
    ASSERT_EQ(queue.last_rendition(), segments.back().rendition);
  }
}

TEST(Media3Queue, CountsARunsSegmentsWithTheirMeanSize) {
  Media3Queue queue;
  for (int i = 0; i < 4; ++i) queue.add({.start = i * 2s, .duration = 2s, .bytes = static_cast<std::uint32_t>(1000 * (i + 1))});
  EXPECT_EQ(queue.bytes(), base::ByteCount::bytes(10'000));
  EXPECT_EQ(queue.runs().size(), 1U);
  queue.drop_before(4s);
  EXPECT_EQ(queue.bytes(), base::ByteCount::bytes(5000));
  queue.drop_from(6s);
  EXPECT_EQ(queue.bytes(), base::ByteCount::bytes(2500));
  queue.drop_before(60s);
  EXPECT_EQ(queue.bytes(), base::ByteCount::bytes(2500)) << "the last segment stays";
}

TEST(Media3Queue, KnowsItsBytesWhateverComesAndGoes) {
  base::Random random{8};
  Media3Queue queue;
  for (int n = 0; n < 5000; ++n) {
    const base::Duration at = random.below(30) * 1s;
    if (random.chance(0.7))
      queue.add({.start = at,
                 .duration = random.chance(0.8) ? 1s : 2s,
                 .bytes = static_cast<std::uint32_t>(random.below(100'000)),
                 .rendition = static_cast<std::uint32_t>(random.below(2))});
    else if (random.chance(0.5))
      queue.drop_before(at);
    else
      queue.drop_from(at);
    base::ByteCount sum;
    for (const Media3Queue::Run& run : queue.runs()) sum += run.bytes;
    ASSERT_EQ(queue.bytes(), sum) << n;
  }
}

TEST(Media3Queue, FollowsTheLadder) {
  const std::vector<LadderRung> three{{.peak = 300_kbps}, {.peak = 1100_kbps}, {.peak = 2500_kbps}};
  Media3Queue queue;
  queue.add({.start = 0s, .duration = 2s, .rendition = 0});
  queue.add({.start = 2s, .duration = 2s, .rendition = 2});
  queue.on_ladder(LadderChange{three, {three[1], three[2]}});
  EXPECT_EQ(queue.runs().front().rendition, 0u);
  EXPECT_EQ(queue.last_rendition(), 1u);
}

}  // namespace
}  // namespace harness
