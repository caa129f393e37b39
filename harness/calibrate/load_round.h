// LoadRound: a number of viewers that each ask for one object after another, as fast as the answers come, until there are enough answers
// or the time is over; every answer is a sample. Each viewer has one connection, which ends with the round.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/timeline.h"
#include "harness/calibrate/target_listing.h"
#include "harness/transport/transport.h"

namespace harness {

struct LoadSample {
  base::Duration first_byte{}, took{};
  base::ByteCount bytes{};
  bool fresh = false;  // a connection was opened for it
};

struct LoadResult {
  std::vector<LoadSample> samples{};      // of answers
  std::map<std::string, int> failures{};  // by what they were
  // Of answers that were still coming when the round ended, where they were to be counted: how many, and what of them had come.
  std::size_t unfinished = 0;
  base::ByteCount unfinished_bytes{};
  base::Duration lasted{};
};

class LoadRound final : private TransferReceiver {
 public:
  struct Plan {
    std::vector<CalibrationObject> objects;  // asked for in turn; not empty
    int viewers = 1;
    std::size_t most_answers = 100;
    base::Duration most_time = std::chrono::seconds{4};
    bool reconnect = false;  // every request on a connection of its own
    bool counts_unfinished = false;
  };
  // `done` is called on the timeline.
  LoadRound(base::Timeline& timeline, Transport& transport, Plan plan, std::function<void(LoadResult)> done);
  ~LoadRound();

 private:
  void ask(base::ViewerId viewer);
  void end();
  void on_progress(TransferId id, const TransferProgress& progress) override { running_.at(id).received = progress.received; }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override;

  base::Timeline& timeline_;
  Transport& transport_;
  Plan plan_;
  std::function<void(LoadResult)> done_;
  struct Running {
    base::ViewerId viewer;
    base::ByteCount received{};
  };
  std::map<TransferId, Running> running_;
  LoadResult result_;
  base::Instant began_;
  std::size_t asked_ = 0, ended_ = 0;
  base::Timer end_;
};

}  // namespace harness
