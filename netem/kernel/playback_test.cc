#include "netem/kernel/playback.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <vector>

#include "base/steady_timeline.h"

namespace netem {
namespace {

using base::Instant;
using namespace base::literals;

TEST(Playback, TakesEveryStepNotBeforeItsInstant) {
  std::mutex lock;
  std::promise<std::vector<Instant>> done;
  std::vector<Instant> taken;
  const Instant begin = base::steady_now();
  Playback playback{lock, [&](Playback::Key, Instant now) -> std::optional<Instant> {
                      taken.push_back(now);
                      if (taken.size() < 3) return begin + 2ms * static_cast<int>(taken.size());
                      done.set_value(taken);
                      return std::nullopt;
                    }};
  {
    const std::lock_guard guard{lock};
    playback.schedule(1, begin);
  }
  const std::vector<Instant> steps = done.get_future().get();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GE(steps[i], begin + 2ms * static_cast<int>(i));
}

TEST(Playback, TakesTheEarliestFirst) {
  std::mutex lock;
  std::promise<void> done;
  std::vector<Playback::Key> taken;
  Playback playback{lock, [&](Playback::Key key, Instant) -> std::optional<Instant> {
                      taken.push_back(key);
                      if (taken.size() == 3) done.set_value();
                      return std::nullopt;
                    }};
  {
    const std::lock_guard guard{lock};
    const Instant now = base::steady_now();
    for (const Playback::Key key : {3U, 1U, 2U}) playback.schedule(key, now + std::chrono::milliseconds{key});
  }
  done.get_future().wait();
  EXPECT_EQ(taken, (std::vector<Playback::Key>{1, 2, 3}));
}

TEST(Playback, ForgetsWhatWasCancelled) {
  std::mutex lock;
  std::promise<Playback::Key> first;
  Playback playback{lock, [&](Playback::Key key, Instant) -> std::optional<Instant> {
                      first.set_value(key);
                      return std::nullopt;
                    }};
  {
    const std::lock_guard guard{lock};
    const Instant now = base::steady_now();
    playback.schedule(1, now);
    playback.schedule(2, now + 1ms);
    playback.cancel(1);
  }
  EXPECT_EQ(first.get_future().get(), 2U);
}

TEST(Playback, StopsAtAFailureAndSaysIt) {
  std::mutex lock;
  std::promise<void> failing;
  int taken = 0;
  Playback playback{lock, [&](Playback::Key, Instant) -> std::optional<Instant> {
                      ++taken;
                      failing.set_value();
                      throw std::runtime_error("no such device");
                    }};
  std::unique_lock guard{lock};
  playback.schedule(1, base::steady_now());
  playback.schedule(2, base::steady_now());
  guard.unlock();
  failing.get_future().wait();
  guard.lock();  // free again once the failure is noted
  EXPECT_EQ(playback.failure(), "no such device");
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace netem
