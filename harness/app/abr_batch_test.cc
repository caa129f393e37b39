#include "harness/app/abr_batch.h"

#include <gtest/gtest.h>

#include "base/errors.h"
#include "harness/app/abr_report.h"

namespace harness {
namespace {

const std::string kAbrData = std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/abr/";
const abr::Movie kAbrMovie = abr::read_movie_file(kAbrData + "movie.json");

AbrBatch batch_of(std::vector<std::string> names, unsigned threads) {
  for (std::string& name : names) name = kAbrData + "traces/" + name + ".json";
  return {.movie = kAbrMovie, .traces = std::move(names), .options = {.rule = abr::rule_named("bolae").value()}, .threads = threads};
}

TEST(AbrBatch, KeepsTheOrderOnAnyNumberOfThreads) {
  const std::vector<std::string> names{"wifi-0", "3g-bus-0", "cliff-0", "fibre-0", "lte-walk-0"};
  const auto alone = play_batch(batch_of(names, 1), [](std::size_t) { return true; });
  const auto together = play_batch(batch_of(names, 4), [](std::size_t) { return true; });
  ASSERT_EQ(alone.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto single = play_batch(batch_of({names[i]}, 1), [](std::size_t) { return true; });
    EXPECT_EQ(alone[i]->total_play_time, single[0]->total_play_time);
    EXPECT_EQ(together[i]->total_play_time, single[0]->total_play_time);
  }
}

TEST(AbrBatch, KeepsWhatIsFinishedWhenStopped) {
  EXPECT_EQ(play_batch(batch_of({"wifi-0", "wifi-1"}, 2), [](std::size_t) { return false; })[0], std::nullopt);
  std::vector<std::string> names(500, "wifi-0");
  std::size_t seen = 0;
  const auto results = play_batch(batch_of(names, 1), [&seen](std::size_t done) { return (seen = done) == 0; });
  std::size_t finished = 0;
  for (const auto& result : results) finished += result.has_value() ? 1 : 0;
  EXPECT_GE(finished, seen);
  EXPECT_GE(finished, 1u);
}

TEST(AbrBatch, FailsWithTheFirstFileThatCannotBeUsed) {
  try {
    play_batch(batch_of({"wifi-0", "absent-1", "absent-2", "absent-3"}, 3), [](std::size_t) { return true; });
    FAIL();
  } catch (const base::InvalidInput& failure) {
    EXPECT_EQ(failure.file(), kAbrData + "traces/absent-1.json");
  }
}

TEST(AbrReport, AlignsALineForEachTraceAndTheirMean) {
  abr::Figures figures;
  figures.time_average_played_bitrate = 1234.56;
  figures.total_rebuffer_events = 3;
  const std::string table = abr_table({{"short", figures}, {"a-longer-name", abr::Figures{}}});
  EXPECT_NE(table.find("\nshort                  1234.6"), std::string::npos) << table;
  EXPECT_NE(table.find("\nmean                    617.3"), std::string::npos) << table;
  EXPECT_NE(table.find("   1.50 "), std::string::npos) << table;
  std::size_t width = table.find('\n');
  for (std::size_t at = 0; at < table.size(); at += width + 1) EXPECT_EQ(table.find('\n', at), at + width);
}

}  // namespace
}  // namespace harness
