#include "harness/replay/recorded_buffer.h"

#include "harness/replay/replay_script.h"

namespace harness {
namespace {

using base::Json;
using namespace base::literals;

RecordedBuffer buffer_of(const Json& document) {
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  RecordedBuffer buffer{root};
  EXPECT_TRUE(problems.empty());
  return buffer;
}

TEST(RecordedBuffer, RunsDownBetweenSamplesAsThePlayheadMoves) {
  const auto levels = buffer_of({{"buffer", {{1000, 4.0, 3.0, 1.0, 4}, {1500, 3.5, 2.5, 1.5, 4}}}}).at(1200ms);
  ASSERT_TRUE(levels);
  EXPECT_NEAR(base::to_seconds(levels->video), 3.8, 1e-6);
  EXPECT_NEAR(base::to_seconds(levels->audio), 2.8, 1e-6);
}

TEST(RecordedBuffer, CountsWhatWasAppendedSinceTheLastSample) {
  const Json document{{"buffer", {{1000, 4.0, 3.0, 1.0, 4}, {1500, 5.5, 2.5, 1.5, 4}}}, {"appends", {{1100, "video", 9000, 1110}}}};
  EXPECT_NEAR(base::to_seconds(buffer_of(document).at(1050ms)->video), 3.95, 1e-6);
  EXPECT_NEAR(base::to_seconds(buffer_of(document).at(1200ms)->video), 5.8, 1e-6);
  EXPECT_NEAR(base::to_seconds(buffer_of(document).at(1200ms)->audio), 2.8, 1e-6);
}

TEST(RecordedBuffer, HoldsNothingBeforeTheFirstAppend) {
  EXPECT_EQ(buffer_of({{"buffer", {{500, 1.9, 1.9, 0.1, 4}}}, {"appends", {{300, "video", 9000, 310}}}}).at(200ms), (BufferLevels{0s, 0s}));
}

TEST(RecordedBuffer, TakesAPlayheadThatJumpsAsSet) {
  const Json document{{"buffer", {{500, 0, 0, 0, 0}, {1000, 2.0, 2.0, 6.0, 4}}}, {"appends", {{600, "video", 9000, 610}}}};
  EXPECT_EQ(buffer_of(document).at(700ms)->video, 2s);
}

TEST(RecordedBuffer, KnowsNothingAfterTheLastSample) {
  EXPECT_EQ(buffer_of({{"buffer", {{500, 1.9, 1.9, 0.1, 4}}}}).at(600ms), std::nullopt);
  EXPECT_EQ(buffer_of(Json::object()).at(0ms), std::nullopt);
}

TEST(RecordedBuffer, LeavesSamplesOfOtherColumnsAlone) {
  const Json document{{"columns", {{"buffer", {"t", "playable_s", "played_s"}}}}, {"buffer", {{500, 1.9, 0.1}, {1000, 1.4, 0.6}}}};
  EXPECT_EQ(buffer_of(document).at(700ms), std::nullopt);
}

TEST(RecordedBuffer, RefusesRowsOfAnotherForm) {
  std::vector<base::Problem> problems;
  const Json document{{"buffer", {{500, "full"}}}, {"appends", 3}};
  base::JsonObject root{document, "", problems};
  RecordedBuffer{root};
  EXPECT_EQ(problems.size(), 2u);
}

}  // namespace
}  // namespace harness
