#include "harness/abr/link.h"

#include <algorithm>

namespace harness::abr {

Link::Link(const Trace& trace, const Movie& movie, LinkObserver& observer) : trace_{trace}, movie_{movie}, observer_{observer} {
  left_ms_ = here().ms;
  sustainable_ = sustainable_here();
}

std::size_t Link::sustainable_here() const {
  const double kbps = here().kbps * (1 - here().latency_ms / movie_.segment_ms);
  std::size_t rendition = 0;
  while (rendition + 1 < movie_.kbps.size() && movie_.kbps[rendition + 1] <= kbps) ++rendition;
  return rendition;
}

double Link::pass_on() {
  const double passed = left_ms_;
  now_ms_ += passed;
  at_ = at_ + 1 == trace_.size() ? 0 : at_ + 1;
  left_ms_ = here().ms;
  const std::size_t before = sustainable_;
  sustainable_ = sustainable_here();
  if (sustainable_ != before) observer_.on_sustainable(now_ms_, sustainable_, before);
  return passed;
}

double Link::wait_for_first_bit() {
  double total_ms = 0, share = 1;
  while (true) {
    const double latency_ms = here().latency_ms, ms = share * latency_ms;
    if (ms <= left_ms_) {
      pass(ms);
      return total_ms + ms;
    }
    share -= left_ms_ / latency_ms;
    total_ms += pass_on();
    if (share <= 0) return total_ms;
  }
}

double Link::download(double bits) {
  double total_ms = 0;
  while (true) {
    const double kbps = here().kbps, in_period = left_ms_ * kbps;
    if (bits <= in_period) {
      const double ms = bits / kbps;
      pass(ms);
      return total_ms + ms;
    }
    bits -= in_period;
    total_ms += pass_on();
  }
}

void Link::wait(double ms) {
  while (ms > left_ms_) ms -= pass_on();
  pass(ms);
}

Link::Progress Link::download_some(double bits, double least_bits, double least_ms) {
  Progress total;
  while (bits > 0 && (least_bits > 0 || least_ms > 0)) {
    const double kbps = here().kbps, in_period = left_ms_ * kbps;
    const double wanted = std::max(least_bits, least_ms * kbps);
    Progress now;
    if (kbps <= 0 && least_bits <= 0 && least_ms <= left_ms_) {
      now.ms = least_ms;
      pass(now.ms);
    } else if (kbps > 0 && std::min(bits, wanted) <= in_period) {
      now.bits = std::min(bits, wanted);
      now.ms = now.bits / kbps;
      pass(now.ms);
      if (bits > wanted) least_bits = least_ms = 0;  // exactly met, however it rounds
    } else {
      now = {.bits = in_period, .ms = pass_on()};
    }
    total.bits += now.bits, total.ms += now.ms;
    bits -= now.bits, least_bits -= now.bits, least_ms -= now.ms;
  }
  return total;
}

}  // namespace harness::abr
