#include "harness/transport/fluid_bbr.h"

#include <algorithm>

namespace harness {
namespace {

// As in tcp_bbr.cc, like those of the class.
// What a round of probing brings: what is delivered in it was sent in the one before, by a rate that is older still.
constexpr double kProbeGrowth = 1.15 / 0.99;
constexpr double kMostPackets = FluidTcp::kMostWindow;
constexpr double kFirstPhase = 4;  // counted from 0; chance, in the kernel
constexpr double kBurstsOut = 3;
constexpr double kGrownAtOnce = 8;                  // until TCP_INIT_CWND are delivered, SYN included, the window grows whatever the rate
constexpr double kAggregated = 3;                   // packets that come with one acknowledgement, and what is rounded up to even numbers
constexpr double kBurstRate = 1024;                 // bursts per second
constexpr double kSinglesBelow = 150'000.0 / 1448;  // packets per second: they leave one by one
constexpr double kLargestOut = 45;

constexpr float kClockBegin = -2;
constexpr float kSame = 0.995F;      // of a rate, what is as good
constexpr double kWholeRound = 0.9;  // what takes less tells of a part of one
constexpr double kLatest = 2;        // standard deviations that a round waits for its latest packet
constexpr double kFilled = 0.03;     // how near the rate is that of the link
// While it doubles, a round is sent by the rate of the one before at its begin and by its own at its end.
constexpr double kDoublingGain = FluidBbr::kStartGain * 0.75;

}  // namespace

double FluidBbr::gain() const {
  if (mark_ < 1) return kProbeGrowth;
  return mark_ < 2 ? kRelaxGain : 1;
}

double FluidBbr::spacing() const {
  if (rate_ <= 0) return 0;
  const double gain_now = is_starting() ? (mark_ > 0 && rounds_ >= 0 ? kDoublingGain : kStartGain) : gain();
  return 1 / (gain_now * kMarginKept * rate());
}

bool FluidBbr::fills(double spacing) const { return !is_starting() && std::abs(rate() * spacing - 1) < kFilled; }

// What waits in bursts at either end (bbr_quantization_budget).
double FluidBbr::bursts() const { return kBurstsOut * std::clamp(rate() / kBurstRate, rate() < kSinglesBelow ? 1.0 : 2.0, kLargestOut); }

// After a pause the queue is empty, and the first round trip is as good as any.
void FluidBbr::resume(base::Duration idle) {
  if (rounds_ >= 0) rounds_ = -1 - rounds_;
  clock_ -= static_cast<float>(base::to_seconds(idle));
  if (static_cast<double>(kClockBegin - clock_) > kProbeAfter) clock_ = kClockBegin;
}

void FluidBbr::grow(const FluidTcp::Round& round, bool lost) {
  if (round.acked <= 0) return;
  const double rtt = round.base + round.spacing;
  const double took = std::max(round.took, rtt);
  clock_ -= static_cast<float>(round.took);
  if (took <= 0) return;  // a link without limits
  const Told told{.rtt = rtt, .rate = round.acked / took, .lost = lost};
  is_starting() ? start_up(round, told) : keep_up(round, told);
}

void FluidBbr::start_up(const FluidTcp::Round& round, const Told& told) {
  const double least = rate_ > 0 ? 0 : static_cast<double>(window_) + std::min(round.acked, kGrownAtOnce);
  rate_ = std::max(rate_, static_cast<float>(told.rate));
  const double part = round.took < kWholeRound * told.rtt ? std::min(round.acked / static_cast<double>(window_), 1.0) : 1;
  if (rounds_ < 0) {
    rounds_ = -1 - rounds_;
  } else if (rate() >= kStartGrowth * static_cast<double>(mark_)) {
    mark_ = rate_;
    rounds_ = 0;
  } else {
    rounds_ += static_cast<float>(part);
  }
  const double most = kStartGain * rate() * round.base + bursts();
  const double window = static_cast<double>(window_);
  if (!told.lost)
    window_ =
        static_cast<float>(std::min({std::max(window + round.acked, rate() * told.rtt), std::max({window, most, least}), kMostPackets}));
  if (static_cast<double>(rounds_) < kStartRounds) return;
  threshold_ = rounds_ = 0;
  mark_ = static_cast<float>(kFirstPhase);
  window_ = static_cast<float>(std::clamp(rate() * round.base + bursts(), kFewest, kMostPackets));
}

void FluidBbr::note_sample(double rounds, double sample) {
  const auto found = static_cast<float>(sample);
  const bool is_first = rounds_ < 0;  // of an answer: the application was the limit, so that less tells nothing
  if (is_first) rounds_ = -1 - rounds_;
  if (found >= rate_ * kSame) {
    rate_ = std::max(rate_, found);
    threshold_ = rounds_ = 0;
    return;
  }
  if (is_first) return;
  const bool is_half = static_cast<double>(rounds_) < kBestRounds / 2 && static_cast<double>(rounds_) + rounds >= kBestRounds / 2;
  rounds_ += static_cast<float>(rounds);
  threshold_ = is_half ? -found : std::min(threshold_, -found);
  if (static_cast<double>(rounds_) <= kBestRounds) return;
  rate_ = -threshold_;
  threshold_ = -found;
  rounds_ = static_cast<float>(kBestRounds / 2);
}

void FluidBbr::keep_up(const FluidTcp::Round& round, const Told& told) {
  const double since = static_cast<double>(kClockBegin - clock_);
  if (since > kProbeAfter) {  // PROBE_RTT
    window_ = static_cast<float>(kFewest);
    if (since <= kProbeAfter + kProbeFor) return;
    clock_ = kClockBegin;
  } else {
    note_sample(round.acked / std::max(static_cast<double>(window_), 1.0), told.rate);
  }
  // Where the link is the faster, the queue is empty.
  const bool is_full = round.spacing > spacing();
  const double took = is_full ? std::max(round.took, told.rtt) : round.base + kFluidPerAck * round.spacing + kLatest * round.jitter;
  const double holds = rate() * round.base + bursts(), most = kCwndGain * rate() * round.base + bursts() + kAggregated;
  // Probing for more goes on while there is.
  if (mark_ >= 1 || told.lost || static_cast<double>(window_) >= kProbeGain * rate() * round.base + bursts())
    mark_ = static_cast<float>(std::fmod(static_cast<double>(mark_) + took / told.rtt, kPhaseCount));
  double sent = took / spacing();
  if (fills(round.spacing)) sent = holds;
  window_ = static_cast<float>(std::clamp(std::ceil(std::min(sent, most)), kFewest, kMostPackets));
}

// What was lost is sent again; in STARTUP no more at first than arrived.
void FluidBbr::lose(double arrived) {
  if (is_starting()) window_ = static_cast<float>(std::max(arrived, kFewest));
}

void FluidBbr::time_out() {
  window_ = 1;
  if (is_starting()) mark_ = 0;
}

double FluidBbr::packets_until_probe(double spacing) const {
  const double left = kProbeAfter - static_cast<double>(kClockBegin - clock_);
  return spacing > 0 ? std::max(left, 0.0) / spacing : std::numeric_limits<double>::infinity();
}

}  // namespace harness
