#include "harness/transport/fluid_link.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/tight.h"
#include "harness/transport/tcp_rtt.h"
#include "harness/transport/tcp_segment.h"

namespace harness {
namespace {

constexpr double kNothing = 1e-9;              // packets: what arithmetic leaves of none
constexpr double kPart = 0.5;                  // packets, of which a queue that is shared takes or drops whole ones
constexpr double kSameTime = 1e-6;             // seconds
constexpr double kMany = 1e3;                  // packets of a queue, whose last waits for the latest of them
constexpr double kSteadyGrowth = 1.1;          // of a window beside others, until shares are looked at again
constexpr double kProbeSlack = 0.002 + 0.004;  // TCP_TIMEOUT_MIN_US, and what the timer wheel rounds up
constexpr double kFirstSamples = 9;            // of a round trip that HyStart takes until it looks at them
constexpr double kStrayRounds = 3;             // of a slow start, on average; measured (fidelity_fluid: 5 and 25 % overtake)

base::Duration rounded_up(double seconds) { return base::Duration{static_cast<std::int64_t>(std::ceil(seconds * 1e9))}; }

double packets_of(std::int64_t payload) {
  const double bytes = static_cast<double>(payload);
  return (bytes + FluidLink::kHeaders * std::max(std::ceil(bytes / kTcpSegmentSize), 1.0)) / kFluidPacket;
}

// Seconds from packet to packet, of those that acknowledgements can tell of. A trace is not looked at.
double spacing_of_acknowledged(const netem::ImpairmentSpec& up) {
  const auto* rate = std::get_if<base::Bitrate>(&up.rate);
  if (rate == nullptr || rate->bps() <= 0) return 0;
  return (1 + up.duplicate) * FluidLink::kHeaders * 8 / static_cast<double>(rate->bps()) / kFluidPerAck;
}

// Of those that overtake, how many come between those of a train in which they are not, in slow start: the packets that they let go come a
// delay before the others', and what overtakes of these is among the others again.
double astray_of(double overtaking) {
  const double share = (1 - std::pow(std::abs(1 - 2 * overtaking), kStrayRounds)) / 2;
  return share / (1 - share);
}

double losses_in_bad(const netem::Loss& loss) {
  const auto* bursts = std::get_if<netem::BurstLoss>(&loss);
  if (bursts == nullptr || bursts->to_bad <= 0 || bursts->to_good <= 0) return 1;
  return std::max(bursts->loss_in_bad / bursts->to_good, 1.0);
}

}  // namespace

FluidLink::Traits FluidLink::traits_of(const netem::ImpairmentSpec& down, const netem::ImpairmentSpec& up, Stock& stock,
                                       BottleneckShare* bottleneck) {
  const FluidJitter jitter{down.jitter, down.delay}, jitter_up{up.jitter, up.delay};
  const double in_bad = losses_in_bad(down.loss);
  return {.queue = netem::queue_limit_of(down),
          .delay = down.delay,
          .jitter = jitter,
          .jitter_up = jitter_up,
          .jitter_round = FluidJitter::sum_of(jitter, jitter_up),
          .loss_events = netem::mean_loss(down.loss) / in_bad,
          .packets_per_loss = in_bad,
          .spacing_up = spacing_of_acknowledged(up),
          .copies = 1 + down.duplicate,
          .overtaking = down.reorder,
          .overtaking_up = up.reorder,
          .overtakes = down.reorder > 0 || up.reorder > 0,
          .astray = astray_of(down.reorder),
          .stock = &stock,
          .bottleneck = bottleneck};
}

const FluidLink::Traits& FluidLink::Stock::shared(const Traits& traits) {
  for (const auto& each : traits_)
    if (*each == traits) return *each;
  return *traits_.emplace_back(std::make_unique<const Traits>(traits));
}

FluidLink::FluidLink(const netem::ImpairmentSpec& down, base::Instant origin, base::Random random, const netem::ImpairmentSpec& up,
                     Stock& stock, BottleneckShare* bottleneck)
    : schedule_{down.rate, origin}, traits_{stock.shared(traits_of(down, up, stock, bottleneck))} {
  state_.random = random;
  if (traits_.loss_events > 0) state_.until_loss = draw_until(state_, traits_.loss_events);
}

// Geometric: how many packets come before the first of so large a share of them.
double FluidLink::draw_until(State& state, double share) {
  if (share >= 1) return 0;
  return std::floor(std::log1p(-state.random.uniform()) / std::log1p(-share));
}

void FluidLink::look_up(base::Instant at) const {
  const netem::RateSchedule::Stretch found = schedule_.stretch_at(at);
  const double spacing = !found.rate             ? 0
                         : found.rate->bps() > 0 ? traits_.copies * kFluidPacket * 8 / static_cast<double>(found.rate->bps())
                                                 : -1;
  // Then it is acknowledgements that wait, and one that finds their queue full is made up for by the next.
  const bool waits_above = spacing >= 0 && spacing < traits_.spacing_up;
  stretch_ = {.from = at,
              .until = found.until,
              .spacing = waits_above ? traits_.spacing_up : spacing,
              .room = waits_above ? std::numeric_limits<double>::infinity() : room_at(spacing),
              .delay = found.rtt ? *found.rtt / 2 : traits_.delay};
}

base::Duration FluidLink::delay(base::Instant now) const {
  look(now);
  return stretch_.delay + wait();
}

base::Duration FluidLink::transmission(base::Instant now, base::ByteCount size) const {
  look(now);
  return rounded_up(std::max(stretch_.spacing, 0.0) * static_cast<double>(size.count()) / kFluidPacket);
}

base::Duration FluidLink::queueing(base::Instant now) {
  if (state_.flows.empty()) return {};
  advance(now);
  look(now);
  return rounded_up(waiting_beside(state_, nullptr) * std::max(stretch_.spacing, 0.0));
}

// What has come of the round and not left; and of the next one, which comes as this one is acknowledged.
double FluidLink::waiting(const State& state, const Flow& flow) const {
  if (!flow.started || is_over(flow) || stretch_.spacing <= 0) return 0;
  if (flow.steady) return std::max(std::min(flow.tcp.window(), flow.left) - in_flight(round_trip(flow)), 0.0);
  const double share = flow.entering > 0 ? std::clamp(base::to_seconds(state.at - flow.entered) / flow.entering, 0.0, 1.0) : 1;
  double packets = std::max(share * (flow.burst + flow.arrived) - flow.arrived, 0.0);
  if (!flow.served) return packets;
  const double acknowledged = std::max(flow.arrived - in_flight(round_trip(flow)), 0.0);
  return packets + std::min(acknowledged * (flow.tcp.in_slow_start() ? 2 : 1), flow.left - flow.burst);
}

double FluidLink::waiting_beside(const State& state, const Flow* flow) const {
  double packets = 0;
  for (const Flow& other : state.flows)
    if (&other != flow) packets += waiting(state, other);
  return std::min(packets, stretch_.room);
}

double FluidLink::in_flight(double round_trip) const {
  if (stretch_.spacing == 0) return std::numeric_limits<double>::infinity();
  return stretch_.spacing > 0 ? round_trip / stretch_.spacing : 0;
}

double FluidLink::room_at(double spacing) const {
  if (spacing == 0) return std::numeric_limits<double>::infinity();
  if (const auto* bytes = std::get_if<base::ByteCount>(&traits_.queue))
    return static_cast<double>(bytes->count()) / kFluidPacket / traits_.copies;
  return spacing > 0 ? std::max(base::to_seconds(std::get<base::Duration>(traits_.queue)) / spacing, 1.0) : 1;
}

// Where delays vary everything crosses the link sooner, and is there later by as much, so that packets may be early, too; so does what
// comes with a packet that skips the delay.
base::Instant FluidLink::add(base::Instant now, base::Instant first, const Arrival& arrival) {
  advance(now);
  const bool overtakes = traits_.overtaking > 0 && state_.random.chance(traits_.overtaking);
  const base::Duration lead =
      std::min(overtakes ? delay(now) - wait() : rounded_up(traits_.jitter.lead()), std::max(first - now, base::Duration{}));
  first -= lead;
  const base::Instant begins = first + queueing(now);  // as it looks now
  settle(state_);
  if (!sight_) begin_carrying();
  sight_->is_ahead = false;
  if (arrival.in_order) sight_->notes_holes = true;
  const double size = packets_of(arrival.payload.count());
  const base::Duration kept = overtakes && size <= 1 ? base::Duration{} : lead;  // by packets behind one that overtakes
  base::tight(state_.flows)
      .push_back({.key = arrival.key,
                  .order = arrival.order,
                  .is_bbr = arrival.tcp.is_bbr(),
                  .payload = arrival.payload.count(),
                  .size = size,
                  .left = size,
                  .entered = first,
                  .begun = first,
                  .next_at = first,
                  .up_delay = arrival.up_delay,
                  .lead = kept,
                  .tcp = arrival.tcp});
  look(begins);
  const double spacing = std::max(stretch_.spacing, 0.0);
  double late = base::to_seconds(-kept);
  if (!overtakes) late = begins > first ? traits_.jitter.last(state_.random, kMany, spacing) : traits_.jitter.first(state_.random);
  Flow& flow = state_.flows.back();
  if (arrival.in_order) flow.answers = Answers{};
  flow.first_late = base::from_seconds(std::min(size, 1.0) * spacing + late);
  if (arrival.out.until > first) follow(flow, arrival.out);
  return std::max(begins + flow.first_late + kept, now);
}

// As if the flow before went on.
void FluidLink::follow(Flow& flow, const Unacknowledged& out) {
  flow.tcp = out.tcp;
  flow.started = true;
  flow.arrived = out.packets;
  flow.next_at = out.until;
  flow.resend = base::to_seconds(out.until - state_.at);
  send_more(state_, flow);
}

FluidLink::Unacknowledged FluidLink::unacknowledged(base::Instant now, std::uint32_t key) {
  advance(now);
  const Flow& flow = find(state_, key);
  return {.packets = flow.arrived, .until = flow.next_at, .tcp = flow.tcp};
}

FluidLink::Kept FluidLink::remove(base::Instant now, std::uint32_t key) {
  advance(now);
  settle(state_);
  sight_->is_ahead = false;
  Flow& flow = find(state_, key);
  // The last round is acknowledged, too; it counts where the window was the limit (TcpSender::is_window_limited).
  const bool limited = flow.limited || 2 * flow.arrived > flow.tcp.window();
  if (limited && !flow.recovers) flow.tcp.grow(round_of(state_, flow));
  if (flow.mistaken > 0) flow.order.widen();
  const Kept kept{.tcp = flow.tcp, .order = flow.order};
  if (traits_.bottleneck != nullptr) tell_bottleneck(flow, flow.left);
  state_.flows.erase(state_.flows.begin() + (&flow - state_.flows.data()));
  if (state_.flows.empty()) end_carrying();
  return kept;
}

void FluidLink::tell_bottleneck(base::Instant now) {
  if (state_.flows.empty()) return;
  if (!is_on_way(now)) advance(now);
  for (Flow& flow : state_.flows) {
    tell_bottleneck(flow, left_at(now, view(now, flow.key)));
    if (sight_->is_ahead) find(sight_->ahead, flow.key).told = flow.told;
  }
}

void FluidLink::tell_bottleneck(Flow& flow, double left) const {
  const double arrived = flow.size - left, packets = arrived - static_cast<double>(flow.told);
  flow.told = static_cast<float>(arrived);
  traits_.bottleneck->came_down += packets * kFluidPacket;
  traits_.bottleneck->came_up += packets / kFluidPerAck * kHeaders;
}

void FluidLink::renew(base::Instant now) {
  advance(now);
  settle(state_);
  if (sight_) sight_->is_ahead = false;
}

// So many of its packets that have not arrived are not told of.
base::ByteCount FluidLink::bytes_of(const Flow& flow, double packets) {
  const double part = std::clamp(1 - packets / flow.size, 0.0, 1.0);
  return base::ByteCount::bytes(before(flow) + static_cast<std::int64_t>(static_cast<double>(flow.payload) * part));
}

// What has come counts by itself from here on, so that it stays the same.
void FluidLink::resize(base::Instant now, std::uint32_t key, base::ByteCount payload) {
  advance(now);
  settle(state_);
  sight_->is_ahead = false;
  Flow& flow = find(state_, key);
  if (traits_.bottleneck != nullptr) tell_bottleneck(flow, flow.left);
  flow.told = 0;
  const bool all_sent = flow.left - flow.burst <= kNothing;
  Answers& answers = *flow.answers;
  const std::int64_t more = payload.count() - answers.before - flow.payload;
  answers.before = bytes_of(flow, flow.left).count();
  flow.payload = payload.count() - answers.before;
  const double left = flow.left;
  flow.left = more > 0 ? flow.left + packets_of(more) : std::max(flow.left + static_cast<double>(more) / kTcpSegmentSize, 0.0);
  flow.size = std::max(flow.left, kNothing);
  const double shift = flow.left - left;  // where answers were given up the hole may end behind the last
  answers.hole = {.top = std::max(answers.hole.top + shift, 0.0), .bottom = std::max(answers.hole.bottom + shift, 0.0)};
  flow.burst = std::min(flow.burst, flow.left);
  flow.done_at = is_over(flow) ? std::min(flow.done_at, state_.at) : base::Instant::max();
  if (more <= 0 || !flow.started) return;
  if (flow.recovers && flow.resend > 0) tell_of_loss(flow);
  if (all_sent) send_more(state_, flow);
}

// What follows tells of what was lost of the last packets, as in any other round.
void FluidLink::tell_of_loss(Flow& flow) const {
  flow.resend = 0;
  if (flow.served) flow.next_at = std::min(flow.next_at, flow.begun + rounded_up(round_trip(flow) + kFluidPerAck * stretch_.spacing));
}

// The window may have room for what comes on top of a round that it did not limit; at once.
void FluidLink::send_more(State& state, Flow& flow) const {
  look(state.at);
  const double out = flow.burst + flow.arrived;
  const double sent = std::min(flow.tcp.window() - out, flow.left - flow.burst);
  if (sent <= 0) return;
  const double over = stretch_.spacing > 0 ? waiting_beside(state, nullptr) + sent - stretch_.room : 0;
  if (flow.burst <= 0) flow.entered = state.at;
  flow.entering = flow.burst > 0 ? std::max(flow.entering, base::to_seconds(state.at - flow.entered)) : 0;
  Losses losses = overflow_losses(sent, over > 0 ? std::min(std::max(over, 1.0), sent) : 0, true);
  lose_by_chance(state, sent, losses);
  losses.count = std::min(losses.count, sent);
  flow.burst += sent - losses.count;
  losses.first += out;
  losses.last += out;
  if (losses.count > 0) recover(flow, flow.begun, out + sent, losses);
}

base::ByteCount FluidLink::sent(base::Instant now, std::uint32_t key, base::Duration way) {
  advance(now);
  settle(state_);
  sight_->is_ahead = false;
  look(now);
  const Flow& flow = find(state_, key);
  const double seconds = base::to_seconds(way), trip = round_trip(flow), spacing = spacing_of(state_, flow);
  double packets = stretch_.spacing < 0 ? flow.burst : waiting(state_, flow);
  double meanwhile = trip > 0 ? flow.tcp.window() * seconds / trip : 0;
  if (spacing > 0) meanwhile = std::min(meanwhile, seconds / spacing);
  packets += stretch_.spacing < 0 ? 0 : meanwhile;
  return bytes_of(flow, flow.left - std::min(packets, flow.left));
}

void FluidLink::begin_carrying() {
  if (traits_.stock->sights_.empty()) {
    sight_ = std::make_unique<Sight>();
    return;
  }
  sight_ = std::move(traits_.stock->sights_.back());
  traits_.stock->sights_.pop_back();
  std::swap(state_.flows, sight_->unused);
}

void FluidLink::end_carrying() {
  std::swap(state_.flows, sight_->unused);
  sight_->notes_holes = false;
  if (traits_.stock->sights_.size() < Stock::kMost)
    traits_.stock->sights_.push_back(std::move(sight_));
  else
    sight_.reset();
}

FluidLink::View FluidLink::view_on_way(base::Instant now, std::uint32_t key) {
  const std::vector<Leg>& legs = sight_->legs;
  std::size_t& at = sight_->leg;
  while (legs[at].from > now) --at;
  while (at + 1 < legs.size() && legs[at + 1].from <= now) ++at;
  const std::vector<Flow>& flows = sight_->ahead.flows;
  const Flow& flow = find(sight_->ahead, key);
  return {.flow = flow, .leg = &legs[at], .left = &sight_->left[at * flows.size() + static_cast<std::size_t>(&flow - flows.data())]};
}

double FluidLink::left_at(base::Instant now, const View& view) const {
  if (view.leg == nullptr) return view.flow.left;
  const double before = view.left[0], after = view.left[sight_->ahead.flows.size()];
  if (now >= view.leg->through || before <= after) return after;
  const auto to_go = static_cast<double>((view.leg->through - now).count());
  return after + (before - after) * to_go / static_cast<double>((view.leg->through - view.leg->from).count());
}

base::ByteCount FluidLink::received(base::Instant now, const View& view) const {
  const Flow& flow = view.flow;
  // The last packet is not there before all is.
  const double packets = view.leg == nullptr && is_done(flow, now) ? 0 : std::max(left_at(now, view), std::min(flow.size, 1.0));
  const auto left = static_cast<std::int64_t>(std::ceil(static_cast<double>(flow.payload) * packets / flow.size));
  return base::ByteCount::bytes(before(flow) + flow.payload - std::min(left, flow.payload));
}

base::ByteCount FluidLink::received(base::Instant now, std::uint32_t key) { return received(now, view(now, key)); }

base::Instant FluidLink::earliest(base::Instant now, std::uint32_t key, base::ByteCount payload) {
  return earliest(now, view(now, key), payload);
}

base::Instant FluidLink::earliest(base::Instant now, const View& seen, base::ByteCount payload) const {
  const base::ByteCount missing = payload - received(now, seen);
  if (missing.count() <= 0) return now;
  look(seen.leg != nullptr ? seen.leg->from : now);
  if (stretch_.spacing < 0) return stretch_.until;
  return std::min(stretch_.until, now + rounded_up(stretch_.spacing * static_cast<double>(missing.count()) / kFluidPacket));
}

double FluidLink::left_after(const Flow& flow, base::ByteCount payload) {
  const std::int64_t after = before(flow) + flow.payload - payload.count();
  return after > 0 ? flow.size * static_cast<double>(after) / static_cast<double>(flow.payload) : 0;
}

std::optional<base::Instant> FluidLink::crossing(base::Instant now, std::uint32_t key, base::ByteCount payload) {
  const bool ahead = is_on_way(now);
  if (!ahead) advance(now);
  const View seen = ahead ? view_on_way(now, key) : View{.flow = find(state_, key)};
  ENSURE(!ahead || sight_->notes_holes);
  const double by_itself = left_after(seen.flow, payload);
  const std::size_t flows = state_.flows.size();
  const Hole* hole =
      ahead ? &(*sight_->holes)[static_cast<std::size_t>(seen.left - sight_->left.data()) + flows] : &seen.flow.answers->hole;
  if (left_at(now, seen) <= hole->wanted(by_itself) + kNothing) return now;
  if (!ahead) return std::nullopt;
  const double* left = seen.left;
  for (const Leg* leg = seen.leg; leg <= &sight_->legs.back(); ++leg, left += flows, hole += flows) {
    const double before = left[0], after = left[flows], wanted = hole->wanted(by_itself) + kNothing / 2;
    if (after > wanted) continue;
    const double part = before > after ? std::clamp((before - wanted) / (before - after), 0.0, 1.0) : 1;
    const base::Instant at = leg->from + rounded_up(part * base::to_seconds(leg->through - leg->from));
    return std::max(std::min(at, leg->through), now + base::Duration{1});
  }
  return std::nullopt;
}

base::Instant FluidLink::end_of(const Leg& leg) const { return &leg == &sight_->legs.back() ? sight_->ahead.at : (&leg + 1)->from; }

FluidLink::Approach FluidLink::approach(base::Instant now, base::Instant until, std::uint32_t key, base::ByteCount payload) {
  Approach going{.last = now, .next = earliest(now, key, payload)};
  while (going.next > going.last && going.next < until && is_on_way(going.next))
    if (approach_on_leg(until, view_on_way(going.next, key), payload, going)) break;
  return going;
}

// Where a leg brings nothing more, what is asked at follows at equal distances. Returns: whether all has crossed.
bool FluidLink::approach_on_leg(base::Instant until, const View& seen, base::ByteCount payload, Approach& going) const {
  const base::Instant end = std::min(end_of(*seen.leg), until);
  const bool brings = seen.left[0] > seen.left[sight_->ahead.flows.size()];
  while (going.next < end) {
    const base::Instant next = earliest(going.next, seen, payload);
    if (next <= going.next) return true;
    const base::Duration apart = next - going.next;
    going = {.last = going.next, .next = next};
    if (next < end && (!brings || going.last >= seen.leg->through)) going.next += (end - next - base::Duration{1}) / apart * apart;
  }
  return false;
}

bool FluidLink::is_complete(base::Instant now, std::uint32_t key) {
  if (is_on_way(now)) return false;
  return is_done(view(now, key).flow, now);
}

std::optional<base::Instant> FluidLink::first_byte(base::Instant now, std::uint32_t key) {
  const View seen = view(now, key);
  const Flow& flow = seen.flow;
  if (flow.first_at == base::Instant::max()) return std::nullopt;
  if (seen.leg == nullptr) return std::min(flow.first_at, flow.done_at);
  if (flow.first_at - flow.first_late - flow.lead >= now) return std::nullopt;
  return flow.done_at < flow.first_at && left_at(now, seen) <= 0 ? flow.done_at : flow.first_at;
}

std::optional<base::Instant> FluidLink::next_completion(base::Instant until, bool note_way) {
  if (state_.flows.empty()) return std::nullopt;
  if (has_complete(state_)) return state_.at;
  Sight& sight = *sight_;
  if (!sight.is_ahead || (note_way && !sight.notes_way)) begin_ahead(note_way);
  if (sight.ahead.at < until) look_ahead(until);
  return sight.ahead.at;
}

void FluidLink::begin_ahead(bool note_way) {
  sight_->ahead = state_;
  sight_->steps = 0;
  sight_->is_ahead = true;
  sight_->is_at_end = false;
  sight_->notes_way = note_way;
  sight_->legs.clear();
  sight_->left.clear();
  if (sight_->holes) sight_->holes->clear();
  sight_->leg = 0;
  if (note_way) note_left();
}

void FluidLink::look_ahead(base::Instant until) {
  Sight& sight = *sight_;
  State& ahead = sight.ahead;
  while (ahead.at < until && !sight.is_at_end) {
    if (sight.notes_way) {
      const base::Instant from = ahead.at;
      sight.legs.push_back({.from = from, .through = step(ahead, base::Instant::max())});
      note_left();
    } else {
      step(ahead, base::Instant::max());
    }
    sight.is_at_end = ++sight.steps == kLookAhead || has_complete(ahead);
  }
}

void FluidLink::note_left() {
  for (const Flow& flow : sight_->ahead.flows) sight_->left.push_back(flow.left);
  if (!sight_->notes_holes) return;
  for (const Flow& flow : sight_->ahead.flows) sight_->holes.filled().push_back(flow.answers ? flow.answers->hole : Hole{});
}

void FluidLink::go_on(base::Instant now) {
  if (sight_ && sight_->is_ahead && now >= sight_->ahead.at) {
    look_ahead(now + base::Duration{1});
    if (now >= sight_->ahead.at) {
      std::swap(state_, sight_->ahead);
      sight_->is_ahead = false;
    }
  }
  const auto running = [this] {
    return std::any_of(state_.flows.begin(), state_.flows.end(), [](const Flow& flow) { return !is_over(flow); });
  };
  while (state_.at < now && running()) step(state_, now);
  state_.at = std::max(state_.at, now);
}

base::Instant FluidLink::step(State& state, base::Instant limit) const {
  look(state.at);
  for (Flow& flow : state.flows)
    if (!is_over(flow) && flow.burst <= 0 && flow.next_at <= state.at) begin_round(state, flow);
  limit = std::min(limit, stretch_.until);
  base::Instant end = limit;
  Flow* only = nullptr;
  int waiting = 0;
  for (Flow& flow : state.flows) {
    if (flow.burst > 0) {
      only = &flow;
      ++waiting;
    } else if (!is_over(flow)) {
      end = std::min(end, flow.next_at);
    } else if (flow.done_at > state.at) {
      end = std::min(end, flow.done_at);
    }
  }
  if (waiting == 1)
    serve_only(state, *only, end);
  else if (waiting > 1)
    serve_among(state, end);
  else
    state.at = end;
  end = state.at;
  pause(state, limit);
  if (state.at != stretch_.until) return end;
  look(state.at);
  settle(state);
  return end;
}

// Mostly one flow alone has packets in the queue.
inline void FluidLink::serve_only(State& state, Flow& flow, base::Instant end) const {
  if (!flow.served) begin_service(state, flow);
  if (flow.is_bbr && is_slower(flow)) [[unlikely]]
    return serve_paced(state, flow, end);
  double packets = flow.burst;
  if (flow.entering > kSameTime) {  // rounded as among several
    const double density = density_of(flow);
    packets = flow.burst / density * density;
  }
  const double through = time_through(state, packets, end);
  if (stretch_.spacing >= 0) carry(flow, stretch_.spacing > 0 ? through / stretch_.spacing : flow.burst);
  state.at = end;
  conclude(state, flow);
}

// The sender, not the link, says when its packets come.
bool FluidLink::is_slower(const Flow& flow) const { return stretch_.spacing >= 0 && !flow.steady && flow.tcp.paced() > stretch_.spacing; }

void FluidLink::serve_paced(State& state, Flow& flow, base::Instant end) const {
  const double spacing = flow.tcp.paced();
  const base::Duration takes = rounded_up(flow.burst * spacing);
  const double packets = takes <= end - state.at ? flow.burst : base::to_seconds(end - state.at) / spacing;
  state.at = std::min(end, state.at + takes);
  carry(flow, packets);
  conclude(state, flow);
}

void FluidLink::serve_among(State& state, base::Instant end) const {
  const Service service = find_service(state);
  for (Flow& flow : state.flows)
    if (flow.is_next && !flow.served) begin_service(state, flow);
  const double through = time_through(state, packets_through(state, service), end);
  for (Flow& flow : state.flows) {
    if (!flow.is_next || stretch_.spacing < 0) continue;
    const double part = service.alone ? 1 : density_of(flow) / service.density;
    carry(flow, stretch_.spacing > 0 ? through / stretch_.spacing * part : flow.burst);
  }
  state.at = end;
  for (Flow& flow : state.flows) conclude(state, flow);
}

// Seconds that so many packets of the queue take, or as many as leave it until `end`, which is sooner where all of them do.
inline double FluidLink::time_through(const State& state, double packets, base::Instant& end) const {
  if (stretch_.spacing < 0) return 0;
  const double seconds = packets * stretch_.spacing;
  if (seconds <= base::to_seconds(end - state.at)) end = std::min(end, state.at + rounded_up(seconds));
  return std::min(seconds, base::to_seconds(end - state.at));
}

inline void FluidLink::carry(Flow& flow, double packets) {
  if (packets > flow.burst - kNothing) packets = flow.burst;
  flow.burst -= packets;
  flow.arrived += packets;
  flow.left -= packets;
  if (flow.left < kNothing) flow.left = 0;
}

// Nothing is in the queue: until something comes, or what has left it is there.
inline void FluidLink::pause(State& state, base::Instant limit) {
  for (const Flow& flow : state.flows) {
    if (flow.burst > 0 || flow.done_at <= state.at) return;
    limit = std::min(limit, is_over(flow) ? flow.done_at : flow.next_at);
  }
  state.at = std::max(state.at, limit);
}

// What has left the queue is there when its last packet is.
inline void FluidLink::conclude(State& state, Flow& flow) const {
  if (!is_over(flow) || flow.done_at != base::Instant::max()) return;
  flow.done_at = state.at + flow.lead;
  if (traits_.jitter.deviation() <= 0) return;
  const double late = traits_.jitter.last(state.random, std::max(flow.arrived, 1.0), std::max(stretch_.spacing, 0.0));
  flow.done_at = std::max(state.at + flow.lead + rounded_up(late), state.at);
}

// The queue is first in, first out.
FluidLink::Service FluidLink::find_service(State& state) {
  Service service;
  for (Flow& flow : state.flows) {
    flow.is_next = false;
    if (flow.burst <= 0) continue;
    service.head = std::min(service.head, head_of(state, flow));
  }
  for (Flow& flow : state.flows) {
    if (flow.burst <= 0) continue;
    const double head = head_of(state, flow);
    if (head > service.head + kSameTime) {
      service.next = std::min(service.next, head);
    } else if (flow.entering > kSameTime) {
      service.density += density_of(flow);
      flow.is_next = !service.alone;
    } else if (!std::exchange(service.alone, true)) {
      for (Flow& other : state.flows) other.is_next = &other == &flow;
    }
  }
  return service;
}

// Until something is through, or the next flow's turn comes.
double FluidLink::packets_through(const State& state, const Service& service) {
  double packets = std::numeric_limits<double>::infinity();
  for (const Flow& flow : state.flows)
    if (flow.is_next) packets = std::min(packets, service.alone ? flow.burst : flow.burst / density_of(flow) * service.density);
  if (service.next < std::numeric_limits<double>::infinity() && !service.alone)
    packets = std::min(packets, (service.next - service.head) * service.density);
  return packets;
}

// The round's first packet leaves the queue; when the next round enters it follows.
inline void FluidLink::begin_service(State& state, Flow& flow) const {
  flow.served = true;
  flow.begun = state.at;
  if (flow.first_at == base::Instant::max()) flow.first_at = state.at + flow.first_late + flow.lead;
  const double waited = base::to_seconds(state.at - flow.entered + wait()) + traits_.jitter_round.first(state.random);
  flow.least_wait = std::min(flow.least_wait, waited);
  flow.late = waited - flow.least_wait;
  const bool matters = traits_.jitter_round.deviation() > 0 && flow.resend <= 0 && flow.burst < flow.left;  // for a next round
  const double trip = round_trip(flow) + kFluidPerAck * spacing_of(state, flow) + (matters ? scatter(state, flow) : 0);
  flow.next_at = state.at + rounded_up(flow.resend > 0 ? flow.resend : trip);
  if (traits_.overtakes) overtake(state, flow);
}

// Of the flow's own packets, those of the others in between.
double FluidLink::spacing_among(const State& state, const Flow& flow) const {
  double weights = flow.tcp.window();
  for (const Flow& other : state.flows)
    if (&other != &flow && !flow.bunched && other.burst > 0 && !other.bunched) weights += other.tcp.window();
  return std::max(stretch_.spacing, 0.0) * weights / flow.tcp.window();
}

inline FluidTcp::Round FluidLink::round_of(const State& state, const Flow& flow) const {
  return {.acked = std::max(flow.arrived - static_cast<double>(flow.mistaken), 0.0),
          .took = base::to_seconds(state.at - flow.begun),
          .base = round_trip(flow),
          .spacing = spacing_of(state, flow),
          .late = flow.late,
          .jitter = traits_.jitter_round.deviation()};
}

// Seconds from packet to packet: as they cross the link in slow start, and over the round trip later.
inline double FluidLink::pace(const Flow& flow) const {
  const double spacing = std::max(stretch_.spacing, 0.0);
  return flow.tcp.in_slow_start() ? spacing : std::max(spacing, round_trip(flow) / std::max(flow.burst, 1.0));
}

// Some skip the delay. HyStart compares the round trips of the others with theirs; the next round comes sooner.
void FluidLink::overtake(State& state, Flow& flow) const {
  Overtaking down, up;
  if (traits_.overtaking > 0) down = overtake_down(state, flow);
  const double known = early(flow);  // before the others of this round are acknowledged
  if (traits_.overtaking_up > 0) up = overtake_up(state, flow);
  flow.late = std::max(flow.late + known - std::max(down.sample, up.sample), 0.0);
  if (flow.resend <= 0) flow.next_at -= base::from_seconds(down.sooner + up.sooner);
}

// Those that a packet overtakes are taken for lost until their acknowledgements come, which undo it; meanwhile nothing grows.
FluidLink::Overtaking FluidLink::overtake_down(State& state, Flow& flow) const {
  const double share = traits_.overtaking, packets = flow.burst, spacing = pace(flow), delay = delay_alone();
  const double reach = spacing > 0 ? delay / spacing : std::numeric_limits<double>::infinity();  // packets
  const double first = draw_until(state, share);
  if (first < packets) flow.order.down_skipped = 1;
  const bool was_mistaken = std::exchange(flow.mistaken, 0.0F) > 0, mistakes = mistakes_order(flow);
  if (was_mistaken) flow.order.widen();  // the duplicates of that round are reported now
  if (mistakes && first >= 1 && first < packets && !flow.recovers) {
    const double last = std::max(packets - 1 - draw_until(state, share), first);
    flow.mistaken = static_cast<float>(packets < reach ? last : last * (1 - std::pow(1 - share, reach)));
    flow.tcp.undo();
  }
  Overtaking out;
  if (!flow.tcp.in_slow_start()) out.sooner = share * delay;
  const double between = std::max(1 - reach / packets, traits_.astray);
  if (draw_until(state, share) < std::min(kFirstSamples, packets) * between) out.sample = delay;
  return out;
}

// An acknowledgement that overtakes others tells of all that they do.
FluidLink::Overtaking FluidLink::overtake_up(State& state, Flow& flow) const {
  const double packets = flow.burst, delay = base::to_seconds(flow.up_delay), first = draw_until(state, traits_.overtaking_up);
  if (first < packets) flow.order.up_skipped = 1;
  if (traits_.overtaking > 0 && draw_until(state, traits_.overtaking * traits_.overtaking_up) < packets) flow.order.both_skipped = 1;
  Overtaking out;
  if (first < std::min(kFirstSamples, packets)) out.sample = delay;
  const double needed = std::min(packets, std::max((flow.left - packets) / kFluidPerAck, 1.0));  // that the last round may go
  const double later = needed < packets ? packets - needed + 1 : packets;
  if (first < later) out.sooner = std::max(delay - first * pace(flow), 0.0);
  return out;
}

double FluidLink::early(const Flow& flow) const { return flow.order.early(delay_alone(), base::to_seconds(flow.up_delay)); }

// How long RACK waits for those that a packet has overtaken.
double FluidLink::reordering_window(const Flow& flow) const {
  const double trip = round_trip(flow);
  return std::min(flow.order.steps * std::max(trip - early(flow), 0.0) / 4, trip);
}

// How much later the next round comes: what this one's packets wait for the latest before them, and then their acknowledgements, which are
// half as many; up to the packet that lets the last one go where the next round is the last.
inline double FluidLink::scatter(State& state, const Flow& flow) const {
  const double packets = std::min(flow.burst, std::max((flow.left - flow.burst) / kFluidPerAck, 1.0));
  const double spacing = pace(flow);
  return traits_.jitter.last(state.random, packets, spacing) +
         traits_.jitter_up.last(state.random, packets / kFluidPerAck, kFluidPerAck * spacing);
}

inline double FluidLink::windows_beside(const State& state, const Flow& flow) {
  double packets = 0;
  for (const Flow& other : state.flows)
    if (&other != &flow && other.started && !is_over(other)) packets += std::min(other.tcp.window(), other.left);
  return packets;
}

// As the packets of a flow come that has filled the link for long: its window over the time that the queue takes, between those of others.
void FluidLink::come_steadily(const State& state, Flow& flow, double others) const {
  flow.entering = (flow.tcp.window() + others) * std::max(stretch_.spacing, 0.0);
  flow.entered = state.at - rounded_up(std::max(flow.entering - round_trip(flow), 0.0));
}

void FluidLink::begin_round(State& state, Flow& flow) const {
  double before = 0;
  const double others = windows_beside(state, flow);
  const bool limited_by_link = flow.started && flow.next_at < state.at;
  if (flow.started) {
    before = flow.tcp.window();
    if (!flow.recovers)
      flow.tcp.grow(round_of(state, flow));
    else if (flow.is_bbr)
      flow.tcp.grow_despite_losses(round_of(state, flow));
  }
  flow.entered = flow.next_at;
  flow.entering = flow.started ? base::to_seconds(state.at - flow.begun) : 0;
  if (flow.is_bbr) [[unlikely]]
    flow.entering = std::min(flow.tcp.window(), flow.left) * flow.tcp.paced();
  if (flow.steady) come_steadily(state, flow, others);
  const double found = flow.next_at == state.at && state.flows.size() > 1 ? waiting_beside(state, &flow) : 0;
  const double sent = std::min(flow.tcp.window(), flow.left);
  flow.surge = std::max(sent - before, 0.0);
  const double over = flow.is_bbr ? overflow_paced(flow, others, before, sent) : overflow(state, flow, others, before, sent, found);
  Losses losses = overflow_losses(sent, over, before == 0 && !flow.is_bbr);
  lose_by_chance(state, sent, losses);
  if (loses_at_bottleneck()) lose_at_bottleneck(state, sent, losses);
  losses.count = std::min(losses.count, sent);
  flow.burst = sent - losses.count;
  flow.begun = state.at;
  flow.arrived = flow.resend = 0;
  flow.limited = flow.started;
  flow.started = true;
  flow.bunched = !limited_by_link;
  flow.served = flow.steady = false;
  if (losses.count > 0) return recover(flow, state.at, sent, losses);
  flow.recovers = false;
  if (limited_by_link && !flow.tcp.in_slow_start() && (!flow.is_bbr || is_steady(state, flow, others))) make_steady(state, flow, others);
}

// What waits already, and what is sent in this round beyond what the link takes meanwhile: in slow start packets come twice as fast, after
// a pause the whole window at once. Those of others that arrive at the same time share the losses. Returns: those of `flow`.
inline double FluidLink::overflow(State& state, Flow& flow, double others, double before, double sent, double found) const {
  if (stretch_.spacing == 0) return 0;
  const auto arrives_beside = [&](const Flow& other) { return &other != &flow && other.burst > 0 && other.surge > 0 && other.limited; };
  double surges = 0;
  for (const Flow& other : state.flows)
    if (arrives_beside(other)) surges += other.surge;
  const double waiting = std::max(std::min(before, sent) + others - surges - in_flight(round_trip(flow)), 0.0);
  const double over = (before == 0 && others > 0 ? found : std::max(waiting + surges, found)) + flow.surge - stretch_.room;
  if (over <= (before == 0 && others > 0 ? kPart : 0)) return 0;
  if (before == 0) lose_beside(state, flow);
  const double share = flow.surge + surges > 0 ? over / (flow.surge + surges) : 0;
  for (Flow& other : state.flows) {
    if (!arrives_beside(other) || other.recovers) continue;
    const double lost = std::min(share * other.surge, other.burst);
    const double out = other.burst + other.arrived;
    other.burst -= lost;
    if (lost >= 1) recover(other, other.begun, out, overflow_losses(out, lost, !other.limited));
  }
  if (surges > 0 && share * flow.surge < kPart) return 0;
  return surges > 0 ? std::min(share * flow.surge, sent) : std::min(std::max(over, 1.0), sent);
}

// What is sent beyond what the link holds and, at the rate of sending, takes meanwhile; those of others share the losses.
double FluidLink::overflow_paced(const Flow& flow, double others, double before, double sent) const {
  if (stretch_.spacing == 0) return 0;
  if (stretch_.spacing < 0) return std::max(sent + others - stretch_.room, 0.0) * sent / (sent + others);
  const double taken = std::max(before > 0 ? in_flight(round_trip(flow)) : 0, sent * flow.tcp.paced() / stretch_.spacing);
  const double over = sent + others - taken - stretch_.room;
  return over < kPart ? 0 : over * sent / (sent + others);
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
inline FluidLink::Losses FluidLink::overflow_losses(double sent, double count, bool at_once) {
  if (count <= 0) return {.first = sent};
  const double first = std::max(sent - (at_once ? 1 : 2) * count, 0.0);
  return {.count = count, .first = first, .last = sent, .behind = std::max(sent - first - count, 0.0), .overflown = true};
}

inline void FluidLink::lose_by_chance(State& state, double sent, Losses& losses) const {
  if (traits_.loss_events <= 0) return;
  for (; state.until_loss < sent; state.until_loss += traits_.packets_per_loss + draw_until(state, traits_.loss_events))
    add_loss(sent, state.until_loss, traits_.packets_per_loss, losses);
  state.until_loss -= sent;
}

inline void FluidLink::add_loss(double sent, double at, double count, Losses& losses) {
  if (at < losses.first) losses.behind = sent - at - count;
  losses.first = std::min(losses.first, at);
  losses.last = std::max(losses.last, at);
  losses.count += count;
}

void FluidLink::lose_at_bottleneck(State& state, double sent, Losses& losses) const {
  const double loss = traits_.bottleneck->down.loss;
  for (double at = draw_until(state, loss); at < sent; at += 1 + draw_until(state, loss)) add_loss(sent, at, 1, losses);
}

void FluidLink::note_hole(Flow& flow, double sent, const Losses& losses) {
  Hole& hole = flow.answers->hole;
  const double begin = flow.left + flow.arrived;
  const bool is_open = hole.top > hole.bottom && flow.left > hole.bottom;
  hole = {.top = std::max(begin - losses.first, is_open ? hole.top : 0), .bottom = begin - sent};
}

// What was sent before a loss was known belongs to that loss (RFC 6675's recovery point): the window shrinks once for it.
void FluidLink::recover(Flow& flow, base::Instant at, double sent, const Losses& losses) const {
  const bool known = flow.recovers && losses.last < flow.lost_at;
  if (flow.answers) note_hole(flow, sent, losses);
  flow.lost_at = losses.first;
  flow.recovers = true;
  if (flow.burst < kNothing) {
    flow.burst = 0;
    flow.next_at = at + rounded_up(round_trip(flow)) + kTcpLeastRto;
    return flow.tcp.time_out();
  }
  if (!known) flow.tcp.lose(losses.overflown ? 0 : losses.first, flow.burst);
  if (flow.left > sent) return;
  flow.resend = resend_time(flow, sent, losses);
  flow.next_at = at + rounded_up(flow.resend);
}

// When what was lost of the last packets comes again: after three later ones have told of it; after fewer and a quarter of a round trip
// (RFC 8985, 6.2), or its reordering window once packets have overtaken others; after a probe, which may itself be what was lost (RFC 8985,
// 7).
double FluidLink::resend_time(const Flow& flow, double sent, const Losses& losses) const {
  const double trip = round_trip(flow), spacing = std::max(stretch_.spacing, 0.0);
  const double waited = flow.limited ? flow.late : losses.first * spacing;
  const double behind = std::min(losses.behind, flow.burst);
  if (behind >= 1 && flow.order.down_skipped != 0) return trip + waited + (losses.first + 1) * spacing + reordering_window(flow);
  if (behind >= 1) return trip + waited + (losses.first + 1 + kDuplicates) * spacing + (behind < kDuplicates ? trip / 4 : 0);
  const double probe = 2 * (trip + waited) + (sent <= 1 ? base::to_seconds(kTcpLeastRto) : kProbeSlack);
  return losses.first * spacing + trip + probe + (losses.count > 1 ? trip : 0);
}

// BBR alone, at the link's rate.
bool FluidLink::is_steady(const State& state, const Flow& flow, double others) const {
  return others <= 0 && flow.tcp.fills(spacing_of(state, flow));
}

// One step until the window has filled the queue, or has changed its share beside others, or a packet is lost by chance.
void FluidLink::make_steady(State& state, Flow& flow, double others) const {
  if (loses_at_bottleneck() || (traits_.overtaking > 0 && mistakes_order(flow))) return;
  const double trip = round_trip(flow), spacing = spacing_of(state, flow), window = flow.tcp.window();
  double limit = in_flight(trip) + stretch_.room + 1 - others;
  if (others > 0) limit = std::min(limit, window * kSteadyGrowth);
  double most = flow.tcp.packets_until(limit, trip, spacing);
  if (traits_.loss_events > 0) most = std::min(most, state.until_loss + flow.burst);
  const double burst = std::min(flow.left, most);
  if (burst <= flow.burst) return;
  if (traits_.loss_events > 0) state.until_loss -= burst - flow.burst;
  flow.entering = burst * std::max(stretch_.spacing, 0.0) * (window + others) / window;
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
    if (traits_.loss_events > 0) state.until_loss += std::max(flow.burst - std::min(flow.burst, flow.tcp.window()), 0.0);
    flow.burst = std::min(flow.left, flow.tcp.window());
    come_steadily(state, flow, windows_beside(state, flow));
    flow.begun = state.at;
    flow.arrived = 0;
    flow.steady = false;
    flow.next_at = state.at + rounded_up(round_trip(flow) + kFluidPerAck * spacing_of(state, flow));
  }
}

}  // namespace harness
