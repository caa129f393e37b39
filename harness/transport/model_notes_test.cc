#include "harness/transport/model_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST(TransportNotes, SayTheConstantsOfTcp) {
  EXPECT_THAT(transport_notes({}), Contains(AllOf(HasSubstr("packets of 1500 bytes, 52 of them headers"),
                                                  HasSubstr("14483 at most (Linux: a receive buffer of 32 MiB)"),
                                                  HasSubstr("first window of 10 packets (RFC 6928)"),
                                                  HasSubstr("a round trip and 200ms (Linux: TCP_RTO_MIN), of handshakes 1s (RFC 6298)"))));
  EXPECT_THAT(transport_notes({.initial_window = 4}), Contains(HasSubstr("first window of 4 packets")));
}

TEST(TransportNotes, SayThoseOfTheCongestionControlThatIsPlayed) {
  const auto cubic = transport_notes({}), bbr = transport_notes({.congestion_control = CongestionControl::kBbr});
  EXPECT_THAT(cubic, Contains(AllOf(HasSubstr("a loss leaves 0.7 of the window, C is 0.4."), HasSubstr("(4ms to 16ms)"))));
  EXPECT_THAT(bbr, Contains(AllOf(HasSubstr("startup sends 2.885 times the rate"), HasSubstr("one sends 1.25 times and one 0.75 times"),
                                  HasSubstr("with so few for 200ms"))));
  EXPECT_THAT(bbr, Not(Contains(HasSubstr("CUBIC"))));
}

TEST(TransportNotes, SayThoseOfTheHttpThatIsSpoken) {
  EXPECT_THAT(transport_notes({}), Contains(AllOf(HasSubstr("HTTP/1.1: up to 6 connections to each host"),
                                                  HasSubstr("A request takes 315 bytes"), HasSubstr("an answer 304"))));
  EXPECT_THAT(transport_notes({.http2 = true}),
              Contains(AllOf(HasSubstr("up to 128 requests run at once"), HasSubstr("two round trips"), HasSubstr("frame of 16 KiB"),
                             HasSubstr("header takes 9 bytes"), HasSubstr("some 31 more"))));
}

TEST(TransportNotes, SayWhatBrowsersKeep) { EXPECT_THAT(browser_cache_note(), HasSubstr("takes 2.5ms up to 4KiB, 4.1ms beyond")); }

}  // namespace
}  // namespace harness
