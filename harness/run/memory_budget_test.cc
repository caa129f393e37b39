#include "harness/run/memory_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/errors.h"

namespace harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A file system as a machine shows itself.
class FreeMemoryTest : public testing::Test {
 protected:
  FreeMemoryTest() : root_{testing::TempDir() + "/memory-" + testing::UnitTest::GetInstance()->current_test_info()->name()} {
    write("/proc/meminfo", "MemTotal:       2000000 kB\nMemAvailable:    1000000 kB\n");
  }
  ~FreeMemoryTest() override { std::filesystem::remove_all(root_); }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path{root_ + file}.parent_path());
    std::ofstream{root_ + file} << text;
  }
  void expect(std::int64_t bytes, bool is_group_limit) const {
    const auto free = free_memory(root_);
    ASSERT_TRUE(free.has_value());
    EXPECT_EQ(free->bytes, bytes);
    EXPECT_EQ(free->is_group_limit, is_group_limit);
  }
  const std::string root_;
};

TEST_F(FreeMemoryTest, IsWhatTheMachineHasAvailable) { expect(1'024'000'000, false); }

TEST_F(FreeMemoryTest, IsWhatTheTightestControlGroupLeaves) {
  write("/proc/self/cgroup", "0::/outer/inner\n");
  write("/sys/fs/cgroup/outer/memory.max", "500000000\n");
  write("/sys/fs/cgroup/outer/memory.current", "300000000\n");
  write("/sys/fs/cgroup/outer/memory.stat", "anon 7\ninactive_file 50000000\n");
  write("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
  write("/sys/fs/cgroup/outer/inner/memory.current", "300000000\n");
  expect(250'000'000, true);
}

TEST_F(FreeMemoryTest, KnowsTheOlderControlGroups) {
  write("/proc/self/cgroup", "5:cpu,memory:/job\n0::/\n");
  write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "400000000\n");
  write("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "100000000\n");
  expect(300'000'000, true);
}

TEST_F(FreeMemoryTest, IsTheMachinesWhereAGroupMayHaveMore) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/memory.max", "9000000000000\n");
  write("/sys/fs/cgroup/memory.current", "1\n");
  expect(1'024'000'000, false);
}

TEST(FreeMemory, IsAbsentWhereNothingSaysIt) { EXPECT_EQ(free_memory("/nowhere"), std::nullopt); }

TEST(MemoryBudget, CountsViewersWhoStayAndSessionsOfTheOthers) {
  Scenario scenario{.sessions = 1'000'000, .cohorts = {{.share = 1}}};
  const std::int64_t staying = memory_for(scenario);
  scenario.cohorts[0].behaviour.watch = Distribution{};
  EXPECT_LT(memory_for(scenario), staying / 5);
  scenario.sessions = 2'000'000;
  EXPECT_LT(memory_for(scenario), staying / 2);
}

TEST(MemoryBudget, CountsThoseWhoWatchLongerThanTheOthersTakeToComeAsStaying) {
  Scenario scenario{.sessions = 1'000'000, .cohorts = {{.share = 1}}};
  scenario.duration = std::chrono::hours{1};
  scenario.arrivals = {.shape = ArrivalShape::kSteady, .over = std::chrono::minutes{50}};
  const std::int64_t staying = memory_for(scenario);
  const auto watching = [&](base::Duration watch) {
    scenario.cohorts[0].behaviour.watch = Fixed{watch};
    return memory_for(scenario);
  };
  EXPECT_EQ(watching(std::chrono::hours{700}), staying);
  EXPECT_NEAR(static_cast<double>(watching(std::chrono::minutes{25})) - static_cast<double>(watching({})),
              static_cast<double>(staying - watching({})) / 2, 1e6);
}

TEST(MemoryBudget, CountsThoseForWhomOthersPlayOnAsLess) {
  Scenario scenario{.sessions = 1'000'000, .cohorts = {{.share = 1}}};
  scenario.arrivals.over = std::chrono::minutes{10};
  const std::int64_t all = memory_for(scenario);
  scenario.virtual_world.emplace().representatives = {.of = 20, .after = std::chrono::seconds{20}};
  EXPECT_LT(memory_for(scenario), all / 2);
  scenario.arrivals.over = std::chrono::seconds{5};  // nobody follows anyone before all are there
  EXPECT_EQ(memory_for(scenario), all);
}

TEST(MemoryBudget, RefusesAnAudienceThatDoesNotFitWithFigureAndRemedy) {
  const Scenario scenario{.sessions = 1'000'000, .cohorts = {{.share = 1}}};
  EXPECT_NO_THROW(check_memory(scenario, std::nullopt));
  EXPECT_NO_THROW(check_memory(scenario, FreeMemory{memory_for(scenario), false}));
  const auto refusal = [&](FreeMemory free) -> std::string {
    try {
      check_memory(scenario, free);
    } catch (const base::RunFailed& failure) {
      return failure.what();
    }
    return "";
  };
  const std::int64_t half = memory_for(Scenario{.sessions = 500'000, .cohorts = {{.share = 1}}});
  EXPECT_THAT(refusal({half, false}),
              AllOf(HasSubstr("1000000 viewers take some"), HasSubstr("GB are free; lower audience.sessions to 500000"),
                    HasSubstr("--scale 0.5"), HasSubstr("a machine with more")));
  EXPECT_THAT(refusal({half, true}), AllOf(HasSubstr("of this process's control group are free"), HasSubstr("raise that limit")));
}

}  // namespace
}  // namespace harness
