#include "harness/replay/content_table.h"

#include "harness/replay/link_profile.h"
#include "harness/replay/replay_script.h"

namespace harness {
namespace {

using base::Json;
using namespace base::literals;

std::vector<base::Problem> content_problems(const std::string& pointer, Json value) {
  Json document = replay_document("segments.json");
  document[Json::json_pointer{pointer}] = std::move(value);
  std::vector<base::Problem> problems;
  read_content(document, problems);
  return problems;
}

TEST(ReplayContent, HoldsRungsSizesAndRates) {
  const ContentTable content = read_content_file(replay_file("segments.json"));
  ASSERT_EQ(content.video.size(), 2u);
  EXPECT_EQ(content.segment_count(), 15u);
  EXPECT_EQ(content.video[1].track.declared, 850_kbps);
  EXPECT_EQ(content.video[1].hls_bandwidth, 1150_kbps);
  EXPECT_EQ(content.video[1].track.init, 793_B);
  EXPECT_EQ(content.video[0].track.segments[0], 60'000_B);
  EXPECT_EQ(content.audio.durations[3], 2s);
  EXPECT_EQ(content.file_sizes.at("manifest.mpd"), 2100_B);
}

TEST(ReplayContent, ListsTheSecondRungFirstUnlessToldOtherwise) {
  EXPECT_EQ(read_content_file(replay_file("segments.json")).hls_order, (std::vector<std::size_t>{1, 0}));
  Json document = replay_document("segments.json");
  document["hls_order"] = {0, 1};
  std::vector<base::Problem> problems;
  EXPECT_EQ(read_content(document, problems).hls_order, (std::vector<std::size_t>{0, 1}));
}

TEST(ReplayContent, RefusesTablesThatDoNotFitTogether) {
  EXPECT_EQ(only_problem(content_problems("/video/0/bytes", {1, 2})),
            "video[0].bytes: has 2 segments where audio has 15; both must have as many");
  EXPECT_EQ(only_problem(content_problems("/video/1/declared_bps", 1000)),
            "video[1].declared_bps: is not above the rung before it; list the rungs from low to high");
  EXPECT_EQ(only_problem(content_problems("/video/0/bytes/2", -4)), "video[0].bytes[2]: must be a number from 1 to 4294967296");
  EXPECT_EQ(only_problem(content_problems("/hls_order", {0, 0})), "hls_order: must name each of the 2 rungs once, such as [1, 0, 2]");
  EXPECT_EQ(only_problem(content_problems("/audio/duration_s", {1.0})),
            "audio.duration_s: has 1 entries for 15 segments; give one for each");
  EXPECT_EQ(only_problem(content_problems("/video", Json::array())), "video: must list 1 to 64 rungs from low to high");
}

TEST(ReplayLink, SplitsTheLatencyAndFillsInTheQueue) {
  const netem::LinkSpec link = read_link_file(replay_file("traces/step.json"));
  EXPECT_EQ(link.down.delay, 20ms);
  EXPECT_EQ(link.up.delay, 20ms);
  EXPECT_EQ(std::get<base::Bitrate>(link.up.rate), 5000_kbps);
  EXPECT_EQ(std::get<base::ByteCount>(link.down.queue), 96'000_B);
  EXPECT_EQ(std::get<std::shared_ptr<const netem::Trace>>(link.down.rate)->steps[1].rate, 500_kbps);
}

TEST(ReplayLink, TakesTheQueueOfTheFile) {
  Json document = replay_document("traces/step.json");
  document["queue_bytes"] = 4'000'000;
  std::vector<base::Problem> problems;
  EXPECT_EQ(std::get<base::ByteCount>(read_link(document, "step", problems).down.queue), 4'000'000_B);
}

TEST(ReplayLink, GrowsTheQueueWithTheRoundTrip) {
  Json document = replay_document("traces/step.json");
  document["latency_ms"] = 400;
  std::vector<base::Problem> problems;
  EXPECT_EQ(std::get<base::ByteCount>(read_link(document, "step", problems).down.queue), 250'000_B);
}

TEST(ReplayLink, RefusesALinkThatCarriesNothing) {
  Json document = replay_document("traces/step.json");
  for (Json& step : document["steps"]) step["bandwidth_kbps"] = 0;
  std::vector<base::Problem> problems;
  read_link(document, "step", problems);
  EXPECT_EQ(problems.size(), 1u);
}

}  // namespace
}  // namespace harness
