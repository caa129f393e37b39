// ProfileEngine: a player made of the numbers of its Device: one ABR rule, one buffer target, requests that follow each other at once.
// For engines whose source is closed and for research; it claims no fidelity to any player.
#pragma once

#include "base/boxed.h"
#include "base/compact_optional.h"
#include "harness/engine/abr_rule.h"
#include "harness/engine/engine.h"
#include "harness/engine/throughput_estimator.h"

namespace harness {

EngineTraits profile_traits(const Device& device);

class ProfileEngine final : public Engine {
 public:
  // `traits`: profile_traits() of the device.
  ProfileEngine(const Device& device, std::shared_ptr<const EngineTraits> traits);
  const EngineTraits& traits() const override { return *traits_; }
  std::size_t start_rendition(const PlayerView& view) override { return choose(view); }
  Next next(TrackKind kind, const PlayerView& view) override;
  base::Instant quiet_until(const PlayerView& view) const override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_ladder(const LadderChange& change, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override { return estimator_.estimate(); }

 private:
  struct Decision {
    base::Duration position{};  // of the segment
    std::size_t rendition = 0;
    base::Instant request_at;
  };
  std::size_t choose(const PlayerView& view);
  Load decide(const PlayerView& view);
  static void look_at_segments(const PlayerView& view, AbrSnapshot& snapshot);
  base::Bitrate prior(const PlayerView& view) const;

  std::shared_ptr<const EngineTraits> traits_;
  ThroughputEstimator estimator_;
  std::unique_ptr<AbrRule> rule_;
  std::size_t current_ = 0;  // index last chosen
  base::Duration goal_;
  base::Boxed<Decision> decision_;  // of a rule that chooses once
  base::CompactOptional<base::Instant> full_since_;
  std::size_t segments_ = 0;  // received
};

}  // namespace harness
