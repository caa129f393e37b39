#include "server/forwarding/packet_queue.h"

#include <gtest/gtest.h>

#include "server/forwarding/packet_for_test.h"

namespace server {
namespace {

using namespace std::chrono_literals;

struct Queue {
  explicit Queue(PacketLimits limits = {}) : queue{limits} {}
  void key(base::Duration at, int size = 1000) { queue.push(packet_of({.key = true, .arrived = at, .size = size})); }
  void picture(base::Duration at, int size = 1000) { queue.push(packet_of({.arrived = at, .size = size})); }
  void sound(base::Duration at) { queue.push(packet_of({.track = PacketTrack::kAudio, .key = true, .arrived = at, .size = 100})); }
  // Arrival times of what it holds, in milliseconds.
  std::vector<std::int64_t> taken() {
    std::vector<std::int64_t> times;
    while (!queue.is_empty()) times.push_back(queue.pop().arrived.time_since_epoch() / 1ms);
    return times;
  }
  PacketQueue queue;
};
using Arrivals = std::vector<std::int64_t>;

TEST(PacketQueue, BeginsWithAKeyFrame) {
  Queue q;
  q.sound(0ms);
  q.picture(10ms);
  EXPECT_TRUE(q.queue.is_empty());
  q.key(20ms);
  q.sound(30ms);
  q.picture(40ms);
  q.queue.release();
  q.picture(50ms);
  EXPECT_EQ(q.taken(), (Arrivals{20, 30, 40, 50}));
  q.picture(60ms);
  EXPECT_EQ(q.taken(), Arrivals{60});
  EXPECT_EQ(q.queue.dropped(), 0U);
}

TEST(PacketQueue, KeepsTheLatestKeyFrameOnWhileNobodyTakes) {
  Queue q;
  q.key(0ms);
  q.picture(40ms);
  q.key(80ms);
  q.picture(120ms);
  q.queue.release();
  EXPECT_EQ(q.taken(), (Arrivals{80, 120}));
  EXPECT_EQ(q.queue.dropped(), 0U);
}

TEST(PacketQueue, AwaitsAKeyFrameWhenTheOneItHeldGrewTooOld) {
  Queue q{{.time = 1s}};
  q.key(0ms);
  for (auto at = 40ms; at < 1200ms; at += 40ms) q.picture(at);
  EXPECT_TRUE(q.queue.is_empty());
  q.queue.release();
  q.picture(1240ms);
  EXPECT_TRUE(q.queue.is_empty());
  q.key(1280ms);
  EXPECT_EQ(q.taken(), Arrivals{1280});
}

TEST(PacketQueue, DropsAllWhenItsDestinationFallsBehindInTime) {
  Queue q{{.time = 1s}};
  q.queue.release();
  q.key(0ms);
  for (auto at = 100ms; at <= 1000ms; at += 100ms) q.picture(at);
  EXPECT_EQ(q.queue.dropped(), 0U);
  q.picture(1100ms);
  EXPECT_TRUE(q.queue.is_empty());
  EXPECT_EQ(q.queue.dropped(), 12U);
  q.sound(1150ms);
  q.key(1200ms);
  q.picture(1300ms);
  EXPECT_EQ(q.queue.dropped(), 13U);
  EXPECT_EQ(q.taken(), (Arrivals{1200, 1300}));
}

TEST(PacketQueue, DropsAllWhenItsDestinationFallsBehindInBytes) {
  Queue q{{.bytes = 10'000}};
  q.queue.release();
  q.key(0ms, 6000);
  q.picture(1ms, 4000);
  EXPECT_EQ(q.queue.dropped(), 0U);
  q.key(2ms, 3000);  // does not fit, and is a beginning itself
  EXPECT_EQ(q.queue.dropped(), 2U);
  q.picture(3ms, 7000);
  EXPECT_EQ(q.taken(), (Arrivals{2, 3}));
}

TEST(PacketQueue, IsReadyWithSoundOrHalfASecondAfterTheFirstPicture) {
  const auto now = [](base::Duration at) { return base::Instant{} + at; };
  Queue q;
  q.sound(0ms);
  EXPECT_FALSE(q.queue.is_ready(now(0ms)));
  q.key(10ms);
  EXPECT_TRUE(q.queue.is_ready(now(10ms)));
  Queue mute;
  for (auto at = 0ms; at <= 480ms; at += 40ms) mute.key(at);
  EXPECT_FALSE(mute.queue.is_ready(now(490ms)));
  mute.key(520ms);
  EXPECT_TRUE(mute.queue.is_ready(now(520ms))) << "key frames only";
}

TEST(PacketQueue, ForgetsATrackThatHasEnded) {
  Queue q;
  q.sound(0ms);
  q.key(1900ms);
  EXPECT_TRUE(q.queue.latest(PacketTrack::kAudio, base::Instant{} + 1900ms));
  EXPECT_FALSE(q.queue.latest(PacketTrack::kAudio, base::Instant{} + 2100ms));
  EXPECT_FALSE(q.queue.is_ready(base::Instant{} + 2100ms));
}

TEST(PacketQueue, HoldsOnToWhatTheNextConnectionBeginsWith) {
  Queue q;
  q.queue.release();
  q.key(0ms);
  q.picture(40ms);
  q.key(80ms);
  q.picture(120ms);
  q.queue.put_back(q.queue.pop());
  q.queue.hold();
  EXPECT_EQ(q.queue.dropped(), 0U);
  q.picture(160ms);
  EXPECT_EQ(q.taken(), (Arrivals{80, 120, 160}));
}

}  // namespace
}  // namespace server
