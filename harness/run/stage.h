// Stage: where a rehearsal plays: the two ports, the target's addresses, and the levers of the drills. RealStage starts the
// reference server and a contribution feed (or points at an external URL); VirtualStage is a model in virtual time. The rehearsal
// itself (rehearsal.h) is the same on both.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/timeline.h"
#include "harness/player/player_session.h"
#include "harness/run/frame_probe.h"
#include "harness/scenario/scenario.h"
#include "harness/transport/curl_socket.h"
#include "harness/transport/transport.h"
#include "netem/model/backend.h"
#include "reports/record/rows.h"

namespace harness {

// A viewer's use of its network.
struct LinkUse {
  base::ViewerId viewer{};
  std::size_t cohort = 0;  // index in the scenario
  base::Instant origin{};  // time zero of its traces
  std::uint64_t seed = 0;  // of its losses
  bool is_probe = false;   // of the warmup: its link is probe_link(), and no bottleneck is before it
};
// What is known of a link at its end.
struct LinkFacts {
  std::optional<netem::LinkReading> reading{};
  std::vector<ConnectionFacts> connections{};
};

// Where one part of the audience sits: a clock and a way to the target. Touched by one thread at a time.
class Hall {
 public:
  virtual base::Timeline& timeline() = 0;
  virtual Transport& transport() = 0;
  // The viewer's link comes up, before its first request, and goes. Nothing where links are not made one by one.
  virtual void connect(const LinkUse&) {}
  virtual LinkFacts disconnect(base::ViewerId) { return {}; }
  // Its last session has just ended; disconnect() comes soon.
  virtual void leave(base::ViewerId) {}
  // What `act` sets going on the clock is of that viewer, who is connected; halls may run viewers one by one.
  virtual void with(base::ViewerId, const std::function<void()>& act) { act(); }

 protected:
  ~Hall() = default;
};

// Of whom a run keeps more than their sessions. KPIs are always of all.
struct DetailLimits {
  std::size_t rows = ~std::size_t{0};     // viewers whose requests, events and link are kept, at most
  std::size_t samples = ~std::size_t{0};  // viewers who are asked each second what they do, at most
};

// The hall that a stage is itself has the clock of the phases and drills. The audience sits there too, unless there are further ones.
class Stage : public Hall {
 public:
  virtual std::size_t halls() const { return 1; }
  virtual Hall& hall(std::size_t) { return *this; }
  // Time here is simulated as fast as it goes.
  virtual bool is_virtual() const { return false; }
  virtual DetailLimits detail_limits() const { return {}; }
  virtual base::WallAnchor wall() = 0;

  virtual std::string manifest_url(StreamingProtocol protocol, std::size_t channel) const = 0;
  // Where a browser enters a channel on this path; absent: it begins with the token or the manifest.
  virtual std::optional<Entrance> entrance(PathKind path, std::size_t channel) const = 0;
  // Subject and group are filled in per viewer.
  virtual std::optional<TokenSource> token_source(std::size_t channel) const = 0;

  // "tun", "kernel", "none"; "model" in the virtual world.
  virtual std::string link_backend() const = 0;

  // Levers. `failed` is called (later, on the timeline) with a sentence when a lever did not move.
  virtual void expire_tokens(const std::string& group, std::function<void(std::string)> failed) = 0;
  // Of a drill that strikes the contribution: what it does to its feed or feeds, and that it is over.
  virtual void strike_feed(const DrillPlan& drill) = 0;
  virtual void mend_feed(const DrillPlan& drill) = 0;

  // What became of the contribution in that time; nothing where it cannot be known.
  struct ContributionFacts {
    std::optional<base::Instant> noticed_at{};  // the server said first that something is wrong with a feed, and what
    std::string noticed{};
    std::optional<base::Instant> switched_at{};  // another source, or the slate, was put on air because the one before was lost or unfit
    std::string switched_to{};
    double gap_ms = 0;
    std::uint64_t switches = 0;
    std::optional<FrameCounts> frames{};
  };
  virtual std::optional<ContributionFacts> contribution(base::Instant, base::Instant) { return std::nullopt; }

  // A sentence once the target or the harness's own machinery is broken beyond use (the server died). Polled every second.
  virtual std::optional<std::string> failure() = 0;
  // The harness about itself, over the time since measure_from(); figures that only the driver knows are left at zero.
  virtual void measure_from() = 0;
  virtual reports::HarnessRow measured(std::uint32_t sessions) = 0;
  // The servers between viewers and content, over the time since measure_from(), where they are simulated.
  virtual std::vector<reports::DeliveryRow> delivery() const { return {}; }
  // Sentences for every report: what was modelled, what was not.
  virtual std::vector<std::string> notes() const = 0;

 protected:
  ~Stage() = default;
};

}  // namespace harness
