// Viewer: the driver of one PlayerSession: commands become calls on Timeline and Transport, outcomes become events. No policy.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/timeline.h"
#include "harness/player/player_session.h"
#include "harness/transport/transport.h"

namespace harness {

class ViewerObserver {
 public:
  virtual void on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) = 0;
  virtual void on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) = 0;  // the viewer must not be destroyed in here
  // How late a wake-up of the player ran.
  virtual void on_lateness(base::Duration late) = 0;

 protected:
  ~ViewerObserver() = default;
};

class Viewer final : private TransferReceiver {
 public:
  // `timeline`, `transport` and `observer` must outlive the viewer.
  Viewer(base::ViewerId id, PlayerConfig config, base::Timeline& timeline, Transport& transport, ViewerObserver& observer);
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  void begin() { pass(Begin{}); }
  void stop() { pass(Stop{}); }
  bool finished() const { return finished_; }
  PlayerStatus status();
  PlayerTotals totals();
  std::optional<base::Instant> stays_until();  // as PlayerSession::stays_until()
  // Its requests from now on are of so many viewers, itself included.
  void stand_for(std::uint16_t viewers) { weight_ = viewers; }
  std::uint16_t stands_for() const { return weight_; }
  // It is gone, and its session has no ending.
  void vanish();

 private:
  void pass(const Event& event);
  void leave();
  bool catch_up();
  void apply(Fetch& fetch);
  void apply(const Abort& abort);
  void apply(const WakeAt& wake);
  void apply(const Note& note);
  void apply(const Finish& finish);
  CacheUse cache_use(const Fetch& fetch) const;
  void on_progress(TransferId id, const TransferProgress& progress) override;
  ProgressWish progress_wanted(TransferId id) const override;
  base::Instant takes_late_until(TransferId id) const override;
  void on_late_progress(TransferId id, base::Instant at, const TransferProgress& progress) override;
  void on_outcome(TransferId id, TransportOutcome&& outcome) override;

  struct Running {
    RequestId request;
    TransferId transfer;
  };
  std::vector<Running>::iterator running(TransferId id);
  std::vector<Running>::const_iterator running(TransferId id) const;

  base::ViewerId id_;
  bool finished_ = false;
  std::uint16_t weight_ = 1;
  mutable bool takes_late_ = false;  // there may be progress of which the session has not heard
  base::Timeline& timeline_;
  Transport& transport_;
  ViewerObserver& observer_;
  PlayerSession session_;
  base::Timer alarm_;
  std::vector<Running> running_;
};

}  // namespace harness
