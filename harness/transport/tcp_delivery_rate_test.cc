#include "harness/transport/tcp_delivery_rate.h"

#include <gtest/gtest.h>

#include <vector>

namespace harness {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Instant;

constexpr Instant kRateStart{1000s};

// Packets that are sent and arrive at moments after the beginning.
class RateScript {
 public:
  void send(Duration at) {
    const bool nothing_out = packets_.empty();
    packets_.push_back({kRateStart + at, ++sent_, {}});
    rate.on_sent(kRateStart + at, nothing_out, packets_.back().stamp);
  }
  TcpRateSample acknowledge(Duration at, std::size_t count, Duration least_rtt = {}) {
    for (std::size_t i = 0; i < count; ++i) rate.on_delivered(packets_[i].at, packets_[i].end, packets_[i].stamp);
    packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(count));
    return rate.finish(kRateStart + at, static_cast<std::uint32_t>(count), least_rtt);
  }
  TcpDeliveryRate rate{};

 private:
  struct Sent {
    Instant at;
    std::uint64_t end;
    TcpRateStamp stamp;
  };
  std::vector<Sent> packets_{};
  std::uint64_t sent_ = 0;
};

TEST(TcpDeliveryRate, CountsWhatWasDeliveredSinceThePacketLeft) {
  RateScript script;
  for (int i = 0; i < 4; ++i) script.send(0ms);
  script.acknowledge(40ms, 2);
  script.send(40ms);
  script.acknowledge(50ms, 2);
  const TcpRateSample sample = script.acknowledge(80ms, 1);
  EXPECT_EQ(sample.delivered, 3u) << "two at 50 ms and itself";
  EXPECT_EQ(sample.interval, 40ms);
}

TEST(TcpDeliveryRate, TakesTheTimeOfSendingWhereThatIsLonger) {
  RateScript script;
  script.send(0ms);
  script.send(30ms);
  const TcpRateSample sample = script.acknowledge(31ms, 2);
  EXPECT_EQ(sample.delivered, 2u);
  EXPECT_EQ(sample.interval, 31ms) << "acknowledged at once; sent over 30 ms";
}

TEST(TcpDeliveryRate, LooksAtThePacketThatWasSentLast) {
  RateScript script;
  script.send(0ms);
  script.acknowledge(10ms, 1);
  script.send(20ms);
  script.send(25ms);
  const TcpRateSample sample = script.acknowledge(60ms, 2);
  EXPECT_EQ(sample.prior_delivered, 2u) << "the SYN and the first";
  EXPECT_EQ(sample.interval, 40ms) << "from when the first of them left with nothing out";
}

TEST(TcpDeliveryRate, ShorterThanARoundTripIsNoSample) {
  RateScript script;
  script.send(0ms);
  EXPECT_FALSE(script.acknowledge(10ms, 1, 20ms).is_valid());
}

TEST(TcpDeliveryRate, SaysWhereTheApplicationWasTheLimit) {
  RateScript script;
  script.rate.note_app_limited(0);
  script.send(0ms);
  script.send(0ms);
  EXPECT_TRUE(script.acknowledge(40ms, 1).app_limited);
  script.send(40ms);
  EXPECT_TRUE(script.acknowledge(41ms, 1).app_limited) << "left before anything was acknowledged";
  EXPECT_FALSE(script.acknowledge(80ms, 1).app_limited);
}

}  // namespace
}  // namespace harness
