#include "harness/transport/fluid_link.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "harness/transport/tcp_rtt.h"
#include "harness/transport/tcp_segment.h"

namespace harness {
namespace {

constexpr int kLookAhead = 1'000;              // steps
constexpr double kNothing = 1e-9;              // packets: what arithmetic leaves of none
constexpr double kDuplicates = 3;              // acknowledgements after which a packet counts as lost
constexpr double kSteadyGrowth = 1.1;          // of a window beside others, until shares are looked at again
constexpr double kProbeSlack = 0.002 + 0.004;  // TCP_TIMEOUT_MIN_US, and what the timer wheel rounds up
constexpr double kHeaders = 52;                // IP, TCP and timestamps (tcp_segment.h)

base::Duration rounded_up(double seconds) { return base::Duration{static_cast<std::int64_t>(std::ceil(seconds * 1e9))}; }

double packets_of(std::int64_t payload) {
  const double bytes = static_cast<double>(payload);
  return (bytes + kHeaders * std::max(std::ceil(bytes / kTcpSegmentSize), 1.0)) / kFluidPacket;
}

double losses_in_bad(const netem::Loss& loss) {
  const auto* bursts = std::get_if<netem::BurstLoss>(&loss);
  if (bursts == nullptr || bursts->to_bad <= 0 || bursts->to_good <= 0) return 1;
  return std::max(bursts->loss_in_bad / bursts->to_good, 1.0);
}

}  // namespace

FluidLink::FluidLink(const netem::ImpairmentSpec& down, base::Instant origin, base::Random random)
    : schedule_{down.rate, origin},
      queue_{down.queue == netem::QueueLimit{base::ByteCount{}} ? netem::QueueLimit{netem::default_queue(down.rate)} : down.queue},
      spec_delay_{down.delay},
      packets_per_loss_{losses_in_bad(down.loss)} {
  loss_events_ = netem::mean_loss(down.loss) / packets_per_loss_;
  state_.random = random;
  if (loss_events_ > 0) state_.until_loss = draw_until_loss(state_);
}

// Geometric: how many packets get through before the next is lost.
double FluidLink::draw_until_loss(State& state) const {
  if (loss_events_ >= 1) return 0;
  return std::floor(std::log1p(-state.random.uniform()) / std::log1p(-loss_events_));
}

void FluidLink::look(base::Instant at) const {
  if (at >= stretch_.from && at < stretch_.until) return;
  stretch_.from = at;
  stretch_.until = schedule_.next_change(at).value_or(base::Instant::max());
  stretch_.delay = spec_delay_;
  if (const auto rtt = schedule_.rtt_at(at)) stretch_.delay = *rtt / 2;
  const auto rate = schedule_.rate_at(at);
  stretch_.spacing = !rate ? 0 : rate->bps() > 0 ? kFluidPacket * 8 / static_cast<double>(rate->bps()) : -1;
}

base::Duration FluidLink::delay(base::Instant now) const {
  look(now);
  return stretch_.delay;
}

base::Duration FluidLink::transmission(base::Instant now, base::ByteCount size) const {
  look(now);
  return rounded_up(std::max(stretch_.spacing, 0.0) * static_cast<double>(size.count()) / kFluidPacket);
}

base::Duration FluidLink::queueing(base::Instant now) {
  if (state_.flows.empty()) return {};
  advance(now);
  look(now);
  return rounded_up(queue_of_others(state_, nullptr).before * std::max(stretch_.spacing, 0.0));
}

// What they have out beyond what the link itself holds; of rounds that came at once, all that has not left, of those that come with
// acknowledgements what came too fast.
FluidLink::Queue FluidLink::queue_of_others(const State& state, const Flow* flow) const {
  if (stretch_.spacing <= 0) return {};
  double out = 0, trip = 0;
  Queue bunches;
  for (const Flow& other : state.flows) {
    if (&other == flow || !other.started || is_over(other) || (other.burst <= 0 && other.next_at > state.at)) continue;
    out += std::min(other.tcp.window(), other.left);
    bunches.now += other.burst * other.surge / other.tcp.window();
    if (other.bunched) bunches.before += other.burst;
    trip = std::max(trip, round_trip(other));
  }
  const double beyond = out - in_flight(trip);
  return {.now = std::clamp(std::max(beyond, bunches.now), 0.0, room()),
          .before = std::clamp(std::max(beyond, bunches.before), 0.0, room())};
}

double FluidLink::in_flight(double round_trip) const {
  if (stretch_.spacing == 0) return std::numeric_limits<double>::infinity();
  return stretch_.spacing > 0 ? round_trip / stretch_.spacing : 0;
}

double FluidLink::room() const {
  if (stretch_.spacing == 0) return std::numeric_limits<double>::infinity();
  if (const auto* bytes = std::get_if<base::ByteCount>(&queue_)) return static_cast<double>(bytes->count()) / kFluidPacket;
  return stretch_.spacing > 0 ? std::max(base::to_seconds(std::get<base::Duration>(queue_)) / stretch_.spacing, 1.0) : 1;
}

FluidLink::Flow& FluidLink::find(std::uint64_t key) {
  const auto found = std::find_if(state_.flows.begin(), state_.flows.end(), [key](const Flow& flow) { return flow.key == key; });
  ENSURE(found != state_.flows.end());
  return *found;
}

base::Instant FluidLink::add(base::Instant now, base::Instant first, const Arrival& arrival) {
  const base::Instant begins = first + queueing(now);  // as it looks now
  advance(now);
  settle(state_);
  is_ahead_ = false;
  const double size = packets_of(arrival.payload.count());
  state_.flows.push_back({.key = arrival.key,
                          .payload = arrival.payload.count(),
                          .size = size,
                          .left = size,
                          .begun = first,
                          .next_at = first,
                          .up_delay = arrival.up_delay,
                          .tcp = arrival.tcp});
  look(begins);
  return begins + rounded_up(std::min(size, 1.0) * std::max(stretch_.spacing, 0.0));
}

FluidTcp FluidLink::remove(base::Instant now, std::uint64_t key) {
  advance(now);
  settle(state_);
  is_ahead_ = false;
  Flow& flow = find(key);
  // The last round is acknowledged, too; it counts where the window was the limit (TcpSender::is_window_limited).
  const bool limited = flow.limited || 2 * flow.arrived > flow.tcp.window();
  if (limited && !flow.recovers) flow.tcp.grow(round_of(state_, flow));
  const FluidTcp tcp = flow.tcp;
  state_.flows.erase(state_.flows.begin() + (&flow - state_.flows.data()));
  if (state_.flows.empty()) state_.flows = ahead_.flows = std::vector<Flow>{};  // many viewers have a link, few of them a flow
  return tcp;
}

base::ByteCount FluidLink::received(base::Instant now, std::uint64_t key) {
  advance(now);
  const Flow& flow = find(key);
  const auto left = static_cast<std::int64_t>(std::ceil(static_cast<double>(flow.payload) * flow.left / flow.size));
  return base::ByteCount::bytes(flow.payload - std::min(left, flow.payload));
}

base::Instant FluidLink::earliest(base::Instant now, std::uint64_t key, base::ByteCount payload) {
  const base::ByteCount missing = payload - received(now, key);
  if (missing.count() <= 0) return now;
  look(now);
  if (stretch_.spacing < 0) return stretch_.until;
  return std::min(stretch_.until, now + rounded_up(stretch_.spacing * static_cast<double>(missing.count()) / kFluidPacket));
}

bool FluidLink::is_complete(base::Instant now, std::uint64_t key) {
  advance(now);
  return is_over(find(key));
}

bool FluidLink::has_complete(const State& state) {
  return std::any_of(state.flows.begin(), state.flows.end(), [](const Flow& flow) { return is_over(flow); });
}

std::optional<base::Instant> FluidLink::next_completion() {
  if (state_.flows.empty()) return std::nullopt;
  if (has_complete(state_)) return state_.at;
  if (!is_ahead_) {
    ahead_ = state_;
    for (int steps = 0; steps < kLookAhead && !has_complete(ahead_); ++steps) step(ahead_, base::Instant::max());
    is_ahead_ = true;
  }
  return ahead_.at;
}

void FluidLink::advance(base::Instant now) {
  if (is_ahead_ && now >= ahead_.at) {
    std::swap(state_, ahead_);
    is_ahead_ = false;
  }
  const auto running = [this] {
    return std::any_of(state_.flows.begin(), state_.flows.end(), [](const Flow& flow) { return !is_over(flow); });
  };
  while (state_.at < now && running()) step(state_, now);
  state_.at = std::max(state_.at, now);
}

void FluidLink::step(State& state, base::Instant limit) const {
  look(state.at);
  if (state.flows.size() == 1) return step_alone(state, state.flows.front(), limit);
  begin_rounds(state);
  base::Instant end = std::min(limit, stretch_.until);
  const Flow* alone = served_alone(state);
  double weights = 0, seconds = std::numeric_limits<double>::infinity();
  for (const Flow& flow : state.flows) {
    if (flow.burst > 0 && (alone == nullptr || alone == &flow)) {
      weights += flow.tcp.window();
      seconds = std::min(seconds, flow.burst / flow.tcp.window());
    } else if (flow.burst <= 0 && !is_over(flow)) {
      end = std::min(end, flow.next_at);
    }
  }
  const double spacing = stretch_.spacing;
  if (spacing >= 0 && weights > 0) {
    seconds *= spacing * weights;
    if (seconds <= base::to_seconds(end - state.at)) end = std::min(end, state.at + rounded_up(seconds));
    carry(state, std::min(seconds, base::to_seconds(end - state.at)), weights, spacing);
  }
  state.at = end;
  if (end != stretch_.until) return;
  look(end);
  settle(state);
}

// Most of the time there is one: the same in fewer words, and a step reaches over the pause behind a round.
void FluidLink::step_alone(State& state, Flow& flow, base::Instant limit) const {
  if (flow.burst <= 0 && flow.next_at <= state.at && !is_over(flow)) begin_round(state, flow);
  base::Instant end = std::min(limit, stretch_.until);
  const double spacing = stretch_.spacing;
  if (flow.burst > 0 && spacing >= 0) {
    const double seconds = flow.burst * spacing, most = base::to_seconds(end - state.at);
    const bool all = seconds <= most;
    const double share = all || spacing <= 0 ? flow.burst : std::min(most / spacing, flow.burst);
    flow.burst = share > flow.burst - kNothing ? 0 : flow.burst - share;
    flow.arrived += share;
    flow.left -= share;
    if (flow.left < kNothing) flow.left = 0;
    if (all) end = std::min(end, is_over(flow) ? state.at + rounded_up(seconds) : std::max(state.at + rounded_up(seconds), flow.next_at));
  } else if (flow.burst <= 0 && !is_over(flow)) {
    end = std::min(end, flow.next_at);
  }
  state.at = end;
  if (end != stretch_.until) return;
  look(end);
  settle(state);
}

void FluidLink::carry(State& state, double seconds, double weights, double spacing) const {
  const Flow* alone = served_alone(state);
  for (Flow& flow : state.flows) {
    if (flow.burst <= 0 || (alone != nullptr && alone != &flow)) continue;
    double share = spacing > 0 ? seconds / spacing * flow.tcp.window() / weights : flow.burst;
    if (share > flow.burst - kNothing) share = flow.burst;
    flow.burst -= share;
    flow.arrived += share;
    flow.left -= share;
    if (flow.left < kNothing) flow.left = 0;
  }
}

// The queue is first in, first out: of the rounds that came into it at once, the first.
const FluidLink::Flow* FluidLink::served_alone(const State& state) {
  const Flow* first = nullptr;
  for (const Flow& flow : state.flows)
    if (flow.burst > 0 && flow.bunched && (first == nullptr || flow.begun < first->begun)) first = &flow;
  return first;
}

void FluidLink::begin_rounds(State& state) const {
  for (Flow& flow : state.flows) {
    if (is_over(flow) || flow.burst > 0 || flow.next_at > state.at) continue;
    const bool rested = flow.next_at == state.at;
    if (rested && !flow.waited && state.flows.size() > 1) {
      const Queue queue = queue_of_others(state, &flow);
      flow.found = queue.now;
      flow.wait = queue.before * std::max(stretch_.spacing, 0.0);
      flow.next_at += rounded_up(flow.wait);
      flow.waited = true;
      if (flow.next_at > state.at) continue;
    }
    begin_round(state, flow);
  }
}

// Of the flow's own packets, those of the others in between.
double FluidLink::spacing_of(const State& state, const Flow& flow) const {
  if (state.flows.size() == 1) return std::max(stretch_.spacing, 0.0);
  double weights = flow.tcp.window();
  for (const Flow& other : state.flows)
    if (&other != &flow && !flow.bunched && other.burst > 0 && !other.bunched) weights += other.tcp.window();
  return std::max(stretch_.spacing, 0.0) * weights / flow.tcp.window();
}

FluidTcp::Round FluidLink::round_of(const State& state, const Flow& flow) const {
  return {.acked = flow.arrived,
          .took = base::to_seconds(state.at - flow.begun),
          .base = round_trip(flow),
          .spacing = spacing_of(state, flow),
          .late = flow.late};
}

void FluidLink::begin_round(State& state, Flow& flow) const {
  double before = 0, others = 0;
  for (const Flow& other : state.flows)
    if (&other != &flow && other.started && !is_over(other)) others += std::min(other.tcp.window(), other.left);
  const bool limited_by_link = flow.started && flow.next_at < state.at;
  if (flow.started) {
    before = flow.tcp.window();
    if (!flow.recovers) flow.tcp.grow(round_of(state, flow));
  }
  const double waited = flow.wait + base::to_seconds(state.at - flow.next_at);
  flow.least_wait = std::min(flow.least_wait, waited);
  flow.late = waited - flow.least_wait;
  flow.wait = 0;
  const double sent = std::min(flow.tcp.window(), flow.left);
  flow.surge = std::max(sent - before, 0.0);
  Losses losses = overflow_losses(sent, overflow(state, flow, others, before, sent), before == 0);
  lose_by_chance(state, sent, losses);
  losses.count = std::min(losses.count, sent);
  flow.burst = sent - losses.count;
  flow.begun = state.at;
  flow.arrived = 0;
  flow.limited = flow.started;
  flow.started = true;
  flow.bunched = !limited_by_link;
  flow.waited = flow.steady = false;
  flow.found = 0;
  flow.next_at = state.at + rounded_up(round_trip(flow) + kFluidPerAck * spacing_of(state, flow));
  if (losses.count > 0) return recover(flow, state.at, sent, losses);
  flow.recovers = false;
  if (limited_by_link && !flow.tcp.in_slow_start()) make_steady(state, flow, others);
}

// What waits already, and what is sent in this round beyond what the link takes meanwhile: in slow start packets come twice as fast, after
// a pause the whole window at once. Those of others that arrive at the same time share the losses. Returns: those of `flow`.
double FluidLink::overflow(State& state, Flow& flow, double others, double before, double sent) const {
  if (stretch_.spacing == 0) return 0;
  const auto arrives_beside = [&](const Flow& other) { return &other != &flow && other.burst > 0 && other.surge > 0; };
  double surges = 0;
  for (const Flow& other : state.flows)
    if (arrives_beside(other)) surges += other.surge;
  const double waiting = std::max(std::min(before, sent) + others - surges - in_flight(round_trip(flow)), 0.0);
  const double over = std::max(waiting + surges, flow.found) + flow.surge - room();
  if (over <= 0) return 0;
  if (before == 0) lose_beside(state, flow);
  const double share = flow.surge + surges > 0 ? over / (flow.surge + surges) : 0;
  for (Flow& other : state.flows) {
    if (!arrives_beside(other) || !other.limited || other.recovers) continue;
    const double lost = std::min(share * other.surge, other.burst);
    const double out = other.burst + other.arrived;
    other.burst -= lost;
    if (lost >= 1) recover(other, other.begun, out, overflow_losses(out, lost, !other.limited));
  }
  return surges > 0 ? std::min(share * flow.surge, sent) : std::min(std::max(over, 1.0), sent);
}

// A queue that is full takes nothing more of those who fill the link, and whose windows grow: each loses a packet.
void FluidLink::lose_beside(State& state, const Flow& flow) const {
  settle(state);
  for (Flow& other : state.flows) {
    if (&other == &flow || other.bunched || other.recovers || other.burst < 2) continue;
    const double out = other.burst + other.arrived;
    other.burst -= 1;
    recover(other, other.begun, out, overflow_losses(out, 1, false));
  }
}

// At once: the last ones; else every other one of the last.
FluidLink::Losses FluidLink::overflow_losses(double sent, double count, bool at_once) {
  if (count <= 0) return {.first = sent};
  const double first = std::max(sent - (at_once ? 1 : 2) * count, 0.0);
  return {.count = count, .first = first, .last = sent, .behind = std::max(sent - first - count, 0.0), .overflown = true};
}

void FluidLink::lose_by_chance(State& state, double sent, Losses& losses) const {
  if (loss_events_ <= 0) return;
  for (; state.until_loss < sent; state.until_loss += packets_per_loss_ + draw_until_loss(state)) {
    if (state.until_loss < losses.first) losses.behind = sent - state.until_loss - packets_per_loss_;
    losses.first = std::min(losses.first, state.until_loss);
    losses.last = std::max(losses.last, state.until_loss);
    losses.count += packets_per_loss_;
  }
  state.until_loss -= sent;
}

// What was sent before a loss was known belongs to that loss (RFC 6675's recovery point): the window shrinks once for it.
void FluidLink::recover(Flow& flow, base::Instant at, double sent, const Losses& losses) const {
  const bool known = flow.recovers && losses.last < flow.lost_at;
  flow.lost_at = losses.first;
  flow.recovers = true;
  if (flow.burst < kNothing) {
    flow.burst = 0;
    flow.next_at = at + rounded_up(round_trip(flow)) + kTcpLeastRto;
    return flow.tcp.time_out();
  }
  if (!known) flow.tcp.lose(losses.overflown ? 0 : losses.first, flow.burst);
  if (flow.left <= sent) flow.next_at = at + rounded_up(resend_time(flow, sent, losses));
}

// When what was lost of the last packets comes again: after three later ones have told of it; after fewer and a quarter of a round trip
// (RFC 8985, 6.2); after a probe, which may itself be what was lost (RFC 8985, 7).
double FluidLink::resend_time(const Flow& flow, double sent, const Losses& losses) const {
  const double trip = round_trip(flow), spacing = std::max(stretch_.spacing, 0.0);
  const double waited = flow.limited ? flow.late : losses.first * spacing;
  const double behind = std::min(losses.behind, flow.burst);
  if (behind >= 1) return trip + waited + (losses.first + 1 + kDuplicates) * spacing + (behind < kDuplicates ? trip / 4 : 0);
  const double probe = 2 * (trip + waited) + (sent <= 1 ? base::to_seconds(kTcpLeastRto) : kProbeSlack);
  return losses.first * spacing + trip + probe + (losses.count > 1 ? trip : 0);
}

// One step until the window has filled the queue, or has changed its share beside others, or a packet is lost by chance.
void FluidLink::make_steady(State& state, Flow& flow, double others) const {
  const double trip = round_trip(flow), spacing = spacing_of(state, flow), window = flow.tcp.window();
  double limit = in_flight(trip) + room() + 1 - others;
  if (others > 0) limit = std::min(limit, window * kSteadyGrowth);
  double most = flow.tcp.packets_until(limit, trip, spacing);
  if (loss_events_ > 0) most = std::min(most, state.until_loss + flow.burst);
  const double burst = std::min(flow.left, most);
  if (burst <= flow.burst) return;
  if (loss_events_ > 0) state.until_loss -= burst - flow.burst;
  flow.burst = burst;
  flow.surge = 0;
  flow.steady = true;
}

// Something changes: steady flows begin a round.
void FluidLink::settle(State& state) const {
  look(state.at);
  for (Flow& flow : state.flows) {
    if (!flow.steady || is_over(flow)) continue;
    flow.tcp.grow(round_of(state, flow));
    if (loss_events_ > 0) state.until_loss += std::max(flow.burst - std::min(flow.burst, flow.tcp.window()), 0.0);
    flow.burst = std::min(flow.left, flow.tcp.window());
    flow.begun = state.at;
    flow.arrived = 0;
    flow.steady = false;
    flow.next_at = state.at + rounded_up(round_trip(flow) + kFluidPerAck * spacing_of(state, flow));
  }
}

}  // namespace harness
