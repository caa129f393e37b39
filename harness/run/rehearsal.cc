#include "harness/run/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"
#include "harness/gate/gate.h"
#include "harness/kpi/metrics.h"
#include "harness/run/self_usage.h"
#include "harness/run/warmup.h"
#include "harness/scenario/trace_origin.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kRecoveryPatience = 20s;
constexpr base::Duration kPulse = 1s;

bool has_pauses(const Scenario& scenario) {
  return std::any_of(scenario.cohorts.begin(), scenario.cohorts.end(),
                     [](const Cohort& cohort) { return cohort.behaviour.pause.has_value(); });
}

}  // namespace

const char* to_text(Rehearsal::Phase phase) {
  switch (phase) {
    case Rehearsal::Phase::kIdle:
      return "preflight";
    case Rehearsal::Phase::kWarmup:
      return "warmup";
    case Rehearsal::Phase::kLive:
      return "live";
    case Rehearsal::Phase::kRecovery:
      return "recovery";
    case Rehearsal::Phase::kDone:
      return "closeout";
  }
  ENSURE(false);
}

Rehearsal::Rehearsal(const Scenario& scenario, Stage& stage, reports::RunStoreWriter& store, ProgressLine& progress, reports::RunRow about)
    : scenario_{scenario},
      stage_{stage},
      progress_{progress},
      journal_{store},
      browsers_{stage.transport(), stage.timeline(), stage.wall()},
      plans_{plan_audience(scenario)},
      seats_(plans_.size()),
      drills_{scenario, stage, journal_, [this](std::size_t cohort) { return active_in(cohort); },
              [this](const std::string& reason) { fail(reason); }},
      links_{scenario},
      sample_{scenario},
      run_{std::move(about)} {
  for (const Cohort& cohort : scenario.cohorts) devices_.emplace_back(device_of(scenario, cohort));
  run_.scenario = scenario.name;
  run_.seed = scenario.seed;
  run_.duration = base::to_seconds(scenario.duration);
  run_.sessions_planned = static_cast<std::uint32_t>(plans_.size());
  run_.outcome = "interrupted";
  run_.outcome_reason = "the harness ended before closeout";
  journal_.add(run_);
  run_.outcome = "completed";
  run_.outcome_reason.clear();
  journal_.phase(stage.timeline().now(), to_text(phase_), "began");
}

Rehearsal::~Rehearsal() = default;

void Rehearsal::enter(Phase phase) {
  const base::Instant now = stage_.timeline().now();
  journal_.phase(now, to_text(phase_), "ended");
  phase_ = phase;
  journal_.phase(now, to_text(phase), "began");
}

void Rehearsal::begin() {
  enter(Phase::kWarmup);
  progress_.show("warmup", "probe players");
  warmup_ = std::make_unique<Warmup>(scenario_, stage_, browsers_,
                                     [this](const std::string& problem) { problem.empty() ? go_live() : fail(problem); });
  warmup_->begin();
  pulse_ = stage_.timeline().call_at(stage_.timeline().now() + kPulse, [this] { tick(); });
}

void Rehearsal::go_live() {
  live_ = stage_.timeline().now();
  enter(Phase::kLive);
  journal_.live_begins(live_);
  stage_.measure_from();
  drills_.arm(live_);
  schedule_next_arrival();
  pulse_ = stage_.timeline().call_at(live_ + kPulse, [this] { tick(); });
  deadline_ = stage_.timeline().call_at(live_ + scenario_.duration, [this] { end_of_live(); });
}

void Rehearsal::schedule_next_arrival() {
  if (next_arrival_ == plans_.size()) return;
  arrival_ = stage_.timeline().call_at(live_ + plans_[next_arrival_].arrival, [this] {
    const base::Instant now = stage_.timeline().now();
    while (next_arrival_ < plans_.size() && live_ + plans_[next_arrival_].arrival <= now) arrive(plans_[next_arrival_++]);
    schedule_next_arrival();
  });
}

void Rehearsal::arrive(const SessionPlan& plan) {
  on_lateness(stage_.timeline().now() - (live_ + plan.arrival));
  const Cohort& cohort = scenario_.cohorts[plan.cohort];
  const LinkUse link{.viewer = plan.viewer,
                     .cohort = plan.cohort,
                     .origin = trace_origin(scenario_.networks.at(cohort.network), live_, live_ + plan.arrival, plan.seed),
                     .seed = plan.seed};
  stage_.connect(link);
  links_.open(link, stage_.timeline().now());
  Seat& seat = seats_[index_of(plan.viewer)];
  const ViewerBehaviour::Bounds bounds{.channels = channels_of(scenario_.target), .horizon = scenario_.duration};
  seat.behaviour = std::make_unique<ViewerBehaviour>(cohort.behaviour, bounds, plan.seed);
  seat.session = index_of(plan.viewer);
  seat.planned_at = base::to_seconds(plan.arrival);
  visit(plan, *seat.behaviour->next());
}

// One session, by the viewer's link.
void Rehearsal::visit(const SessionPlan& plan, Visit visit) {
  Seat& seat = seats_[index_of(plan.viewer)];
  PlayerConfig config = player_config(scenario_, stage_, scenario_.cohorts[plan.cohort], devices_[plan.cohort],
                                      fmt::format("viewer-{}", index_of(plan.viewer)), plan.seed, visit.channel);
  config.listings = listings_;
  config.watch = visit.watch;
  config.patience = visit.patience;
  config.actions = std::move(visit.actions);
  if (const auto& cmcd = scenario_.cohorts[plan.cohort].cmcd) {
    const auto run = scenario_.seed ^ static_cast<std::uint64_t>(config.wall.utc.time_since_epoch().count());
    config.cmcd = CmcdConfig{*cmcd, cmcd_session_id(run, session_of(plan.viewer)), scenario_.name};
  }
  seat.viewer = std::make_unique<Viewer>(plan.viewer, std::move(config), stage_.timeline(), browsers_, static_cast<ViewerObserver&>(*this));
  seat.channel = static_cast<std::uint32_t>(visit.channel);
  seat.began_at = journal_.seconds(stage_.timeline().now());
  peak_ = std::max(peak_, ++active_);
  seat.viewer->begin();
}

// The viewer turns to another channel.
void Rehearsal::turn(const SessionPlan& plan) {
  Seat& seat = seats_[index_of(plan.viewer)];
  record(plan);
  seat.session = asked();
  ++turns_;
  seat.planned_at = journal_.seconds(stage_.timeline().now());
  visit(plan, *std::exchange(seat.next, std::nullopt));
}

std::set<std::uint32_t> Rehearsal::active_in(std::size_t cohort) const {
  std::set<std::uint32_t> out;
  for (const SessionPlan& plan : plans_)
    if (plan.cohort == cohort && seats_[index_of(plan.viewer)].viewer && !seats_[index_of(plan.viewer)].viewer->finished())
      out.insert(seats_[index_of(plan.viewer)].session);
  return out;
}

void Rehearsal::on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) {
  journal_.note(at, session_of(viewer), what);
  drills_.on_note(at, session_of(viewer), what);
  Seat& seat = seats_[index_of(viewer)];
  if (const auto* request = std::get_if<RequestDone>(&what)) links_.note(viewer, at, *request);
  if (const auto* stall = std::get_if<StallEnded>(&what)) seat.stalls.push_back(base::to_seconds(stall->lasted));
  if (const auto* seek = std::get_if<SeekEnded>(&what)) seat.seeks.push_back(base::to_seconds(seek->lasted));
  if (std::holds_alternative<StartupDone>(what)) ++started_;
}

void Rehearsal::on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) {
  journal_.finished(at, session_of(viewer), how);
  drills_.on_finish(at, session_of(viewer));
  --active_;
  ++ended_;
  failed_ += how.ending == Ending::kFailed ? 1 : 0;
  Seat& seat = seats_[index_of(viewer)];
  if (how.ending == Ending::kWatchedEnough) seat.next = seat.behaviour->next();
  if (!seat.next) return just_ended_.push_back(index_of(viewer));
  seat.turn = stage_.timeline().call_at(at, [this, n = index_of(viewer)] { turn(plans_[n]); });
}

// The row of the session that ended.
void Rehearsal::record(const SessionPlan& plan) {
  Seat& seat = seats_[index_of(plan.viewer)];
  const PlayerTotals totals = seat.viewer->totals();
  const Cohort& cohort = scenario_.cohorts[plan.cohort];
  const double played = base::to_seconds(totals.played);
  reports::SessionRow row{.id = seat.session,
                          .cohort = cohort.name,
                          .device = cohort.device,
                          .network = cohort.network,
                          .region = cohort.region,
                          .path = to_text(cohort.path),
                          .planned_at = seat.planned_at,
                          .began_at = seat.began_at};
  if (totals.startup_time) row.startup_time = base::to_seconds(*totals.startup_time) + (row.began_at - row.planned_at);
  row.played = played;
  row.stalled = base::to_seconds(totals.stalled);
  row.seeking = base::to_seconds(totals.seeking);
  row.paused = base::to_seconds(totals.paused);
  row.stalls = totals.stalls;
  row.switches = totals.switches;
  row.requests = totals.requests;
  row.failed_requests = totals.failed_requests;
  row.token_refreshes = totals.token_refreshes;
  row.bytes = totals.bytes.count();
  row.bitrate = played > 0 ? totals.bitrate_seconds / played : 0;
  if (totals.latency_samples > 0) row.live_latency = totals.latency_seconds_sum / totals.latency_samples;
  row.ending = totals.ending ? to_text(*totals.ending) : "stopped";
  row.failure = totals.failure;
  row.stall_durations = std::exchange(seat.stalls, {});
  row.seek_latencies = std::exchange(seat.seeks, {});
  row.viewer = index_of(plan.viewer);
  row.channel = seat.channel;
  kpis_.add(row);
  journal_.add(std::move(row));
}

// The viewer's last session ended; after this the viewer is gone.
void Rehearsal::settle(std::uint32_t viewer) {
  record(plans_[viewer]);
  seats_[viewer] = {};
  browsers_.forget(plans_[viewer].viewer);
  links_.close(plans_[viewer].viewer, stage_.disconnect(plans_[viewer].viewer));
}

AudienceSample::Rows Rehearsal::sample(base::Instant now) {
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (const auto& viewer = seats_[i].viewer; viewer && !viewer->finished()) sample_.count(plans_[i].cohort, viewer->status());
  AudienceSample::Rows rows = sample_.take(journal_.seconds(now));
  const Journal::Second second = journal_.take_second();
  rows.all.errors = second.errors;
  rows.all.bytes = second.bytes;
  if (stage_.link_backend() != "none") rows.all.downlink = links_.mean_downlink(now - kPulse, now);
  return rows;
}

void Rehearsal::check_health() {
  if (const auto reason = stage_.failure()) fail(*reason);
}

void Rehearsal::tick() {
  const base::Instant now = stage_.timeline().now();
  check_health();
  if (phase_ == Phase::kDone) return;
  pulse_ = stage_.timeline().call_at(now + kPulse, [this] { tick(); });
  if (!journal_.is_live()) return progress_.show("warmup", "probe players");
  for (const std::uint32_t id : std::exchange(just_ended_, {})) settle(id);
  AudienceSample::Rows rows = sample(now);
  const reports::SeriesRow& row = rows.all;
  errors_ += row.errors;
  const base::Instant end = live_ + scenario_.duration + (phase_ == Phase::kRecovery ? kRecoveryPatience : 0s);
  progress_.show(to_text(phase_), {.active = row.active,
                                   .starting = row.starting,
                                   .stalled = row.stalled,
                                   .paused = has_pauses(scenario_) ? std::optional{row.paused} : std::nullopt,
                                   .finished = ended_,
                                   .planned = asked(),
                                   .errors = errors_,
                                   .mean_bitrate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(row.bitrate)),
                                   .left = std::max(base::Duration::zero(), end - now)});
  journal_.add(std::move(rows.all));
  for (reports::DeviceSeriesRow& device : rows.devices) journal_.add(std::move(device));
  drills_.tick(now);
  const bool everyone_left = next_arrival_ == plans_.size() && active_ == 0;
  if (phase_ == Phase::kRecovery && (!drills_.waits_for_recovery(now) || everyone_left)) finish();
}

void Rehearsal::end_of_live() {
  enter(Phase::kRecovery);
  if (!drills_.waits_for_recovery(stage_.timeline().now())) return finish();
  deadline_ = stage_.timeline().call_at(stage_.timeline().now() + kRecoveryPatience, [this] { finish(); });
}

void Rehearsal::finish() {
  if (phase_ == Phase::kDone) return;
  const base::Instant now = stage_.timeline().now();
  if (warmup_) warmup_->stop();
  arrival_.cancel();
  deadline_.cancel();
  pulse_.cancel();
  if (!journal_.is_live()) journal_.live_begins(now);
  if (live_ != base::Instant{}) run_.harness = stage_.measured(peak_);
  kpis_.run_stopped_at(journal_.seconds(now));
  for (std::uint32_t id = 0; id < seats_.size(); ++id) {
    if (seats_[id].viewer) seats_[id].viewer->stop();
    if (!std::exchange(seats_[id].next, std::nullopt)) continue;
    seats_[id].turn.cancel();
    just_ended_.push_back(id);
  }
  for (const std::uint32_t id : std::exchange(just_ended_, {})) settle(id);
  drills_.tick(now);
  enter(Phase::kDone);
}

void Rehearsal::interrupt() {
  if (done()) return;
  run_.outcome = "interrupted";
  run_.outcome_reason = fmt::format("interrupted in the {} phase", to_text(phase_));
  journal_.message(stage_.timeline().now(), run_.outcome_reason);
  finish();
}

void Rehearsal::fail(const std::string& reason) {
  if (done()) return;
  run_.outcome = "run-failed";
  run_.outcome_reason = reason;
  journal_.message(stage_.timeline().now(), reason);
  finish();
}

std::vector<std::string> Rehearsal::all_notes() const {
  std::vector<std::string> notes = stage_.notes();
  if (const auto missing = plans_.size() - next_arrival_; missing > 0)
    notes.push_back(fmt::format("{} of {} planned viewers had not arrived when the run ended", missing, plans_.size()));
  return notes;
}

void Rehearsal::close() {
  ENSURE(done());
  const base::Instant now = stage_.timeline().now();
  journal_.phase(now, to_text(phase_), "ended");
  run_.harness.start_lateness_p50_ms = start_lateness_.quantile(0.5) * 1e3;
  run_.harness.start_lateness_p99_ms = start_lateness_.quantile(0.99) * 1e3;
  judge_saturation(run_.harness);
  for (const reports::DrillRow& drill : drills_.rows(now)) {
    kpis_.add(drill);
    journal_.add(drill);
  }
  std::vector<reports::KpiRow> kpis = kpis_.close();
  const std::vector<reports::GateRow> gates = evaluate(scenario_.gates, kpis);
  for (reports::KpiRow& kpi : kpis) journal_.add(std::move(kpi));
  for (reports::LinkRow& link : links_.rows(stage_.link_backend())) journal_.add(std::move(link));
  for (reports::DeliveryRow& server : stage_.delivery()) journal_.add(std::move(server));
  for (const reports::GateRow& gate : gates) journal_.add(gate);
  run_.sessions_planned = asked();
  run_.sessions_started = started_;
  run_.sessions_failed = failed_;
  run_.peak_concurrent = peak_;
  run_.verdict = verdict_of(gates, run_.harness);
  run_.notes = all_notes();
  journal_.add(run_);
}

}  // namespace harness
