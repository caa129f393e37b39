// Worlds in which a contract is tested: real time on an io_context, and virtual time. Waits are bounded in all of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/steady_timeline.h"
#include "base/virtual_timeline.h"

namespace contract {

class TimelineWorld {
 public:
  virtual ~TimelineWorld() = default;
  virtual base::Timeline& timeline() = 0;
  // Runs until `done()` holds or the limit has passed. Returns: whether it held.
  virtual bool run_until(const std::function<bool()>& done, base::Duration limit = std::chrono::seconds{10}) = 0;
  // Lets what is due happen, for claims that something does not.
  void settle(base::Duration time = std::chrono::milliseconds{60}) {
    bool passed = false;
    const base::Timer mark = timeline().call_at(timeline().now() + time, [&passed] { passed = true; });
    run_until([&passed] { return passed; });
  }
};

class VirtualWorld final : public TimelineWorld {
 public:
  base::VirtualTimeline& timeline() override { return timeline_; }
  bool run_until(const std::function<bool()>& done, base::Duration limit = std::chrono::seconds{10}) override {
    return timeline_.run_until(done, timeline_.now() + limit);
  }

 private:
  base::VirtualTimeline timeline_;
};

class SteadyWorld final : public TimelineWorld {
 public:
  base::SteadyTimeline& timeline() override { return timeline_; }
  boost::asio::io_context& io() { return io_; }
  bool run_until(const std::function<bool()>& done, base::Duration limit = std::chrono::seconds{10}) override {
    const base::Instant end = base::steady_now() + limit;
    timeline_.refresh();
    while (!done()) {
      const base::Duration left = end - base::steady_now();
      if (left <= base::Duration{}) return false;
      if (io_.stopped()) io_.restart();
      if (io_.run_one_for(left) == 0 && io_.stopped()) return done();  // nothing is left that could happen
    }
    return true;
  }

 private:
  boost::asio::io_context io_{1};
  base::SteadyTimeline timeline_{io_};
};

template <class World>
std::unique_ptr<TimelineWorld> make_world() {
  return std::make_unique<World>();
}

}  // namespace contract
