#include "harness/run/representatives.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace harness {
namespace {

// What is unsigned may pass below zero in between.
template <class Join>
void join(PlayerTotals& one, const PlayerTotals& other, Join join) {
  const auto each = [&](auto PlayerTotals::*part) {
    one.*part = static_cast<std::remove_reference_t<decltype(one.*part)>>(join(one.*part, other.*part));
  };
  each(&PlayerTotals::played), each(&PlayerTotals::stalled), each(&PlayerTotals::seeking), each(&PlayerTotals::paused);
  each(&PlayerTotals::stalls), each(&PlayerTotals::switches), each(&PlayerTotals::requests), each(&PlayerTotals::failed_requests);
  each(&PlayerTotals::token_refreshes), each(&PlayerTotals::bytes), each(&PlayerTotals::bitrate_seconds);
  each(&PlayerTotals::latency_seconds_sum), each(&PlayerTotals::latency_samples);
}

}  // namespace

PlayerTotals less(PlayerTotals one, const PlayerTotals& other) {
  join(one, other, [](auto a, auto b) { return a - b; });
  return one;
}

PlayerTotals plus(PlayerTotals one, const PlayerTotals& other) {
  join(one, other, [](auto a, auto b) { return a + b; });
  return one;
}

// They began within a second of each other's order: whoever waits behind a later one is taken with it.
std::vector<Representatives::Candidate> Representatives::take_due(base::Instant now) {
  std::vector<Candidate> due;
  for (; !waiting_.empty() && waiting_.front().due <= now; waiting_.pop_front()) due.push_back(waiting_.front());
  return due;
}

void Representatives::open(const Kind& kind, std::uint32_t most, std::size_t seat) {
  groups_.emplace(seat, Group{kind, most});
  offer(kind, seat);
}

// Whoever is offered no more, and has nobody, is as if it had never been.
void Representatives::offer(const Kind& kind, std::size_t representative) {
  std::vector<std::size_t>& all = open_[kind];
  all.insert(all.begin(), representative);
  if (all.size() <= kMostOpen) return;
  if (const auto last = groups_.find(all.back()); last->second.followers.empty()) groups_.erase(last);
  all.pop_back();
}

void Representatives::follow(std::size_t representative, Follower&& who) {
  Group& group = groups_.at(representative);
  ++have_followed_;
  have_stood_ += group.has_stood ? 0 : 1;
  group.has_stood = true;
  representative_of_[who.seat] = representative;
  group.followers.push_back(std::move(who));
  if (group.is_full()) std::erase(open_[group.kind], representative);
}

std::optional<std::size_t> Representatives::representative_of(std::size_t seat) const {
  const auto found = representative_of_.find(seat);
  return found != representative_of_.end() ? std::optional{found->second} : std::nullopt;
}

const std::vector<Representatives::Follower>& Representatives::followers_of(std::size_t representative) const {
  static const std::vector<Follower> kNone;
  const auto found = groups_.find(representative);
  return found != groups_.end() ? found->second.followers : kNone;
}

Representatives::Follower Representatives::take(std::size_t seat) {
  const auto of = representative_of_.find(seat);
  ENSURE(of != representative_of_.end());
  Group& group = groups_.at(of->second);
  if (group.is_full()) offer(group.kind, of->second);
  const auto who = std::find_if(group.followers.begin(), group.followers.end(), [seat](const Follower& each) { return each.seat == seat; });
  Follower taken = std::move(*who);
  group.followers.erase(who);
  representative_of_.erase(of);
  return taken;
}

std::vector<Representatives::Follower> Representatives::close(std::size_t representative) {
  const auto found = groups_.find(representative);
  if (found == groups_.end()) return {};
  std::erase(open_[found->second.kind], representative);
  std::vector<Follower> taken = std::move(found->second.followers);
  groups_.erase(found);
  for (const Follower& each : taken) representative_of_.erase(each.seat);
  return taken;
}

}  // namespace harness
