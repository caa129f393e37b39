#include "harness/run/warmup.h"

#include <fmt/format.h>

#include <set>

#include "harness/run/viewer_config.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kMustPlay = 2s;
constexpr base::Duration kPatience = 20s;
constexpr base::Duration kLookEvery = 250ms;
constexpr std::uint32_t kFirstProbe = 0xFFFF'0000;  // probes are numbered far above the audience

}  // namespace

Rehearsal::Warmup::Warmup(const Scenario& scenario, Stage& stage, BrowserCache& browsers, std::function<void(std::string)> done)
    : stage_{stage},
      browsers_{browsers},
      has_virtual_world_{stage.is_virtual() && scenario.virtual_world.has_value()},
      done_{std::move(done)} {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    const Cohort& cohort = scenario.cohorts[i];
    if (!seen.insert(cohort.region).second) continue;
    const std::size_t number = probes_.size();
    PlayerConfig config = player_config(scenario, stage, cohort, device_of(scenario, cohort));
    if (config.token) config.token->subject = fmt::format("probe-{}", number);
    probes_.push_back(
        {i, cohort.region,
         std::make_unique<Viewer>(id_of(number), std::move(config), stage.timeline(), browsers, static_cast<ViewerObserver&>(*this)),
         false});
  }
}

Rehearsal::Warmup::~Warmup() = default;

void Rehearsal::Warmup::begin() {
  began_ = stage_.timeline().now();
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    stage_.connect({.viewer = id_of(i), .cohort = probes_[i].cohort, .origin = began_, .seed = i, .is_probe = true});
    probes_[i].viewer->begin();
  }
  pulse_ = stage_.timeline().call_at(began_ + kLookEvery, [this] { look(); });
}

void Rehearsal::Warmup::stop() {
  pulse_.cancel();
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    probes_[i].viewer->stop();
    browsers_.forget(id_of(i));
    stage_.disconnect(id_of(i));
  }
}

base::ViewerId Rehearsal::Warmup::id_of(std::size_t probe) { return base::ViewerId{kFirstProbe + static_cast<std::uint32_t>(probe)}; }

void Rehearsal::Warmup::look() {
  if (!problem_.empty()) return report(problem_);
  bool all = true;
  for (Probe& probe : probes_) {
    probe.played = probe.played || probe.viewer->totals().played >= kMustPlay;
    all = all && probe.played;
  }
  if (all) return report("");
  const base::Instant now = stage_.timeline().now();
  if (now - began_ >= kPatience) {
    for (const Probe& probe : probes_)
      if (!probe.played)
        return report(fmt::format("warmup: the probe player of region {}, on a good link, did not play {} of media within {} s{}",
                                  probe.region, "2 s", kPatience / 1s, last_trouble_.empty() ? "" : "; last trouble: " + last_trouble_));
  }
  pulse_ = stage_.timeline().call_at(now + kLookEvery, [this] { look(); });
}

// Called from a timer of ours only, so the probes can be stopped in it.
void Rehearsal::Warmup::report(std::string problem) {
  stop();
  if (!problem.empty() && has_virtual_world_)
    problem += "; think times, limits and delays of servers are those of the scenario's section \"virtual\", and of its model";
  done_(std::move(problem));
}

void Rehearsal::Warmup::on_note(base::ViewerId, base::Instant, const Telemetry& what) {
  if (const auto* trouble = std::get_if<Trouble>(&what)) last_trouble_ = trouble->what;
}

void Rehearsal::Warmup::on_finish(base::ViewerId viewer, base::Instant, const Finish& how) {
  const Probe& probe = probes_[index_of(viewer) - kFirstProbe];
  if (how.ending == Ending::kFailed) problem_ = fmt::format("warmup: the probe player of region {} failed: {}", probe.region, how.reason);
  if (how.ending == Ending::kContentEnded) probes_[index_of(viewer) - kFirstProbe].played = true;
}

}  // namespace harness
