#include "harness/transport/tcp_flight.h"

namespace harness {

std::size_t TcpFlight::index_after(std::uint64_t seq) const {
  std::size_t low = 0, high = sent_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (sent_[middle].end() > seq)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void TcpFlight::clear_resent(TcpSent& segment) {
  if (segment.resent) --resent_;
  segment.resent = false;
}

void TcpFlight::clear_lost(TcpSent& segment) {
  if (segment.lost) --lost_;
  segment.lost = false;
}

void TcpFlight::pop() {
  TcpSent& segment = sent_.front();
  if (segment.sacked) --sacked_;
  clear_resent(segment);
  clear_lost(segment);
  sent_.pop_front();
}

void TcpFlight::mark_sacked(TcpSent& segment) {
  clear_resent(segment);
  clear_lost(segment);
  segment.sacked = true;
  ++sacked_;
}

void TcpFlight::mark_lost(TcpSent& segment) {
  if (segment.sacked) return;
  clear_resent(segment);
  if (!segment.lost) ++lost_;
  segment.lost = true;
}

void TcpFlight::mark_resent(TcpSent& segment, base::Instant now) {
  if (!segment.resent) ++resent_;
  segment.resent = segment.ever_resent = true;
  segment.at = now;
}

void TcpFlight::forget_losses() {
  for (std::size_t i = 0; i < sent_.size() && lost_ > 0; ++i) clear_lost(sent_[i]);
}

}  // namespace harness
