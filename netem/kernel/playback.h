// Playback: calls back when something that follows a trace is due for its next step, on a thread of its own. Steps are at absolute
// instants; one that was missed is caught up at once, and those between it and now are skipped.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/time.h"

namespace netem {

class Playback {
 public:
  using Key = std::uint64_t;
  // Takes the step that holds `now` and returns the instant of the next, or nothing. `lock` guards it: held here, and by whoever
  // calls the functions below.
  using Step = std::function<std::optional<base::Instant>(Key key, base::Instant now)>;
  Playback(std::mutex& lock, Step step);
  ~Playback();
  Playback(const Playback&) = delete;
  Playback& operator=(const Playback&) = delete;

  // Requires, for these three: `lock` is held.
  void schedule(Key key, std::optional<base::Instant> next);
  void cancel(Key key) { schedule(key, std::nullopt); }
  // What a step threw; steps end with it.
  const std::string& failure() const { return failure_; }

 private:
  void play();
  void take_due(base::Instant now);

  std::mutex& lock_;
  Step step_;
  std::condition_variable changed_;
  std::set<std::pair<base::Instant, Key>> due_;
  std::map<Key, base::Instant> at_;
  std::string failure_;
  bool leaving_ = false;
  std::thread thread_;
};

}  // namespace netem
