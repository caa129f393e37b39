#include "harness/transport/fluid_tcp.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "harness/transport/fluid_bbr.h"

namespace harness {
namespace {

// As in tcp_cubic.cc, like those of the class.
constexpr double kFriendlyGrowth = 3 * (1 - FluidTcp::kBetaKept) / (1 + FluidTcp::kBetaKept);  // packets a round trip
constexpr double kFirstGrowth = 1.0 / 20;  // of a packet for each acknowledged, before the first loss
constexpr double kMostGrowth = 1.0 / 2;
constexpr double kTrainDelay = 0.001;
constexpr double kRiseSamples = 8;
constexpr double kLeastWindow = 2;

// The same bytes, as BBR has them.
FluidBbr bbr_of(const FluidTcp& tcp) { return std::bit_cast<FluidBbr>(tcp); }
template <class Change>
void change_bbr(FluidTcp& tcp, const Change& change) {
  FluidBbr bbr = bbr_of(tcp);
  change(bbr);
  tcp = std::bit_cast<FluidTcp>(bbr);
}

}  // namespace

FluidTcp::FluidTcp(int initial_window, CongestionControl control) : FluidTcp{initial_window} {
  if (control == CongestionControl::kBbr) *this = std::bit_cast<FluidTcp>(FluidBbr{initial_window});
}

double FluidTcp::pace() const { return bbr_of(*this).spacing(); }
bool FluidTcp::fills(double spacing) const { return bbr_of(*this).fills(spacing); }

void FluidTcp::resume(base::Duration idle, base::Duration rto, int initial_window) {
  if (is_bbr()) return change_bbr(*this, [&](FluidBbr& bbr) { bbr.resume(idle); });
  if (idle <= rto) return;
  threshold_ = std::max(threshold_, window_ * 0.75F);
  const float least = std::min(static_cast<float>(initial_window), window_);
  for (base::Duration left = idle - rto; left > base::Duration{} && window_ > least; left -= rto) window_ /= 2;
  window_ = std::max(window_, least);
}

// Where slow start ends in this round: where the queue has kept the round's first packet waiting, after as many samples as Linux wants;
// where acknowledgements come close to each other for half a round trip.
double FluidTcp::hystart_exit(const Round& round) const {
  const double rtt = round.base + round.spacing;
  if (round.late > std::clamp(rtt * kLateShare, kLeastLate, kMostLate)) return std::max(exact() + kRiseSamples, kHystartLeast);
  if (round.spacing * kFluidPerAck + round.jitter > kTrainSpacing || round.spacing <= 0) return threshold();
  const double train = (rtt + kTrainDelay) / 2 / round.spacing;
  return train < exact() ? std::max(exact() + train, kHystartLeast) : threshold();
}

void FluidTcp::grow(const Round& round) {
  if (is_bbr()) return change_bbr(*this, [&](FluidBbr& bbr) { bbr.grow(round); });
  double acked = round.acked;
  if (in_slow_start()) {
    if (threshold_ == kNone && exact() + acked >= kHystartLeast) {
      const double exit = hystart_exit(round);
      if (exact() + acked >= exit) threshold_ = static_cast<float>(exit);
    }
    const double grown = std::min({exact() + acked, threshold(), kMostWindow});
    acked -= grown - exact();
    window_ = static_cast<float>(grown);
    if (in_slow_start() || acked <= 0) return;
  }
  if (round.acked <= 0) return;
  if (age_ < 0) begin_epoch();
  age_ += static_cast<float>(round.took * acked / round.acked);
  const double rtt = std::max(round.base + round.spacing, exact() * round.spacing);
  double goal = std::max(curve(static_cast<double>(age_) + round.base), friendly(static_cast<double>(age_) / rtt));
  if (last_max_ == 0) goal = std::max(goal, exact() + acked * kFirstGrowth);
  goal = std::min({goal, exact() + acked * kMostGrowth, kMostWindow});
  window_ = std::max(window_, static_cast<float>(goal));
}

void FluidTcp::grow_despite_losses(const Round& round) {
  change_bbr(*this, [&](FluidBbr& bbr) { bbr.grow(round, true); });
}

void FluidTcp::begin_epoch() {
  age_ = 0;
  origin_ = std::max(last_max_, window_);
  k_ = static_cast<float>(std::cbrt(static_cast<double>(origin_ - window_) / kCurve));
}

double FluidTcp::curve(double age) const {
  const double off = age - static_cast<double>(k_);
  return static_cast<double>(origin_) + kCurve * off * off * off;
}

// Reno's window, were it where CUBIC's was when the epoch began; a round passes until ours has followed.
double FluidTcp::friendly(double rounds) const {
  const double k = static_cast<double>(k_);
  return static_cast<double>(origin_) - kCurve * k * k * k + kFriendlyGrowth * std::max(rounds - 1, 0.0);
}

void FluidTcp::lose(double before, double arrived) {
  if (is_bbr()) return change_bbr(*this, [&](FluidBbr& bbr) { bbr.lose(before + arrived); });
  if (in_slow_start()) {  // which goes on until the loss is known
    window_ = std::min(window_ + static_cast<float>(before), threshold_);
    arrived += before;
  }
  end_epoch();
  threshold_ = static_cast<float>(std::max(std::floor(window() * kBetaKept), kLeastWindow));
  window_ = static_cast<float>(std::clamp(arrived, kLeastWindow, threshold()));
}

void FluidTcp::undo() {
  if (!is_bbr()) end_epoch();
}

void FluidTcp::end_epoch() {
  const auto lost_at = static_cast<float>(window());
  last_max_ = lost_at < last_max_ ? lost_at * static_cast<float>((1 + kBetaKept) / 2) : lost_at;  // fast convergence
  age_ = -1;
}

void FluidTcp::time_out() {
  if (is_bbr()) return change_bbr(*this, [](FluidBbr& bbr) { bbr.time_out(); });
  threshold_ = static_cast<float>(std::max(std::floor(window() * kBetaKept), kLeastWindow));
  window_ = 1;
  last_max_ = 0;  // Linux forgets the curve (bictcp_reset)
  age_ = -1;
}

double FluidTcp::packets_until(double limit, double base, double spacing) const {
  if (is_bbr()) return bbr_of(*this).packets_until_probe(spacing);
  const double more = limit - exact();
  if (more <= 0) return 0;
  FluidTcp one = *this;
  if (one.age_ < 0) one.begin_epoch();
  const double rtt = std::max(base, exact() * spacing);
  const double off = std::cbrt((limit - static_cast<double>(one.origin_)) / kCurve);
  double seconds = static_cast<double>(one.k_) + off - base - static_cast<double>(one.age_);
  seconds = std::min(seconds, (limit - one.friendly(0)) / kFriendlyGrowth * rtt - static_cast<double>(one.age_));
  double packets = spacing > 0 ? seconds / spacing : std::numeric_limits<double>::infinity();
  if (last_max_ == 0) packets = std::min(packets, more / kFirstGrowth);
  return std::max(packets, more / kMostGrowth);
}

}  // namespace harness
