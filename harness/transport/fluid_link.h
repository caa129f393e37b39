// FluidLink: what crosses one viewer's downlink, round trip by round trip: each flow's sender has a window's worth of packets out, which
// arrive one behind the other at the link's rate; then the next round's come, a round trip after the first of this one or, where the link
// is what limits the flow, at once. The queue is first in, first out: a round comes into it at once after a pause, else over the time over
// which the one before arrived, and of several flows the link serves that whose next packet came first. So flows that fill the link share
// it by their windows, and what comes at once leaves at once.
// A window that is more than link and queue hold loses packets, and so does the link's own loss; what is lost comes a round later, and the
// window shrinks. Where delays vary, a round comes later by what its packets, none of which overtakes another, wait for the latest of them,
// and so does a flow's last packet. Where packets arrive twice each takes the room of more than one; where some skip the delay, their
// sender leaves slow start early, and at first takes those for lost that were overtaken. A flow that the link limits takes one step until
// its window fills the queue, so most transfers take a handful; BBR's come at its own pace where that is slower than the link, and take a
// step a round until it has found the link's rate. Behind a bottleneck of its region every packet is there later by
// what that makes it wait, and may be lost there, too. Deterministic for its random numbers. Pure: time is an argument.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/boxed.h"
#include "base/ensure.h"
#include "base/random.h"
#include "harness/transport/bottleneck.h"
#include "harness/transport/fluid_jitter.h"
#include "harness/transport/fluid_order.h"
#include "harness/transport/fluid_tcp.h"
#include "netem/model/rate_schedule.h"

namespace harness {

class FluidLink {
 public:
  static constexpr double kHeaders = 52;    // of a packet: IP, TCP and timestamps (tcp_segment.h)
  static constexpr double kDuplicates = 3;  // acknowledgements after which a packet counts as lost

  // What a link needs while it carries something: links of one thread that share a stock use it one after the other. Outlives them.
  class Stock;
  // `origin`: where a trace begins. `up`: the way of the acknowledgements. `bottleneck`: before the link, if there is one; outlives it.
  FluidLink(const netem::ImpairmentSpec& down, base::Instant origin, base::Random random, const netem::ImpairmentSpec& up, Stock& stock,
            BottleneckShare* bottleneck = nullptr);

  // What of a flow that is over is not acknowledged yet.
  struct Unacknowledged {
    double packets = 0;
    base::Instant until{};
    FluidTcp tcp{};  // without what that will make it grow
  };
  struct Arrival {
    std::uint32_t key = 0;      // new
    base::ByteCount payload;    // zero: nothing but an empty packet
    base::Duration up_delay{};  // of the other direction
    FluidTcp tcp{};
    FluidOrder order{};
    bool in_order = false;  // crossing() will be asked
    Unacknowledged out{};   // of its connection, while that lasts in place of `tcp`
  };
  // The first packet would arrive at `first` if nothing else were in the queue and the delay did not vary. `now` never goes back, here and
  // below. Returns: when the first packet is through.
  base::Instant add(base::Instant now, base::Instant first, const Arrival& arrival);
  // Its connection, as it is now.
  struct Kept {
    FluidTcp tcp;
    FluidOrder order;
  };
  Kept remove(base::Instant now, std::uint32_t key);
  // Requires: all has crossed.
  Unacknowledged unacknowledged(base::Instant now, std::uint32_t key);
  // What of `key` has crossed so far.
  base::ByteCount received(base::Instant now, std::uint32_t key);
  bool is_complete(base::Instant now, std::uint32_t key);
  // `payload` of `key` has not crossed before; the rate may change sooner. `now` where it has.
  base::Instant earliest(base::Instant now, std::uint32_t key, base::ByteCount payload);
  // earliest(), asked at `now` and again at each instant that it names, until one is not before `until` or all has crossed there.
  struct Approach {
    base::Instant last;  // the last one asked at in vain
    base::Instant next;  // where to ask next, or where all has crossed
  };
  Approach approach(base::Instant now, base::Instant until, std::uint32_t key, base::ByteCount payload);
  // When its first packet was through, or is to be; nothing while it waits behind others.
  std::optional<base::Instant> first_byte(base::Instant now, std::uint32_t key);
  // When the first of the flows that are there will be complete; nothing when none is there. Looks at most a thousand steps ahead: what
  // takes longer gives the instant of the last one, at which it is worth asking again. Nor much beyond `until`: if none is complete before,
  // it is that instant or a later one. With `note_way` what lies before that instant is kept, until something comes or goes: the five
  // questions before this one may then be asked of instants before it in any order, and change nothing.
  std::optional<base::Instant> next_completion(base::Instant until = base::Instant::max(), bool note_way = false);

  // Tells the bottleneck what has crossed since it was told last, and what went up to acknowledge it.
  void tell_bottleneck(base::Instant now);
  // What the bottleneck does to packets is another thing from now on. Requires: everything until now was looked at before.
  void renew(base::Instant now);
  bool is_carrying() const { return !state_.flows.empty(); }
  BottleneckShare* bottleneck() const { return traits_.bottleneck; }
  // Of every packet, there.
  base::Duration wait() const { return traits_.bottleneck != nullptr ? traits_.bottleneck->down.wait : base::Duration{}; }

  // Where a flow carries what is said while it runs. All that it is to carry, from its first byte on, is `payload` from now on; no less
  // than what was sent of it.
  void resize(base::Instant now, std::uint32_t key, base::ByteCount payload);
  // What its sender has sent once a word of the receiver's is there that takes `way`.
  base::ByteCount sent(base::Instant now, std::uint32_t key, base::Duration way);
  // When so much has crossed, jitter apart, and all that was lost before it: `now` where it has already; nothing where that lies beyond the
  // way that next_completion() noted.
  std::optional<base::Instant> crossing(base::Instant now, std::uint32_t key, base::ByteCount payload);

  base::Duration delay(base::Instant now) const;                               // one way, without the link's own queue
  base::Duration queueing(base::Instant now);                                  // what a packet waits that comes now
  base::Duration transmission(base::Instant now, base::ByteCount size) const;  // of one packet
  const FluidJitter& jitter() const { return traits_.jitter; }
  const FluidJitter& jitter_up() const { return traits_.jitter_up; }
  // Shares of the packets that skip the delay.
  double overtaking() const { return traits_.overtaking; }
  double overtaking_up() const { return traits_.overtaking_up; }

 private:
  static constexpr int kLookAhead = 1'000;  // steps
  // What comes behind what was lost waits for it: where Flow::left is between the two until it is the lower one.
  struct Hole {
    double top = 0, bottom = 0;
    double wanted(double left) const { return left < top && left > bottom ? bottom : left; }
  };
  // What all links of a network have in common, but for rates.
  struct Traits {
    netem::QueueLimit queue;
    base::Duration delay{};
    FluidJitter jitter, jitter_up, jitter_round;
    double loss_events = 0;                    // per packet
    double packets_per_loss = 1;               // event
    double spacing_up = 0;                     // seconds from packet to packet that the acknowledgements leave
    double copies = 1;                         // of each packet, on average
    double overtaking = 0, overtaking_up = 0;  // shares
    bool overtakes = false;                    // any
    double astray = 0;                         // as astray_of() says
    Stock* stock = nullptr;                    // where these are
    BottleneckShare* bottleneck = nullptr;
    bool operator==(const Traits&) const = default;
  };
  static Traits traits_of(const netem::ImpairmentSpec& down, const netem::ImpairmentSpec& up, Stock& stock, BottleneckShare* bottleneck);
  // Of a flow that carries answers one behind the other, of which crossing() is asked.
  struct Answers {
    std::int64_t before = 0;  // bytes that had crossed when it was resized
    Hole hole{};              // the latest
  };
  struct Flow {
    std::uint32_t key;
    FluidOrder order;
    bool is_bbr = false;                           // its `tcp`
    float told = 0;                                // packets of those that have arrived: so many the bottleneck knows of
    float mistaken = 0;                            // packets of this round that were overtaken and so are taken for lost
    base::Instant done_at = base::Instant::max();  // once all has left the queue
    std::int64_t payload;                          // bytes; of those that had not crossed when it was resized
    double size, left;                             // packets; `left` have not arrived
    double burst = 0;                              // those of this round that have not arrived
    double arrived = 0;                            // in this round
    base::Instant entered;                         // the queue: the round's first packet
    double entering = 0;                           // seconds from then until its last one did
    base::Instant begun;                           // the round's first packet left the queue; until then as `entered`
    base::Instant next_at;                         // the next round enters it, at the earliest
    double resend = 0;                             // seconds from `begun` to the next round, where it is of what was lost
    base::Duration up_delay;
    base::Duration first_late{};  // from when its first packet begins to leave the queue until it is through, jitter included
    base::Instant first_at = base::Instant::max();
    base::Duration lead{};  // by which its packets cross the link sooner than they are there, jitter apart
    double late = 0;        // seconds that the round's first packet waited, beyond the least of all rounds so far
    double least_wait = std::numeric_limits<double>::infinity();
    double surge = 0;    // packets of this round that were sent beyond those of the last
    double lost_at = 0;  // how many of this round's packets came before the first that was lost
    base::Boxed<Answers> answers{};
    FluidTcp tcp;
    bool started = false;
    bool limited = false;   // it has been held back by its window
    bool served = false;    // something of this round has left the queue
    bool is_next = false;   // something of it leaves the queue, in this step
    bool bunched = false;   // this round's packets are one behind the other, with none of others in between
    bool recovers = false;  // something was lost in this round
    bool steady = false;    // the link is the limit, and the burst is of many rounds
  };
  struct State {
    base::Instant at{};
    std::vector<Flow> flows{};  // oldest first; complete ones stay until removed
    double until_loss = 0;      // packets
    base::Random random{0};
  };
  // A step of what is looked ahead: from its begin until what it takes has left the queue packets cross at one rate.
  struct Leg {
    base::Instant from, through;
  };
  struct Sight {
    State ahead{};  // at the next completion or on the way there, while nothing comes or goes
    int steps = 0;  // to there
    bool is_ahead = false, is_at_end = false, notes_way = false, notes_holes = false;
    std::vector<Leg> legs{};                 // those steps
    std::vector<double> left{};              // Flow::left of each flow where the first one begins, then where each ends
    base::Boxed<std::vector<Hole>> holes{};  // as that, where crossing() will be asked
    std::size_t leg = 0;                     // the one asked of last
    std::vector<Flow> unused{};              // what state_ keeps its flows in
  };
  // What holds until the rate changes.
  struct Stretch {
    base::Instant from = base::Instant::max(), until = base::Instant::min();
    double spacing = 0;  // seconds from packet to packet; zero: unlimited; below zero: an outage
    double room = 0;     // of the queue, in packets
    base::Duration delay{};
  };

  // Of one round, in packets from its begin.
  struct Losses {
    double count = 0, first = 0, last = 0;
    double behind = 0;       // how many arrive after the first of them
    bool overflown = false;  // the queue; else all by chance
  };

  static bool is_over(const Flow& flow) { return flow.left <= 0; }
  static bool is_done(const Flow& flow, base::Instant at) { return flow.done_at <= at; }
  static Flow& find(State& state, std::uint32_t key) {
    for (Flow& flow : state.flows)
      if (flow.key == key) return flow;
    ENSURE(false);
  }
  // Mostly it is there already: one look asks many questions.
  void advance(base::Instant now) {
    if (state_.at < now || (sight_ && sight_->is_ahead && now >= sight_->ahead.at)) go_on(now);
  }
  void begin_carrying();
  void end_carrying();
  void go_on(base::Instant now);
  static bool has_complete(const State& state) {
    for (const Flow& flow : state.flows)
      if (is_done(flow, state.at)) return true;
    return false;
  }
  void look_ahead(base::Instant until);
  void begin_ahead(bool note_way);
  void note_left();
  bool is_on_way(base::Instant now) const { return sight_->is_ahead && sight_->notes_way && now < sight_->ahead.at; }
  // A flow and where on the way to what is looked ahead at it is.
  struct View {
    const Flow& flow;
    const Leg* leg = nullptr;      // null: not on the way, but as state_ has it
    const double* left = nullptr;  // Flow::left where the leg begins; that where it ends lies as many places behind as there are flows
  };
  View view(base::Instant now, std::uint32_t key) {
    if (!is_on_way(now)) advance(now);
    return is_on_way(now) ? view_on_way(now, key) : View{.flow = find(state_, key)};
  }
  View view_on_way(base::Instant now, std::uint32_t key);
  double left_at(base::Instant now, const View& view) const;
  base::Instant earliest(base::Instant now, const View& view, base::ByteCount payload) const;
  bool approach_on_leg(base::Instant until, const View& seen, base::ByteCount payload, Approach& going) const;
  base::Instant end_of(const Leg& leg) const;
  base::ByteCount received(base::Instant now, const View& view) const;
  static std::int64_t before(const Flow& flow) { return flow.answers ? flow.answers->before : 0; }
  static double left_after(const Flow& flow, base::ByteCount payload);
  static base::ByteCount bytes_of(const Flow& flow, double packets);
  void follow(Flow& flow, const Unacknowledged& out);
  void tell_of_loss(Flow& flow) const;
  void send_more(State& state, Flow& flow) const;
  // A step ends where a round, a flow or a stretch does. Returns: until when packets crossed.
  base::Instant step(State& state, base::Instant limit) const;
  void serve_only(State& state, Flow& flow, base::Instant end) const;
  void serve_paced(State& state, Flow& flow, base::Instant end) const;
  bool is_slower(const Flow& flow) const;
  void serve_among(State& state, base::Instant end) const;
  double time_through(const State& state, double packets, base::Instant& end) const;
  // Of what leaves the queue now, where several have packets in it.
  struct Service {
    double head = std::numeric_limits<double>::infinity();  // seconds from now (below zero) at which those packets came
    double next = std::numeric_limits<double>::infinity();  // and the next flow's
    double density = 0;                                     // packets per second, as they came
    bool alone = false;                                     // came at once: of such, the first
  };
  // Seconds from now, below zero: when the packet came that leaves next. How many come in a second.
  static double head_of(const State& state, const Flow& flow) {
    const double all = flow.burst + flow.arrived;
    return base::to_seconds(flow.entered - state.at) + (all > 0 ? flow.entering * flow.arrived / all : 0);
  }
  static double density_of(const Flow& flow) { return (flow.burst + flow.arrived) / flow.entering; }
  // Marks the flows that it is of.
  static Service find_service(State& state);
  static double packets_through(const State& state, const Service& service);
  void begin_service(State& state, Flow& flow) const;
  static void carry(Flow& flow, double packets);
  static void pause(State& state, base::Instant limit);
  // Packets of it in the queue.
  double waiting(const State& state, const Flow& flow) const;
  double waiting_beside(const State& state, const Flow* flow) const;
  void lose_beside(State& state, const Flow& flow) const;
  void begin_round(State& state, Flow& flow) const;
  // What all but `flow` have out.
  static double windows_beside(const State& state, const Flow& flow);
  void come_steadily(const State& state, Flow& flow, double others) const;
  double scatter(State& state, const Flow& flow) const;
  double pace(const Flow& flow) const;
  // What those of one round do that overtake others, in seconds.
  struct Overtaking {
    double sooner = 0;  // the next round comes
    double sample = 0;  // by which the least of the round trips is shorter that HyStart looks at
  };
  void overtake(State& state, Flow& flow) const;
  Overtaking overtake_down(State& state, Flow& flow) const;
  Overtaking overtake_up(State& state, Flow& flow) const;
  double early(const Flow& flow) const;  // as FluidOrder has it
  double reordering_window(const Flow& flow) const;
  bool mistakes_order(const Flow& flow) const { return reordering_window(flow) < delay_alone(); }
  // Seconds: what overtaking packets skip; not what the bottleneck makes them wait.
  double delay_alone() const { return base::to_seconds(stretch_.delay); }
  void conclude(State& state, Flow& flow) const;
  bool is_steady(const State& state, const Flow& flow, double others) const;
  void make_steady(State& state, Flow& flow, double others) const;
  double overflow(State& state, Flow& flow, double others, double before, double sent, double found) const;
  double overflow_paced(const Flow& flow, double others, double before, double sent) const;
  static Losses overflow_losses(double sent, double count, bool at_once);
  void lose_by_chance(State& state, double sent, Losses& losses) const;
  void lose_at_bottleneck(State& state, double sent, Losses& losses) const;
  static void add_loss(double sent, double at, double count, Losses& losses);
  static void note_hole(Flow& flow, double sent, const Losses& losses);
  void recover(Flow& flow, base::Instant at, double sent, const Losses& losses) const;
  double resend_time(const Flow& flow, double sent, const Losses& losses) const;
  void settle(State& state) const;
  static double draw_until(State& state, double share);
  void look(base::Instant at) const {
    if (at < stretch_.from || at >= stretch_.until) look_up(at);
  }
  bool loses_at_bottleneck() const { return traits_.bottleneck != nullptr && traits_.bottleneck->down.loss > 0; }
  void tell_bottleneck(Flow& flow, double left) const;
  void look_up(base::Instant at) const;
  FluidTcp::Round round_of(const State& state, const Flow& flow) const;
  double round_trip(const Flow& flow) const { return base::to_seconds(flow.up_delay + stretch_.delay + wait()); }
  double spacing_of(const State& state, const Flow& flow) const {
    return state.flows.size() == 1 ? std::max(stretch_.spacing, 0.0) : spacing_among(state, flow);
  }
  double spacing_among(const State& state, const Flow& flow) const;
  double in_flight(double round_trip) const;  // packets that the empty link holds
  double room_at(double spacing) const;

  netem::RateSchedule schedule_;
  const Traits& traits_;
  mutable Stretch stretch_{};  // the one looked at last
  State state_{};
  std::unique_ptr<Sight> sight_{};  // while a flow is there: many viewers have a link, few of them a flow
};

class FluidLink::Stock {
 private:
  friend class FluidLink;
  static constexpr std::size_t kMost = 16;  // the links that carry something take turns; a crowd's are not kept
  const Traits& shared(const Traits& traits);
  std::vector<std::unique_ptr<const Traits>> traits_{};  // of a few networks
  std::vector<std::unique_ptr<Sight>> sights_{};
};

}  // namespace harness
