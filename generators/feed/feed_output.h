// FeedOutput: one of a feed's outgoing connections, on a thread of its own. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "generators/feed/disturbance.h"
#include "generators/feed/feed.h"
#include "generators/feed/outlet.h"

namespace generators {

// What the outputs of a feed have in common, and so keeps them in step.
struct FeedClock {
  base::Instant origin;  // when the clip's zero was due
  base::WallAnchor anchor;
};

class FeedOutput {
 public:
  // Throws base::RunFailed as Feed does.
  FeedOutput(const std::string& file, const Destination& destination, std::function<void()> on_thread);
  ~FeedOutput();
  FeedOutput(const FeedOutput&) = delete;
  FeedOutput& operator=(const FeedOutput&) = delete;

  // `at`: the position on the clip's timeline of whose first unit from then on it is effective, where it is about units. Requires: the same
  // clock every time.
  void apply(const FeedCommand& command, base::Duration at, const std::optional<FeedClock>& clock);
  // Waits while it is being stopped.
  void settle();
  Feed::Stats stats() const;

 private:
  struct Due {
    base::Duration at;
    FeedCommand command;
  };
  void run();
  bool settle_in();
  void keep_connected();
  void connect_and_send();
  void send_until_stopped(Outlet& outlet);
  void set_out(Outlet& outlet, const Unit& first);
  void obey(Outlet& outlet, const Unit& unit);
  std::vector<FeedCommand> take_due(base::Duration position);
  base::Duration position() const;
  bool pause(base::Duration time);
  void count(const Unit& unit, bool keeps_up);
  void note(std::string error);

  // The public functions only change what is wanted and wake the thread, which does everything else. `mutex_` guards the members down to
  // `stats_`; the others belong to the thread.
  mutable std::mutex mutex_;
  std::condition_variable wake_, idle_;
  bool is_wanted_ = false, is_ending_ = false, is_busy_ = false;
  bool is_leaving_ = false;  // the connection, to make another
  bool says_goodbye_ = true, begins_at_zero_ = false;
  std::vector<Due> due_;
  Feed::Stats stats_;
  std::optional<FeedClock> clock_;  // written once, before the thread is first woken
  const Destination destination_;
  const Endpoint endpoint_;
  const std::function<void()> on_thread_;
  Clip clip_;
  Disturbance disturbance_{clip_};
  base::Duration shift_{};  // of the timestamps
  std::thread thread_;
};

}  // namespace generators
