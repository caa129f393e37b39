#include "harness/behaviour/viewer_behaviour.h"

#include <algorithm>

#include "harness/behaviour/draw.h"

namespace harness {
namespace {

using base::Duration;
using base::Random;

constexpr Duration kLeast = std::chrono::seconds{1};  // nobody acts faster
constexpr int kMostOfAKind = 1'000;                   // actions in one visit; bounds what a careless scenario costs

Duration at_least_a_moment(Duration drawn) { return std::max(drawn, kLeast); }

SeekBy jump_of(const Seeking& seeking, Random& random) {
  const Duration jump = draw(*seeking.by, random);
  return {random.chance(seeking.back) ? -jump : jump};
}

void add_seeks(const Seeking& seeking, Duration until, Random random, std::vector<TimedAction>& actions) {
  Duration at{};
  for (int n = 0; n < kMostOfAKind && (at += at_least_a_moment(draw(seeking.every, random))) < until; ++n)
    actions.push_back({at, seeking.by ? ViewerAction{jump_of(seeking, random)} : ViewerAction{SeekTo{random.uniform()}}});
}

void add_spells(const Spells& spells, Duration until, Random random, const std::pair<ViewerAction, ViewerAction>& what,
                std::vector<TimedAction>& actions) {
  Duration at{};
  for (int n = 0; n < kMostOfAKind && (at += at_least_a_moment(draw(spells.every, random))) < until; ++n) {
    actions.push_back({at, what.first});
    at += draw(spells.lasts, random);
    if (at < until) actions.push_back({at, what.second});
  }
}

std::vector<TimedAction> actions_of(const Behaviour& behaviour, Duration until, std::uint64_t seed) {
  std::vector<TimedAction> actions;
  if (behaviour.seek) add_seeks(*behaviour.seek, until, Random::stream(seed, "seek"), actions);
  if (behaviour.pause) add_spells(*behaviour.pause, until, Random::stream(seed, "pause"), {PausePlay{}, ResumePlay{}}, actions);
  if (behaviour.hide) add_spells(*behaviour.hide, until, Random::stream(seed, "hide"), {HidePage{}, ShowPage{}}, actions);
  std::stable_sort(actions.begin(), actions.end(), [](const TimedAction& a, const TimedAction& b) { return a.at < b.at; });
  return actions;
}

std::optional<Duration> drawn(const std::optional<Distribution>& from, Random random) {
  return from ? std::optional{draw(*from, random)} : std::nullopt;
}

}  // namespace

ViewerBehaviour::ViewerBehaviour(const Behaviour& behaviour, Bounds bounds, std::uint64_t seed)
    : behaviour_{behaviour},
      bounds_{bounds},
      seed_{seed},
      watch_left_{drawn(behaviour.watch, Random::stream(seed, "watch"))},
      zaps_{Random::stream(seed, "zap")} {
  if (watch_left_) watch_left_ = at_least_a_moment(*watch_left_);
}

std::optional<Visit> ViewerBehaviour::next() {
  if (leaves_) return std::nullopt;
  if (visits_ > 0) channel_ = (channel_ + 1 + zaps_.below(bounds_.channels - 1)) % bounds_.channels;
  const std::uint64_t seed = Random::stream(Random::stream(seed_, "visits").next(), visits_++).next();
  Visit visit{.channel = channel_, .patience = drawn(behaviour_.patience, Random::stream(seed, "patience")), .watch = watch_left_};
  const bool zaps = behaviour_.zap && bounds_.channels > 1;
  const Duration stay = zaps ? at_least_a_moment(draw(*behaviour_.zap, zaps_)) : Duration::max();
  leaves_ = stay >= watch_left_.value_or(bounds_.horizon);
  if (!leaves_) {
    visit.watch = stay;
    if (watch_left_) *watch_left_ -= stay;
  }
  visit.actions = actions_of(behaviour_, std::min(visit.watch.value_or(bounds_.horizon), bounds_.horizon), seed);
  bounds_.horizon -= std::min(bounds_.horizon, stay);
  return visit;
}

}  // namespace harness
