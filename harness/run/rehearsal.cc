#include "harness/run/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"
#include "harness/gate/gate.h"
#include "harness/kpi/metrics.h"
#include "harness/run/self_usage.h"
#include "harness/run/warmup.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kRecoveryPatience = 20s;
constexpr base::Duration kPulse = 1s;

// So that no more than `most` of `all` are taken.
std::size_t stride(std::size_t all, std::size_t most) { return all <= most ? 1 : (all - 1) / most + 1; }

// What became of it.
std::string representatives_note(const RepresentativePlan& plan, const std::vector<std::unique_ptr<Crowd>>& crowds) {
  std::uint64_t followed = 0, stood = 0;
  for (const auto& crowd : crowds) followed += crowd->representatives()->have_followed(), stood += crowd->representatives()->have_stood();
  return fmt::format(
      "Representatives: from {} after their first frame on, {} sessions were not simulated themselves any more; what befell one of {} "
      "others of "
      "their cohort and edge counts for them, and its requests count for all whom it stands for, {} at most. Startup is everyone's own.",
      base::to_text(plan.after), followed, stood, plan.of);
}

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
      rows_every_{stride(plans_.size(), stage.detail_limits().rows)},
      samples_every_{stride(plans_.size(), stage.detail_limits().samples)},
      drills_{scenario, stage, journal_, [this](std::size_t cohort) { return active_in(cohort); },
              [this](const std::string& reason) { fail(reason); }},
      sample_{scenario},
      run_{std::move(about)} {
  for (std::size_t i = 0; i < stage.halls(); ++i)
    crowds_.push_back(
        std::make_unique<Crowd>(scenario, stage, stage.hall(i), plans_,
                                Crowd::Part{.index = i, .of = stage.halls(), .rows_every = rows_every_, .samples_every = samples_every_}));
  run_.scenario = scenario.name;
  run_.run_case = scenario.case_name;
  run_.seed = scenario.seed;
  run_.duration = base::to_seconds(scenario.duration);
  run_.sessions_planned = static_cast<std::uint32_t>(plans_.size());
  run_.outcome = "completed";
  journal_.add(so_far());
  journal_.phase(stage.timeline().now(), to_text(phase_), "began");
}

Rehearsal::~Rehearsal() = default;

// What there is of the run when the harness is killed.
reports::RunRow Rehearsal::so_far() const {
  reports::RunRow row = run_;
  row.verdict = "inconclusive";
  row.outcome = "interrupted";
  row.outcome_reason = "the harness ended before closeout";
  row.sessions_started = started_;
  row.sessions_failed = failed_;
  row.peak_concurrent = peak_;
  return row;
}

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
  for (const auto& crowd : crowds_) crowd->open(live_);
  pulse_ = stage_.timeline().call_at(live_ + kPulse, [this] { tick(); });
  deadline_ = stage_.timeline().call_at(live_ + scenario_.duration, [this] { end_of_live(); });
}

std::size_t Rehearsal::arrived() const {
  std::size_t all = 0;
  for (const auto& crowd : crowds_) all += crowd->arrived();
  return all;
}

std::size_t Rehearsal::following() const {
  std::size_t all = 0;
  for (const auto& crowd : crowds_) all += crowd->representatives() != nullptr ? crowd->representatives()->following() : 0;
  return all;
}

// What happened before an injection counts for the drills before it.
std::set<std::uint32_t> Rehearsal::active_in(std::size_t cohort) {
  collect();
  std::set<std::uint32_t> out;
  for (const auto& crowd : crowds_) out.merge(crowd->active_in(cohort));
  return out;
}

// The crowds' news, all of one instant's before those of a later one, and the first hall's first.
void Rehearsal::collect() {
  std::vector<Sign> signs;
  std::vector<Crowd::News::Step> steps;
  for (const auto& crowd : crowds_) {
    Crowd::News news = crowd->take_news();
    journal_.add(std::move(news.rows));
    for (reports::SessionRow& row : news.sessions) {
      kpis_.add(row);
      journal_.add(std::move(row));
    }
    signs.insert(signs.end(), news.signs.begin(), news.signs.end());
    steps.insert(steps.end(), news.steps.begin(), news.steps.end());
    errors_now_ += news.errors;
    bytes_now_ += news.bytes;
    started_ += news.started;
    failed_ += news.failed;
    ended_ += news.ended;
    turns_ += news.turns;
  }
  std::stable_sort(signs.begin(), signs.end(), [](const Sign& a, const Sign& b) { return a.at < b.at; });
  for (const Sign& sign : signs) drills_.see(sign);
  count(std::move(steps));
}

void Rehearsal::count(std::vector<Crowd::News::Step> steps) {
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  for (const Crowd::News::Step& step : steps) {
    active_ += static_cast<std::uint32_t>(step.by);
    peak_ = std::max(peak_, active_);
  }
}

AudienceSample::Rows Rehearsal::sample(base::Instant now) {
  LinkLedger::Offered offered;
  for (const auto& crowd : crowds_) {
    crowd->count(sample_);
    offered.add(crowd->links().offered(now - kPulse, now));
  }
  AudienceSample::Rows rows = sample_.take(journal_.seconds(now), samples_every_);
  rows.all.errors = std::exchange(errors_now_, 0);
  rows.all.bytes = std::exchange(bytes_now_, 0);
  if (stage_.link_backend() != "none") rows.all.downlink = offered.mean();
  return rows;
}

void Rehearsal::check_health() {
  if (const auto reason = stage_.failure()) fail(*reason);
}

// As if everyone who has not gone stayed to the end.
SimulatedWork Rehearsal::work(base::Duration left) const {
  const double seconds = base::to_seconds(left), there = asked() - ended_;
  const RepresentativePlan* plan = scenario_.representatives();
  if (plan == nullptr) return {session_seconds_, there * seconds};
  const double first = std::min(base::to_seconds(plan->after), seconds);
  return {played_seconds_, static_cast<double>(plans_.size() - arrived()) * first + there / plan->of * seconds};
}

void Rehearsal::tick() {
  const base::Instant now = stage_.timeline().now();
  check_health();
  if (phase_ == Phase::kDone) return;
  pulse_ = stage_.timeline().call_at(now + kPulse, [this] { tick(); });
  if (!journal_.is_live()) return progress_.show("warmup", "probe players");
  for (const auto& crowd : crowds_) crowd->settle();
  collect();
  AudienceSample::Rows rows = sample(now);
  const reports::SeriesRow& row = rows.all;
  errors_ += row.errors;
  const base::Instant end = live_ + scenario_.duration + (phase_ == Phase::kRecovery ? kRecoveryPatience : 0s);
  const base::Duration left = std::max(base::Duration::zero(), end - now);
  session_seconds_ += active_ * base::to_seconds(kPulse);
  played_seconds_ += static_cast<double>(active_ - following()) * base::to_seconds(kPulse);
  progress_.show(to_text(phase_), {.active = active_,
                                   .starting = row.starting,
                                   .stalled = row.stalled,
                                   .paused = has_pauses(scenario_) ? std::optional{row.paused} : std::nullopt,
                                   .finished = ended_,
                                   .planned = asked(),
                                   .errors = errors_,
                                   .mean_bitrate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(row.bitrate)),
                                   .left = left,
                                   .work = stage_.is_virtual() ? std::optional{work(left)} : std::nullopt});
  journal_.add(std::move(rows.all));
  for (reports::DeviceSeriesRow& device : rows.devices) journal_.add(std::move(device));
  journal_.add(so_far());
  drills_.tick(now);
  const bool everyone_left = arrived() == plans_.size() && active_ == 0;
  if (phase_ == Phase::kRecovery && (!drills_.waits_for_recovery(now) || everyone_left)) finish();
}

void Rehearsal::end_of_live() {
  collect();
  enter(Phase::kRecovery);
  if (!drills_.waits_for_recovery(stage_.timeline().now())) return finish();
  deadline_ = stage_.timeline().call_at(stage_.timeline().now() + kRecoveryPatience, [this] { finish(); });
}

void Rehearsal::finish() {
  if (phase_ == Phase::kDone) return;
  const base::Instant now = stage_.timeline().now();
  if (warmup_) warmup_->stop();
  deadline_.cancel();
  pulse_.cancel();
  if (!journal_.is_live()) journal_.live_begins(now);
  collect();
  if (live_ != base::Instant{}) run_.harness = stage_.measured(peak_);
  kpis_.run_stopped_at(journal_.seconds(now));
  for (const auto& crowd : crowds_) {
    crowd->stop();
    collect();  // the rows of a crowd, which are many, go before the next one's come
  }
  drills_.tick(now);
  enter(Phase::kDone);
}

void Rehearsal::interrupt() {
  if (done()) return;
  run_.outcome = "interrupted";
  run_.outcome_reason = fmt::format("interrupted in the {} phase", to_text(phase_));
  if (phase_ == Phase::kLive) {
    const auto seen = std::chrono::floor<std::chrono::seconds>(stage_.timeline().now() - live_);
    run_.outcome_reason += fmt::format(", after {} of {}", base::to_text(base::Duration{seen}), base::to_text(scenario_.duration));
  }
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
  if (const auto missing = plans_.size() - arrived(); missing > 0)
    notes.push_back(fmt::format("{} of {} planned viewers had not arrived when the run ended", missing, plans_.size()));
  if (const RepresentativePlan* plan = scenario_.representatives(); plan != nullptr && stage_.is_virtual())
    notes.push_back(representatives_note(*plan, crowds_));
  if (rows_every_ > 1)
    notes.push_back(fmt::format("Requests, events and links are kept of every {}th viewer; sessions and KPIs are of all.", rows_every_));
  if (samples_every_ > 1) notes.push_back(fmt::format("The plots over time are drawn from every {}th viewer.", samples_every_));
  return notes;
}

void Rehearsal::close() {
  ENSURE(done());
  const base::Instant now = stage_.timeline().now();
  journal_.phase(now, to_text(phase_), "ended");
  base::Histogram lateness;
  for (const auto& crowd : crowds_) lateness.merge(crowd->start_lateness());
  run_.harness.start_lateness_p50_ms = lateness.quantile(0.5) * 1e3;
  run_.harness.start_lateness_p99_ms = lateness.quantile(0.99) * 1e3;
  judge_saturation(run_.harness);
  for (const reports::DrillRow& drill : drills_.rows(now)) {
    kpis_.add(drill);
    journal_.add(drill);
  }
  std::vector<reports::KpiRow> kpis = kpis_.close();
  const std::vector<reports::GateRow> gates = evaluate(scenario_.gates, kpis);
  for (reports::KpiRow& kpi : kpis) journal_.add(std::move(kpi));
  LinkLedger links{scenario_};
  for (const auto& crowd : crowds_) links.merge(crowd->links());
  for (reports::LinkRow& link : links.rows(stage_.link_backend())) journal_.add(std::move(link));
  for (reports::DeliveryRow& server : stage_.delivery()) journal_.add(std::move(server));
  for (const reports::GateRow& gate : gates) journal_.add(gate);
  run_.sessions_planned = asked();
  run_.sessions_started = started_;
  run_.sessions_failed = failed_;
  run_.peak_concurrent = peak_;
  run_.verdict = verdict_of(gates, run_.harness);
  for (std::string& note : all_notes()) run_.notes.push_back(std::move(note));
  journal_.add(run_);
}

}  // namespace harness
