#include "base/worker_pool.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

namespace base {
namespace {

class WorkerPoolOf : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Threads, WorkerPoolOf, testing::Values(1u, 2u, 7u));

TEST_P(WorkerPoolOf, RunsEveryTaskOnceInEveryRound) {
  WorkerPool pool{GetParam()};
  EXPECT_EQ(pool.threads(), GetParam());
  std::vector<int> runs(100, 0);
  for (int round = 0; round < 50; ++round) pool.run(runs.size(), [&](std::size_t i) { ++runs[i]; });
  EXPECT_EQ(runs, std::vector<int>(100, 50));
}

TEST_P(WorkerPoolOf, ShowsTheCallerAndTheNextRoundWhatTasksWrote) {
  WorkerPool pool{GetParam()};
  std::vector<std::uint64_t> cells(16, 1);
  for (int round = 0; round < 20; ++round) {
    const std::uint64_t before = std::accumulate(cells.begin(), cells.end(), std::uint64_t{0});
    pool.run(cells.size(), [&](std::size_t i) { cells[i] += i; });
    EXPECT_EQ(std::accumulate(cells.begin(), cells.end(), std::uint64_t{0}), before + 120);
  }
}

TEST_P(WorkerPoolOf, HandsOnAnExceptionAndGoesOn) {
  WorkerPool pool{GetParam()};
  std::atomic<int> ran = 0;
  const auto task = [&](std::size_t i) {
    ++ran;
    if (i == 3) throw std::runtime_error{"three"};
  };
  EXPECT_THROW(pool.run(8, task), std::runtime_error);
  EXPECT_EQ(ran, 8);
  pool.run(3, task);
  EXPECT_EQ(ran, 11);
}

TEST_P(WorkerPoolOf, RunsNothingWhereThereIsNothing) {
  WorkerPool pool{GetParam()};
  pool.run(0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace base
