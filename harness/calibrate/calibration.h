// Calibration: measures a server and makes a model of it: reads what the target names, asks for each kind of object one at a time, opens
// connections, then loads the server with ever more requests at once, small answers and large ones. On the two ports, so that it runs
// against models too. Everything is bounded: answers and time of each round, requests at once of the last.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/timeline.h"
#include "harness/calibrate/fit.h"
#include "harness/calibrate/load_round.h"
#include "harness/calibrate/target_listing.h"
#include "harness/transport/transport.h"

namespace harness {

struct CalibrationPlan {
  std::string url;
  std::size_t answers = 200;                      // of each kind, one at a time
  base::Duration time = std::chrono::seconds{4};  // for them at most
  std::size_t connections = 30;                   // opened one after the other
  base::Duration step = std::chrono::seconds{1};  // of each load
  int most_at_once = 256;
};

class Calibration final : private TransferReceiver {
 public:
  struct World {
    std::function<base::UtcTime()> utc;
    // The network's round trip, by the connections that have ended so far; nothing: not known.
    std::function<std::optional<base::Duration>()> round_trip;
    std::function<base::Duration()> cpu_time;  // of this program
    std::function<void(const std::string&)> progress;
  };
  Calibration(base::Timeline& timeline, Transport& transport, CalibrationPlan plan, World world);
  ~Calibration();

  void begin();
  bool done() const { return done_; }
  // A sentence when the target cannot be measured.
  const std::string& failure() const { return failure_; }
  // Of what has been measured so far. Date and target are in it.
  ServerModel model() const;
  // A small table of the same.
  std::string table() const;

 private:
  struct Stage {
    std::string name;
    std::function<bool()> begin;  // false: there is nothing to do
  };
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId id, TransportOutcome&& outcome) override;
  void read_target(std::function<void()> then);
  void read_next();
  void fail(const std::string& url, const std::string& reason);
  void soon(std::function<void()> what);
  void next_stage();
  void run(LoadRound::Plan plan, std::function<void(LoadResult)> done);
  bool connect();
  bool think(ObjectKind kind);
  bool load(LoadOf what);
  void step(LoadOf what, int at_once);
  std::vector<CalibrationObject> of_kind(ObjectKind kind) const;
  std::vector<LoadStep>& steps_of(LoadOf what) { return what == LoadOf::kRequests ? request_steps_ : byte_steps_; }
  std::vector<std::string> missing(const ServerModel& model) const;
  base::Duration round_trip() const { return world_.round_trip().value_or(base::Duration{}); }

  base::Timeline& timeline_;
  Transport& transport_;
  CalibrationPlan plan_;
  World world_;
  std::string date_, failure_;
  bool done_ = false;
  std::optional<TargetListing> listing_;
  std::vector<CalibrationObject> objects_;  // of the last whole reading
  std::optional<TransferId> reading_;
  std::function<void()> then_;
  std::vector<Stage> stages_;
  std::size_t stage_ = 0;
  std::unique_ptr<LoadRound> round_;
  base::Timer soon_;

  std::array<std::vector<base::Duration>, kObjectKinds> first_bytes_;  // on open connections
  std::vector<base::Duration> fresh_;                                  // first bytes on new ones
  std::vector<LoadStep> request_steps_, byte_steps_;
  std::size_t failures_ = 0;
  bool closes_ = false;  // connections after answers
};

}  // namespace harness
