#include "harness/transport/tcp_pacer.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kPacedFrom{1000s};
constexpr std::uint64_t kPacedRate = 1'000'000;  // bytes per second: a byte takes a microsecond

TcpPacer after_ten() {
  TcpPacer pacer;
  pacer.on_sent(kPacedFrom, 9, 9000, kPacedRate);
  return pacer;
}

TEST(TcpPacer, LetsTheFirstPacketsGo) { EXPECT_FALSE(after_ten().holds(kPacedFrom)); }

TEST(TcpPacer, HoldsTheNextBurstForAsLongAsOneTakes) {
  TcpPacer pacer = after_ten();
  pacer.on_sent(kPacedFrom, 2, 2000, kPacedRate);
  EXPECT_TRUE(pacer.holds(kPacedFrom + 2ms - 1ns));
  EXPECT_FALSE(pacer.holds(kPacedFrom + 2ms));
  EXPECT_EQ(pacer.wait(kPacedFrom + 500us), 1500us);
}

TEST(TcpPacer, CatchesUpWithWhatLeftLate) {
  TcpPacer pacer = after_ten();
  pacer.on_sent(kPacedFrom, 2, 2000, kPacedRate);
  pacer.on_sent(kPacedFrom + 2300us, 2, 2000, kPacedRate);
  EXPECT_EQ(pacer.next(), kPacedFrom + 4ms);
}

TEST(TcpPacer, CatchesUpByHalfABurstAtMost) {
  TcpPacer pacer = after_ten();
  pacer.on_sent(kPacedFrom, 2, 2000, kPacedRate);
  pacer.on_sent(kPacedFrom + 1s, 2, 2000, kPacedRate);
  EXPECT_EQ(pacer.next(), kPacedFrom + 1s + 1ms);
}

}  // namespace
}  // namespace harness
