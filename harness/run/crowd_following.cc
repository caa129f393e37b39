#include <algorithm>
#include <limits>
#include <utility>

#include "harness/delivery/cache_server.h"
#include "harness/delivery/edge_tier.h"
#include "harness/delivery/origin_server.h"
#include "harness/run/crowd.h"

namespace harness {
namespace {

constexpr base::Duration kBusyAtOnce = kOverloaded / 5;

// So many a server takes, and sends, in that time.
double requests_at_once(const ServerLimits::Spec& limits) {
  return limits.requests_per_s ? *limits.requests_per_s * base::to_seconds(kBusyAtOnce) : std::numeric_limits<double>::infinity();
}

double answers_at_once(const ServerLimits::Spec& limits, base::ByteCount each) {
  return limits.egress ? base::to_seconds(kBusyAtOnce) / base::to_seconds(each / *limits.egress) : std::numeric_limits<double>::infinity();
}

}  // namespace

std::uint32_t most_represented(const VirtualWorld& world, const std::string& region) {
  const auto edge = world.edges.find(region);
  const ServerLimits::Spec limits = edge != world.edges.end() ? limits_of(edge->second) : limits_of_origin(world);
  const base::ByteCount segment = largest_segment(world.content.value_or(ContentShape{}));
  const double most = std::min(requests_at_once(limits), answers_at_once(limits, segment));
  return static_cast<std::uint32_t>(std::clamp(most, 1.0, static_cast<double>(world.representatives->of)));
}

// Who plays that session, itself or for it; null: it has not begun, or is over.
Viewer* Crowd::player_of(std::size_t number) const {
  if (const auto& viewer = seats_[number].viewer) return viewer->finished() ? nullptr : viewer.get();
  const auto representative = representatives_ ? representatives_->representative_of(number) : std::nullopt;
  return representative ? seats_[*representative].viewer.get() : nullptr;
}

Representatives::Kind Crowd::kind_of(std::size_t number) const {
  const std::size_t cohort = plan(number).cohort;
  const auto& edges = scenario_.virtual_world->edges;
  const auto found = edges.find(scenario_.cohorts[cohort].region);
  const std::size_t edge = found == edges.end() ? 0 : server_of(plan(number).viewer, static_cast<std::size_t>(found->second.count));
  return {.cohort = cohort, .edge = edge, .channel = seats_[number].channel};
}

void Crowd::gather() {
  for (const Representatives::Candidate& each : representatives_->take_due(hall_.timeline().now())) consider(each);
}

// Who will turn to another channel neither follows nor is followed.
void Crowd::consider(const Representatives::Candidate& who) {
  const Seat& seat = seats_[who.seat];
  if (!seat.viewer || seat.viewer->finished() || seat.session != who.session || seat.behaviour) return;
  if (most_represented_[plan(who.seat).cohort] < 2) return;
  const auto leaves = seat.viewer->stays_until();
  if (!leaves) return representatives_->not_yet(hall_.timeline().now(), who.seat, who.session);
  const Representatives::Kind kind = kind_of(who.seat);
  const auto representative = keeps_rows(plan(who.seat).viewer) ? std::nullopt : find_representative(kind, *leaves);
  if (representative) return follow(who.seat, *representative, *leaves);
  representatives_->open(kind, most_represented_[kind.cohort], who.seat);
}

// One who plays, too, and stays as long.
std::optional<std::size_t> Crowd::find_representative(const Representatives::Kind& kind, base::Instant leaves) {
  for (const std::size_t each : representatives_->with_room(kind)) {
    const auto stays = seats_[each].viewer->stays_until();
    if (stays && *stays >= leaves) return each;
  }
  return std::nullopt;
}

// Its connections to the servers stay open until it leaves.
void Crowd::follow(std::size_t number, std::size_t representative, base::Instant leaves) {
  Viewer& leader = *seats_[representative].viewer;
  const base::ViewerId viewer = plan(number).viewer;
  std::unique_ptr<Viewer> own = std::move(seats_[number].viewer);
  const auto& waits = seats_[representative].waits;
  Representatives::Follower who{
      .seat = number, .leaves = leaves, .owed = less(own->totals(), leader.totals()), .stalls_before = waits ? waits->stalls.size() : 0};
  hall_.with(viewer, [&own] {
    own->vanish();
    own.reset();
  });
  browsers_.forget(viewer);
  hall_.with(plan(representative).viewer, [&] {
    if (leaves == base::Instant::max()) return;
    who.leave = hall_.timeline().call_at(leaves, [this, number, representative] {
      end_follower(representatives_->take(number), representative, hall_.timeline().now(),
                   {.ending = Ending::kWatchedEnough, .reason = {}});
      seats_[representative].viewer->stand_for(representatives_->weight_of(representative));
    });
  });
  representatives_->follow(representative, std::move(who));
  leader.stand_for(representatives_->weight_of(representative));
}

// Some may leave at the same instant.
void Crowd::end_followers(std::size_t representative, base::Instant at, const Finish& how) {
  for (const Representatives::Follower& each : representatives_->close(representative))
    end_follower(each, representative, at, each.leaves <= at ? Finish{.ending = Ending::kWatchedEnough, .reason = {}} : how);
}

void Crowd::end_follower(const Representatives::Follower& who, std::size_t representative, base::Instant at, const Finish& how) {
  PlayerTotals totals = plus(who.owed, seats_[representative].viewer->totals());
  totals.ending = how.ending;
  totals.failure = how.reason;
  if (const auto& waits = seats_[representative].waits; waits && waits->stalls.size() > who.stalls_before) {
    std::vector<base::Duration>& own = seats_[who.seat].waits.filled().stalls;
    own.insert(own.end(), waits->stalls.begin() + static_cast<std::ptrdiff_t>(who.stalls_before), waits->stalls.end());
  }
  end(at, who.seat, how);
  record(who.seat, totals);
  leave(who.seat);
}

}  // namespace harness
