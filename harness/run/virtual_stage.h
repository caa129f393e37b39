// VirtualStage: the reference server and the viewers' links as models in virtual time. Deterministic for a scenario and a seed.
#pragma once

#include <memory>
#include <unordered_map>

#include "base/virtual_timeline.h"
#include "harness/delivery/edge_tier.h"
#include "harness/run/stage.h"
#include "harness/transport/reference_model.h"

namespace harness {

class VirtualStage final : public Stage {
 public:
  // Throws base::InvalidInput for an external target, which has no model.
  explicit VirtualStage(const Scenario& scenario);
  ~VirtualStage();

  base::VirtualTimeline& virtual_timeline() { return timeline_; }
  base::Timeline& timeline() override { return timeline_; }
  Transport& transport() override { return *transport_; }
  base::WallAnchor wall() override;
  std::string manifest_url(StreamingProtocol protocol, std::size_t channel) const override;
  std::optional<Entrance> entrance(PathKind path, std::size_t channel) const override;
  std::optional<TokenSource> token_source(std::size_t channel) const override;
  void expire_tokens(const std::string& group, std::function<void(std::string)> failed) override;
  void stop_feed() override { model_->set_feed(timeline_.now(), false); }
  void start_feed() override { model_->set_feed(timeline_.now(), true); }
  std::optional<std::string> failure() override { return std::nullopt; }
  void measure_from() override {
    if (edges_) edges_->measure_from(timeline_.now());
  }
  std::vector<reports::DeliveryRow> delivery() const override { return edges_ ? edges_->rows() : std::vector<reports::DeliveryRow>{}; }
  void connect(const LinkUse& use) override { uses_.insert_or_assign(use.viewer, use); }
  LinkFacts disconnect(base::ViewerId viewer) override {
    if (edges_) edges_->leave(viewer);
    uses_.erase(viewer);
    return {};
  }
  std::string link_backend() const override { return "model"; }
  reports::HarnessRow measured(std::uint32_t) override { return reports::HarnessRow{.network_backend = "model"}; }
  std::vector<std::string> notes() const override;

 private:
  ModelLink link_of(base::ViewerId viewer) const;
  std::unique_ptr<EdgeTier> edge_tier(const VirtualWorld& world, std::size_t channels);
  const Scenario& scenario_;
  base::VirtualTimeline timeline_;
  std::unordered_map<base::ViewerId, LinkUse> uses_;
  std::unique_ptr<ReferenceModel> model_;
  std::unique_ptr<EdgeTier> edges_;  // where the scenario says what stands before the model
  std::unique_ptr<ModelTransport> transport_;
};

}  // namespace harness
