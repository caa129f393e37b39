// VirtualStage: the reference server and the viewers' links as models in virtual time. Deterministic for a scenario and a seed, whatever
// the number of threads: the audience sits in halls, as many as its size asks for. A hall runs up to the next instant at which something
// happens on the stage's own clock (a drill, a second's sample), beside the others; that then happens while all halls stand at this
// instant, before what is due there in the halls themselves. Halls share nothing but the servers of a scenario's "virtual" section, where
// there is one: then each viewer runs by itself until an answer has to be here, so that requests meet these in the order of their arrival
// (shared_server.h). Where regions have bottlenecks all halls stand still for a turn of these, fifty times a second (bottleneck.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/huge_pages.h"
#include "base/lane_timeline.h"
#include "base/paged.h"
#include "base/virtual_timeline.h"
#include "base/worker_pool.h"
#include "harness/delivery/edge_tier.h"
#include "harness/run/contribution_model.h"
#include "harness/run/region_bottlenecks.h"
#include "harness/run/shared_server.h"
#include "harness/run/stage.h"
#include "harness/transport/reference_model.h"

namespace harness {

// A clock, links and, where it is not shared, the server of its own.
class VirtualHall final : public Hall {
 public:
  // `halls`: among which viewers are dealt out. `bottlenecks` outlive the hall.
  VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, const ReferenceModel::Options& server, std::size_t halls = 1);
  // In step with whoever calls, and with an own time for each viewer.
  VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, SharedServer& shared, EdgeTier& edges);
  VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, SharedServer& shared, EdgeTier& edges, std::size_t viewers,
              std::size_t halls);
  base::Timeline& timeline() override { return lanes_ ? static_cast<base::Timeline&>(*lanes_) : clock_; }
  base::VirtualTimeline& clock() { return clock_; }   // of halls without lanes
  ReferenceModel* server() { return server_.get(); }  // null: it is shared
  // Requires: connected.
  std::size_t cohort_of(base::ViewerId viewer) const { return uses_.at(place_of(viewer)).cohort; }
  void run_before(base::Instant when) { lanes_ ? lanes_->run_before(when) : clock_.run_before(when); }
  // Those who have their answers now.
  void run_on() { lanes_->run_on(); }
  // A turn of the bottlenecks, while the hall stands.
  void tell_bottlenecks() { behind_bottlenecks_ = &transport_.tell_bottlenecks(); }
  // Adds what was told, by region.
  void add_up(std::vector<BottleneckShare>& sums) const;
  void end_turn(bool changed);
  Transport& transport() override { return transport_; }
  void connect(const LinkUse& use) override {
    uses_[place_of(use.viewer)] = {static_cast<std::uint32_t>(use.cohort), use.is_probe, use.origin};
  }
  LinkFacts disconnect(base::ViewerId viewer) override;
  void leave(base::ViewerId viewer) override;
  void with(base::ViewerId viewer, const std::function<void()>& act) override;

 private:
  // Among those of the hall.
  std::size_t place_of(base::ViewerId viewer) const { return index_of(viewer) / halls_; }
  ModelLink link_of(base::ViewerId viewer);
  const Scenario& scenario_;
  const RegionBottlenecks& bottlenecks_;
  std::vector<BottleneckShare> shares_;  // by region
  const std::vector<base::ViewerId>* behind_bottlenecks_ = nullptr;
  struct Use {
    std::uint32_t cohort = 0;
    bool is_probe = false;
    base::Instant origin{};
  };
  base::VirtualTimeline clock_;
  std::unique_ptr<base::LaneTimeline> lanes_;  // null: viewers keep step
  std::size_t halls_ = 1;
  base::Paged<Use> uses_;  // by place
  std::unique_ptr<ReferenceModel> server_;
  EdgeTier* edges_ = nullptr;
  SharedServer::Desk* desk_ = nullptr;
  ModelTransport transport_;
};

// Throws base::InvalidInput where the scenario has what no model is of, as VirtualStage does.
void check_model(const Scenario& scenario);

class VirtualStage final : public Stage {
 public:
  // `threads`: at most; 0: one for each processor. Throws base::InvalidInput for an external target, which has no model.
  explicit VirtualStage(const Scenario& scenario, unsigned threads = 0);
  ~VirtualStage();

  // Runs until `done()` holds, which is asked after everything that happens on the stage's own clock, or that clock stands at `deadline`.
  // Returns: whether `done()` held.
  bool run_until(const std::function<bool()>& done, base::Instant deadline);

  base::VirtualTimeline& timeline() override { return own_->clock(); }
  Transport& transport() override { return own_->transport(); }
  void connect(const LinkUse& use) override { own_->connect(use); }
  LinkFacts disconnect(base::ViewerId viewer) override { return own_->disconnect(viewer); }
  std::size_t halls() const override { return halls_.size(); }
  Hall& hall(std::size_t i) override { return *halls_[i]; }
  bool is_virtual() const override { return true; }
  DetailLimits detail_limits() const override;
  base::WallAnchor wall() override;
  std::string manifest_url(StreamingProtocol protocol, std::size_t channel) const override;
  std::optional<Entrance> entrance(PathKind path, std::size_t channel) const override;
  std::optional<TokenSource> token_source(std::size_t channel) const override;
  void expire_tokens(const std::string& group, std::function<void(std::string)> failed) override;
  void strike_feed(const DrillPlan& drill) override;
  void mend_feed(const DrillPlan& drill) override;
  std::optional<std::string> failure() override { return std::nullopt; }
  void measure_from() override;
  std::vector<reports::DeliveryRow> delivery() const override;
  std::string link_backend() const override { return "model"; }
  reports::HarnessRow measured(std::uint32_t) override { return reports::HarnessRow{.network_backend = "model"}; }
  std::vector<std::string> notes() const override;

 private:
  void set_feeds(const DrillPlan& drill, bool alive, base::Duration lasts);
  void flap(const DrillPlan& drill, bool up, base::Instant end);
  void follow_contribution();
  // What came of the contribution from then on.
  void put_out(const ContributionModel& contribution, base::Instant since);
  template <class Lever>
  void pull(const Lever& lever);
  void open_servers(const VirtualWorld& world);
  void run_halls_before(base::Instant when);
  void turn_bottlenecks();
  VirtualHall& hall_of(base::ViewerId viewer);
  const Scenario& scenario_;
  // With a "virtual" section: what all halls share, and how much later than the first of what is on its way nothing new can arrive.
  std::unique_ptr<ReferenceModel> content_;
  std::unique_ptr<EdgeTier> edges_;
  std::unique_ptr<SharedServer> shared_;
  base::Duration stretch_ = base::Duration::max();
  RegionBottlenecks bottlenecks_;
  base::Instant next_turn_ = base::Instant::max();  // of these
  ContributionModel contribution_;
  std::unique_ptr<VirtualHall> own_;  // of the clock of phases and drills, and of the probes
  std::vector<std::unique_ptr<VirtualHall>> halls_;
  base::Timer contribution_timer_;
  std::vector<base::Timer> behind_;           // what has not come through the encoders yet
  std::map<std::string, base::Timer> flaps_;  // by drill
  base::WorkerPool pool_;
  base::HugePages memory_;
};

}  // namespace harness
