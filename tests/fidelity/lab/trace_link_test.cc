#include "tests/fidelity/lab/trace_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fidelity/lab/file_of_text.h"

namespace {

using namespace std::chrono_literals;
using fidelity::TraceLink;
using testing::HasSubstr;

TraceLink read(const std::string& text) { return fidelity::read_text("link", text, fidelity::read_trace_link); }

std::string refusal(const std::string& text) {
  return fidelity::refusal_of([&] { read(text); });
}

const netem::Trace& trace_of(const TraceLink& link) { return *std::get<std::shared_ptr<const netem::Trace>>(link.link.down.rate); }

TEST(TraceLink, HalvesTheLatencyBetweenTheDirections) {
  const TraceLink link = read(R"({"latency_ms": 50, "uplink_kbps": 5000, "steps": [{"duration_ms": 1000, "bandwidth_kbps": 800}]})");
  EXPECT_EQ(link.link.down.delay, 25ms);
  EXPECT_EQ(link.link.up.delay, 25ms);
  EXPECT_EQ(netem::base_rtt(link.link), 50ms);
}

TEST(TraceLink, CountsTheStepsInThousandsOfBits) {
  const TraceLink link = read(
      R"({"latency_ms": 50, "uplink_kbps": 5000, "steps": [{"duration_ms": 500, "bandwidth_kbps": 812.5}, {"duration_ms": 250, "bandwidth_kbps": 0}]})");
  ASSERT_EQ(trace_of(link).steps.size(), 2u);
  EXPECT_EQ(trace_of(link).steps[0].rate.bps(), 812'500);
  EXPECT_EQ(trace_of(link).steps[1].lasts, 250ms);
  EXPECT_EQ(std::get<base::Bitrate>(link.link.up.rate).bps(), 5'000'000);
}

TEST(TraceLink, GivesBothDirectionsTheQueueOfTheFile) {
  const TraceLink link =
      read(R"({"latency_ms": 50, "uplink_kbps": 5000, "queue_bytes": 4000000, "steps": [{"duration_ms": 1, "bandwidth_kbps": 1}]})");
  EXPECT_EQ(std::get<base::ByteCount>(link.link.down.queue).count(), 4'000'000);
  EXPECT_EQ(std::get<base::ByteCount>(link.link.up.queue).count(), 4'000'000);
}

TEST(TraceLink, HasAQueueOfARoundTripOrSixtyFourPacketsOtherwise) {
  const auto queue_at = [](int latency) {
    return read(R"({"latency_ms": )" + std::to_string(latency) +
                R"(, "uplink_kbps": 5000, "steps": [{"duration_ms": 1, "bandwidth_kbps": 1}]})")
        .queue.count();
  };
  EXPECT_EQ(queue_at(40), 96'000);
  EXPECT_EQ(queue_at(400), 250'000);
}

TEST(TraceLink, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(refusal(R"({"latency_ms": 0, "uplink_kbps": 5000, "steps": [{"duration_ms": 1, "bandwidth_kbps": 1}]})"),
              HasSubstr("latency_ms"));
  EXPECT_THAT(refusal(R"({"latency_ms": 9, "uplink_kbps": 5000, "steps": [{"duration_ms": 1, "bandwidth_kbps": -1}]})"),
              HasSubstr("steps[0].bandwidth_kbps"));
  EXPECT_THAT(refusal(R"({"latency_ms": 9, "uplink_kbps": 5000, "step": []})"), HasSubstr("step"));
}

TEST(TraceLink, RefusesATraceThatCarriesNothing) {
  EXPECT_THAT(refusal(R"({"latency_ms": 9, "uplink_kbps": 5000, "steps": [{"duration_ms": 1, "bandwidth_kbps": 0}]})"), HasSubstr("steps"));
}

}  // namespace
