// Crowd: the viewers who sit in one hall, from their arrivals to the rows of their sessions. It tells nobody: what has happened waits in
// its news until the rehearsal takes them. Touched by one thread at a time, the hall's. crowd_following.cc: where some play on for others.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/boxed.h"
#include "base/histogram.h"
#include "harness/audience/audience.h"
#include "harness/behaviour/viewer_behaviour.h"
#include "harness/run/audience_sample.h"
#include "harness/run/link_ledger.h"
#include "harness/run/representatives.h"
#include "harness/run/sign.h"
#include "harness/run/stage.h"
#include "harness/run/viewer.h"
#include "harness/transport/browser_cache.h"
#include "reports/store/run_store.h"

namespace harness {

class Crowd final : private ViewerObserver {
 public:
  struct Part {
    std::size_t index = 0, of = 1;  // every `of`th viewer of the audience, from `index` on
    std::size_t rows_every = 1;     // of the whole audience: whose requests, events and link are kept
    std::size_t samples_every = 1;  // of the whole audience: who counts in samples
  };
  // The references must outlive the crowd.
  Crowd(const Scenario& scenario, Stage& stage, Hall& hall, const std::vector<SessionPlan>& plans, Part part);
  ~Crowd();

  // Its viewers arrive from now on, as planned.
  void open(base::Instant live);
  // Nobody arrives any more, and everyone leaves. Then everything is in the news.
  void stop();
  // Those who have ended become rows and are gone; where there are representatives, those who may follow one do.
  void settle();

  struct News {
    std::vector<reports::Row> rows;  // requests, events
    std::vector<reports::SessionRow> sessions;
    std::vector<Sign> signs;  // in order
    struct Step {
      base::Instant at{};
      int by = 0;  // 1: a session began; -1: it ended
    };
    std::vector<Step> steps;  // in order
    std::uint32_t errors = 0;
    std::int64_t bytes = 0;
    std::uint32_t started = 0, failed = 0, ended = 0;
    std::uint32_t turns = 0;  // to another channel, each a further session
  };
  // Since the last call.
  News take_news() { return std::exchange(news_, {}); }

  std::size_t arrived() const { return next_; }
  const Representatives* representatives() const { return representatives_.get(); }  // null: everyone plays
  std::set<std::uint32_t> active_in(std::size_t cohort) const;
  void count(AudienceSample& sample) const;
  const LinkLedger& links() const { return links_; }
  const base::Histogram& start_lateness() const { return start_lateness_; }

 private:
  // The visit ended and another one is to begin.
  struct Turn {
    Visit visit;
    base::Timer alarm;
  };
  // Those that ended.
  struct Waits {
    std::vector<base::Duration> stalls, seeks;
  };
  // What there is of everyone who is planned, come or not, or gone: 56 bytes.
  struct Seat {
    std::unique_ptr<Viewer> viewer;              // of the present visit; empty before the arrival and after the end
    std::unique_ptr<ViewerBehaviour> behaviour;  // empty when there is no further visit
    base::Boxed<Turn> turn;
    base::Boxed<Waits> waits;   // most sessions have none
    std::uint32_t session = 0;  // the first visit's is the viewer's number; later ones are numbered as they come
    std::uint32_t channel = 0;
    double planned_at = 0, began_at = 0;
  };
  void on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) override;
  void on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) override;
  void on_lateness(base::Duration late) override { start_lateness_.add(base::to_seconds(late)); }

  const SessionPlan& plan(std::size_t seat) const { return plans_[part_.index + seat * part_.of]; }
  std::size_t seat_of(base::ViewerId viewer) const { return index_of(viewer) / part_.of; }
  bool keeps_rows(base::ViewerId viewer) const { return index_of(viewer) % part_.rows_every == 0; }
  double seconds(base::Instant at) const { return base::to_seconds(at - live_); }
  void schedule_next();
  void arrive(std::size_t seat);
  const PlayerConfig& config_of(std::size_t cohort, std::size_t channel);
  void visit(std::size_t seat, Visit visit);
  void turn(std::size_t seat);
  void record(std::size_t seat, const PlayerTotals& totals);
  void settle(std::size_t seat);
  void sign(base::Instant at, std::size_t seat, const Telemetry& what);
  void end(base::Instant at, std::size_t seat, const Finish& how);
  void leave(std::size_t seat);

  // crowd_following.cc
  Viewer* player_of(std::size_t seat) const;
  Representatives::Kind kind_of(std::size_t seat) const;
  void gather();
  void consider(const Representatives::Candidate& who);
  std::optional<std::size_t> find_representative(const Representatives::Kind& kind, base::Instant leaves);
  void follow(std::size_t seat, std::size_t representative, base::Instant leaves);
  void end_followers(std::size_t representative, base::Instant at, const Finish& how);
  void end_follower(const Representatives::Follower& who, std::size_t representative, base::Instant at, const Finish& how);

  const Scenario& scenario_;
  Stage& stage_;
  Hall& hall_;
  const std::vector<SessionPlan>& plans_;
  const Part part_;
  BrowserCache browsers_;
  std::vector<base::SharedValue<Device>> devices_;                       // by cohort
  std::map<std::pair<std::size_t, std::size_t>, PlayerConfig> configs_;  // by cohort and channel
  std::shared_ptr<SharedListings> listings_ = std::make_shared<SharedListings>();
  std::vector<Seat> seats_;
  std::unique_ptr<Representatives> representatives_;  // null: everyone plays to the end
  std::vector<std::uint32_t> most_represented_;       // by one, by cohort
  LinkLedger links_;
  base::Histogram start_lateness_;
  News news_;
  base::Instant live_{};
  std::size_t next_ = 0;  // to arrive
  base::Timer arrival_;
  std::vector<std::size_t> just_ended_;
  bool is_over_ = false;  // stopped: nobody comes any more for whom servers must know who leaves
  std::uint32_t turns_ = 0;
};

// How many viewers of the region one may stand for: as many as the plan says, unless requests of so many at one instant would keep their
// server busy for longer than a fifth of what counts as too much. 1: nobody stands for others there.
std::uint32_t most_represented(const VirtualWorld& world, const std::string& region);

}  // namespace harness
