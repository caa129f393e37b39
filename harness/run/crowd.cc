#include "harness/run/crowd.h"

#include <fmt/format.h>

#include <numeric>

#include "harness/run/note_rows.h"
#include "harness/run/viewer_config.h"
#include "harness/scenario/trace_origin.h"

namespace harness {
namespace {

base::Duration sum_of(const std::vector<base::Duration>& waits) { return std::accumulate(waits.begin(), waits.end(), base::Duration{}); }

// In seconds. Where the session ended in one, that is the last: what is left of `all`.
std::vector<double> durations_of(const std::vector<base::Duration>& ended, base::Duration all, bool ended_in_one) {
  std::vector<double> out;
  for (const base::Duration each : ended) out.push_back(base::to_seconds(each));
  if (ended_in_one) out.push_back(base::to_seconds(all - sum_of(ended)));
  return out;
}

}  // namespace

Crowd::Crowd(const Scenario& scenario, Stage& stage, Hall& hall, const std::vector<SessionPlan>& plans, Part part)
    : scenario_{scenario},
      stage_{stage},
      hall_{hall},
      plans_{plans},
      part_{part},
      browsers_{hall.transport(), hall.timeline(), stage.wall()},
      seats_((plans.size() + part.of - 1 - part.index) / part.of),
      links_{scenario} {
  for (const Cohort& cohort : scenario.cohorts) devices_.emplace_back(device_of(scenario, cohort));
  const RepresentativePlan* representatives = scenario.representatives();
  if (representatives == nullptr || !stage.is_virtual()) return;
  representatives_ = std::make_unique<Representatives>(representatives->after);
  for (const Cohort& cohort : scenario.cohorts) most_represented_.push_back(most_represented(*scenario.virtual_world, cohort.region));
}

Crowd::~Crowd() = default;

void Crowd::open(base::Instant live) {
  live_ = live;
  schedule_next();
}

void Crowd::schedule_next() {
  if (next_ == seats_.size()) return;
  arrival_ = hall_.timeline().call_at(live_ + plan(next_).arrival, [this] {
    const base::Instant now = hall_.timeline().now();
    while (next_ < seats_.size() && live_ + plan(next_).arrival <= now) arrive(next_++);
    schedule_next();
  });
}

void Crowd::arrive(std::size_t number) {
  const SessionPlan& who = plan(number);
  on_lateness(hall_.timeline().now() - (live_ + who.arrival));
  const Cohort& cohort = scenario_.cohorts[who.cohort];
  const LinkUse link{.viewer = who.viewer,
                     .cohort = who.cohort,
                     .origin = trace_origin(scenario_.networks.at(cohort.network), live_, live_ + who.arrival, who.seed),
                     .seed = who.seed};
  hall_.connect(link);
  keeps_rows(who.viewer) ? links_.open(link, hall_.timeline().now()) : links_.pass_over(link);
  Seat& seat = seats_[number];
  const ViewerBehaviour::Bounds bounds{.channels = channels_of(scenario_.target), .horizon = scenario_.duration};
  seat.behaviour = std::make_unique<ViewerBehaviour>(cohort.behaviour, bounds, who.seed);
  seat.session = index_of(who.viewer);
  seat.planned_at = base::to_seconds(who.arrival);
  hall_.with(who.viewer, [&] { visit(number, *seat.behaviour->next()); });
}

// Once for all its viewers, who share what they are told.
const PlayerConfig& Crowd::config_of(std::size_t cohort, std::size_t channel) {
  const auto [found, is_new] = configs_.try_emplace({cohort, channel});
  if (is_new) {
    found->second = player_config(scenario_, stage_, scenario_.cohorts[cohort], devices_[cohort], channel);
    found->second.listings = listings_;
  }
  return found->second;
}

// One session, by the viewer's link.
void Crowd::visit(std::size_t number, Visit visit) {
  Seat& seat = seats_[number];
  if (!seat.behaviour->has_next()) seat.behaviour.reset();
  const SessionPlan& who = plan(number);
  PlayerConfig config = config_of(who.cohort, visit.channel);
  if (config.token) config.token->subject = fmt::format("viewer-{}", index_of(who.viewer));
  config.watch = visit.watch;
  config.patience = visit.patience;
  config.actions = std::move(visit.actions);
  if (const auto& cmcd = scenario_.cohorts[who.cohort].cmcd) {
    const auto run = scenario_.seed ^ static_cast<std::uint64_t>(config.wall.utc.time_since_epoch().count());
    config.cmcd = CmcdConfig{*cmcd, cmcd_session_id(run, base::ViewerId{seat.session}), scenario_.name};
  }
  seat.viewer = std::make_unique<Viewer>(who.viewer, std::move(config), hall_.timeline(), browsers_, static_cast<ViewerObserver&>(*this));
  seat.channel = static_cast<std::uint32_t>(visit.channel);
  seat.began_at = seconds(hall_.timeline().now());
  news_.steps.push_back({hall_.timeline().now(), 1});
  seat.viewer->begin();
}

// The viewer turns to another channel.
void Crowd::turn(std::size_t number) {
  Seat& seat = seats_[number];
  record(number, seat.viewer->totals());
  seat.session = static_cast<std::uint32_t>(plans_.size() + part_.index + turns_ * part_.of);
  ++turns_;
  ++news_.turns;
  seat.planned_at = seconds(hall_.timeline().now());
  Visit next = std::move(seat.turn->visit);
  seat.turn.reset();
  visit(number, std::move(next));
}

std::set<std::uint32_t> Crowd::active_in(std::size_t cohort) const {
  std::set<std::uint32_t> out;
  for (std::size_t i = 0; i < next_; ++i)
    if (plan(i).cohort == cohort && player_of(i) != nullptr) out.insert(seats_[i].session);
  return out;
}

void Crowd::sign(base::Instant at, std::size_t number, const Telemetry& what) {
  const bool begins = std::holds_alternative<StallBegan>(what) || std::holds_alternative<Trouble>(what);
  const bool is_over = std::holds_alternative<StallEnded>(what) || std::holds_alternative<TroubleOver>(what);
  if (!begins && !is_over) return;
  const Sign::Kind kind = begins ? Sign::Kind::kSymptom : Sign::Kind::kNormal;
  news_.signs.push_back({at, seats_[number].session, kind});
  if (!representatives_) return;
  for (const Representatives::Follower& each : representatives_->followers_of(number))
    news_.signs.push_back({at, seats_[each.seat].session, kind});
}

void Crowd::on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) {
  const std::size_t number = seat_of(viewer);
  Seat& seat = seats_[number];
  const bool detail = keeps_rows(viewer);
  if (detail) news_.rows.push_back(row_of(seconds(at), seat.session, what));
  if (const auto* request = std::get_if<RequestDone>(&what)) {
    const std::uint16_t weight = seat.viewer->stands_for();
    news_.errors += has_failed(*request) ? weight : 0;
    news_.bytes += request->bytes.count() * weight;
    if (detail) links_.note(viewer, at, *request);
    return;
  }
  sign(at, number, what);
  if (const auto* stall = std::get_if<StallEnded>(&what)) seat.waits.filled().stalls.push_back(stall->lasted);
  if (const auto* seek = std::get_if<SeekEnded>(&what)) seat.waits.filled().seeks.push_back(seek->lasted);
  if (!std::holds_alternative<StartupDone>(what)) return;
  ++news_.started;
  if (representatives_) representatives_->started(at, number, seat.session);
}

void Crowd::on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) {
  const std::size_t number = seat_of(viewer);
  Seat& seat = seats_[number];
  if (representatives_) end_followers(number, at, how);
  if (keeps_rows(viewer)) news_.rows.push_back(row_of(seconds(at), seat.session, how));
  end(at, number, how);
  if (how.ending != Ending::kWatchedEnough || !seat.behaviour) return leave(number);
  seat.turn = Turn{*seat.behaviour->next(), hall_.timeline().call_at(at, [this, number] { turn(number); })};
}

void Crowd::leave(std::size_t number) {
  if (!is_over_) hall_.leave(plan(number).viewer);
  just_ended_.push_back(number);
}

void Crowd::end(base::Instant at, std::size_t number, const Finish& how) {
  news_.signs.push_back({at, seats_[number].session, Sign::Kind::kLeft});
  news_.steps.push_back({at, -1});
  ++news_.ended;
  news_.failed += how.ending == Ending::kFailed ? 1 : 0;
}

// The row of the session that ended.
void Crowd::record(std::size_t number, const PlayerTotals& totals) {
  Seat& seat = seats_[number];
  const SessionPlan& who = plan(number);
  const Cohort& cohort = scenario_.cohorts[who.cohort];
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
  const Waits waits = seat.waits ? std::move(*seat.waits) : Waits{};
  seat.waits.reset();
  row.stall_durations = durations_of(waits.stalls, totals.stalled, totals.stalls > waits.stalls.size());
  row.seek_latencies = durations_of(waits.seeks, totals.seeking, totals.seeking > sum_of(waits.seeks));
  row.viewer = index_of(who.viewer);
  row.channel = seat.channel;
  news_.sessions.push_back(std::move(row));
}

// The viewer's last session ended; after this the viewer is gone. That of a follower has its row.
void Crowd::settle(std::size_t number) {
  if (seats_[number].viewer) record(number, seats_[number].viewer->totals());
  seats_[number] = {};
  const base::ViewerId viewer = plan(number).viewer;
  browsers_.forget(viewer);
  links_.close(viewer, hall_.disconnect(viewer));
}

void Crowd::settle() {
  for (const std::size_t number : std::exchange(just_ended_, {})) settle(number);
  if (representatives_) gather();
}

void Crowd::stop() {
  is_over_ = true;
  arrival_.cancel();
  for (std::size_t number = 0; number < next_; ++number) {
    Seat& seat = seats_[number];
    if (seat.viewer) hall_.with(plan(number).viewer, [&seat] { seat.viewer->stop(); });
    if (!seat.turn) continue;
    seat.turn.reset();
    just_ended_.push_back(number);
  }
  settle();
}

void Crowd::count(AudienceSample& sample) const {
  for (std::size_t i = 0; i < next_; ++i)
    if (index_of(plan(i).viewer) % part_.samples_every == 0)
      if (Viewer* const player = player_of(i)) sample.count(plan(i).cohort, player->status());
}

}  // namespace harness
