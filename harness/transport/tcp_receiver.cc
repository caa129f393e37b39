#include "harness/transport/tcp_receiver.h"

#include <algorithm>
#include <utility>

namespace harness {
namespace {

using base::Duration;
using base::Instant;
using namespace std::chrono_literals;

// Linux 6.18, include/net/tcp.h and net/ipv4/tcp_{input,output}.c.
constexpr Duration kLeastDelay = 40ms;  // TCP_ATO_MIN, TCP_DELACK_MIN
constexpr Duration kMostDelay = 200ms;  // TCP_DELACK_MAX
constexpr Duration kMostUnhurriedDelay = 500ms;
constexpr std::uint32_t kMostQuick = 16;
constexpr std::uint32_t kPromptDuplicates = 3;
constexpr Duration kMostCompression = 1ms;                                     // tcp_comp_sack_delay_ns
constexpr Duration kShortRoundTrip = 1ms;                                      // tcp_rcvbuf_low_rtt
constexpr std::uint64_t kMemoryPerSegment = 2304;                              // what a segment of 1448 bytes from a TUN device takes up
constexpr std::uint64_t kPayload = kTcpSegmentSize * 256 / kMemoryPerSegment;  // of 256 parts of a buffer (scaling_ratio)
constexpr std::uint32_t kWindowUnit = 1u << 10;                                // window scale of a buffer of up to 32 MiB

}  // namespace

void TcpReceiver::on_established(Instant now) {
  space_start_ = window_round_start_ = now;
  window_round_end_ = window_;
}

void TcpReceiver::on_data(Instant now, const TcpSegment& segment, const Timing& timing) {
  if (segment.seq <= acked_ || echo_ == 0) echo_ = segment.stamp;
  if (segment.length == 0) return;
  measure_round_trip(now, segment);
  const TcpRange range{segment.seq, segment.seq + segment.length};
  owes_ack_ = true;
  if (range.end <= next_) {
    duplicate_ = range;
    be_quick(kMostQuick);
    interactive_ = false;
    ato_ = kLeastDelay;
  } else if (range.begin <= next_) {
    accept(now, segment, timing);
  } else {
    measure_segment(segment);
    keep(range);
    grow_window(segment);
    grow_buffer(space_);
  }
  decide(now, timing);
  read(now);
}

void TcpReceiver::accept(Instant now, const TcpSegment& segment, const Timing& timing) {
  const bool had_gap = !kept_.empty();
  next_ = segment.seq + segment.length;
  note_arrival(now, segment, timing);
  join_kept();
  if (had_gap && kept_.empty()) owes_ack_now_ = true;
}

void TcpReceiver::keep(const TcpRange& range) {
  TcpRange merged = range;
  for (auto each = kept_.begin(); each != kept_.end();) {
    if (each->begin <= range.begin && range.end <= each->end) duplicate_ = range;
    if (each->end < merged.begin || each->begin > merged.end) {
      ++each;
      continue;
    }
    merged = {std::min(merged.begin, each->begin), std::max(merged.end, each->end)};
    kept_bytes_ -= each->end - each->begin;
    each = kept_.erase(each);
  }
  kept_bytes_ += merged.end - merged.begin;
  kept_.insert(kept_.begin(), merged);
}

void TcpReceiver::join_kept() {
  for (auto each = kept_.begin(); each != kept_.end();) {
    if (each->begin > next_) {
      ++each;
      continue;
    }
    next_ = std::max(next_, each->end);
    kept_bytes_ -= each->end - each->begin;
    kept_.erase(each);
    each = kept_.begin();
  }
}

// tcp_event_data_recv.
void TcpReceiver::note_arrival(Instant now, const TcpSegment& segment, const Timing& timing) {
  measure_segment(segment);
  if (next_ >= window_round_end_) {
    add_round_trip(now - window_round_start_, true);
    window_round_start_ = now;
    window_round_end_ = next_ + window_;
  }
  if (ato_ == Duration{}) {
    be_quick(kMostQuick);
    ato_ = kLeastDelay;
  } else {
    const Duration gap = now - last_arrival_;
    if (gap <= kLeastDelay / 2)
      ato_ = ato_ / 2 + kLeastDelay / 2;
    else if (gap < ato_)
      ato_ = std::min(ato_ / 2 + gap, timing.rto);
    else if (gap > timing.rto)
      be_quick(kMostQuick);
  }
  last_arrival_ = now;
  if (segment.length >= 128) grow_window(segment);
}

void TcpReceiver::measure_segment(const TcpSegment& segment) {
  if (segment.length >= segment_size_) {
    if (segment.length != segment_size_ && segment.length == kTcpSegmentSize) {  // the first full one tells what a buffer holds
      payload_ = kPayload;
      window_clamp_ = window_of(buffer_);
    }
    segment_size_ = std::min(segment.length, kTcpSegmentSize);
    if (segment.has(TcpSegment::kPush)) pushed_ = true;  // the end of a burst: more may not come soon
    return;
  }
  pushed_twice_ = pushed_;
  pushed_ = true;
}

void TcpReceiver::measure_round_trip(Instant now, const TcpSegment& segment) {
  if (segment.echo == 0 || segment.echo == last_echoed_) return;
  last_echoed_ = segment.echo;
  const std::chrono::milliseconds took{tcp_stamp_of(now) - segment.echo};
  if (segment.length >= segment_size_ && took > 0ms) add_round_trip(took, false);
}

// tcp_rcv_rtt_update.
void TcpReceiver::add_round_trip(Duration sample, bool from_window) {
  if (round_trip8_ == Duration{} || sample * 8 < round_trip8_)
    round_trip8_ = sample * 8;
  else if (!from_window)
    round_trip8_ += sample - round_trip8_ / 8;
}

std::uint64_t TcpReceiver::window_of(std::uint64_t buffer) const { return buffer * payload_ / 256; }

// tcp_space: the application has read everything in order.
std::uint64_t TcpReceiver::free_buffer() const {
  const std::uint64_t used = kept_bytes_ * kMemoryPerSegment / kTcpSegmentSize;
  return buffer_ > used ? buffer_ - used : 0;
}

void TcpReceiver::grow_window(const TcpSegment& segment) {
  const std::uint64_t free = free_buffer();  // less this segment, which is not read yet
  const std::uint64_t most = std::min(window_clamp_, window_of(free > kMemoryPerSegment ? free - kMemoryPerSegment : 0));
  if (window_limit_ >= most) return;
  window_limit_ += std::min<std::uint64_t>(most - window_limit_, 2 * std::max(kTcpSegmentSize, segment.length));
  quick_ |= 1;
}

// tcp_rcv_space_adjust: at the end of each round trip.
void TcpReceiver::tune_buffer(Instant now) {
  if (round_trip8_ == Duration{} || now - space_start_ < round_trip8_ / 8) return;
  const std::uint64_t copied = next_ - space_from_;
  if (copied > space_) grow_buffer(copied);
  space_from_ = next_;
  space_start_ = now;
}

// tcp_rcvbuf_grow: room for twice what was read in a round trip, for more while that grows, and for what waits out of order.
void TcpReceiver::grow_buffer(std::uint64_t copied) {
  const std::uint64_t before = std::exchange(space_, copied);
  std::uint64_t wanted = 2 * copied;
  if (round_trip8_ / 8 < kShortRoundTrip)
    wanted += wanted * static_cast<std::uint64_t>((round_trip8_ / 8).count()) / static_cast<std::uint64_t>(kShortRoundTrip.count());
  else
    wanted += 2 * wanted * (copied - before) / before;
  std::uint64_t reach = next_;
  for (const TcpRange& range : kept_) reach = std::max(reach, range.end);
  wanted += reach - next_;
  const std::uint64_t buffer = std::min(wanted * 256 / payload_, kLargestBuffer);
  if (buffer <= buffer_) return;
  buffer_ = buffer;
  window_clamp_ = window_of(buffer);
}

void TcpReceiver::be_quick(std::uint32_t most) {
  const std::uint32_t whole = window_ / (2 * segment_size_);
  quick_ = std::max(quick_, std::min(whole == 0 ? 2 : whole, most));
}

// __tcp_ack_snd_check.
void TcpReceiver::decide(Instant now, const Timing& timing) {
  if (next_ - acked_ > segment_size_ || (quick_ > 0 && !interactive_)) owes_ack_now_ = true;
  if (owes_ack_now_) return;
  if (kept_.empty()) return delay_ack(now, timing);
  if (compressed_from_ != next_) {
    compressed_from_ = next_;
    prompt_duplicates_ = 0;
  }
  if (prompt_duplicates_ < kPromptDuplicates) {
    ++prompt_duplicates_;
    owes_ack_now_ = true;
    return;
  }
  if (compressed_at_ != kTcpNever) return;
  Duration rtt = round_trip8_ / 8;
  if (timing.smoothed_rtt > Duration{}) rtt = std::min(rtt, timing.smoothed_rtt);
  compressed_at_ = now + std::min(kMostCompression, rtt / 20);
}

// The application reads all there is, at once (tcp_cleanup_rbuf).
void TcpReceiver::read(Instant now) {
  tune_buffer(now);
  if (owes_ack_ && (pushed_twice_ || (pushed_ && !interactive_))) owes_ack_now_ = true;
  const std::uint32_t left = right_edge_left();
  if (2ull * left <= window_clamp_ && selectable_window() >= 2 * left) owes_ack_now_ = true;
}

void TcpReceiver::delay_ack(Instant now, const Timing& timing) {
  Duration delay = ato_;
  if (delay > kLeastDelay) {
    Duration most = interactive_ || pushed_ ? kMostDelay : kMostUnhurriedDelay;
    if (timing.smoothed_rtt > Duration{}) most = std::min(most, std::max(timing.smoothed_rtt, kLeastDelay));
    delay = std::min(delay, most);
  }
  delay = std::min(delay, kMostDelay);
  if (delayed_at_ != kTcpNever && delayed_at_ <= now + delay / 4) {
    owes_ack_now_ = true;
    return;
  }
  delayed_at_ = std::min(delayed_at_, wheel_expiry(now, delay));
}

void TcpReceiver::wake(Instant now, const Timing& timing) {
  if (compressed_at_ <= now) {
    compressed_at_ = kTcpNever;
    owes_ack_now_ = true;
  }
  if (delayed_at_ > now) return;
  delayed_at_ = kTcpNever;
  if (!owes_ack_) return;
  ato_ = interactive_ ? kLeastDelay : std::min(ato_ * 2, timing.rto);
  interactive_ = false;
  owes_ack_now_ = true;
}

void TcpReceiver::on_data_sent(Instant now) {
  if (now - last_arrival_ < ato_) interactive_ = true;
}

std::uint32_t TcpReceiver::right_edge_left() const {
  const std::uint64_t edge = acked_ + window_;
  return edge > next_ ? static_cast<std::uint32_t>(edge - next_) : 0;
}

std::uint32_t TcpReceiver::selectable_window() const {
  const std::uint64_t free = std::min(window_of(free_buffer()), window_limit_);
  return static_cast<std::uint32_t>((free + kWindowUnit - 1) / kWindowUnit * kWindowUnit);
}

void TcpReceiver::acknowledge(Instant now, TcpSegment& segment) {
  window_ = std::max(selectable_window(), right_edge_left());  // the right edge never moves back
  acked_ = next_;
  segment.ack = next_;
  segment.window = window_;
  segment.echo = echo_;
  segment.stamp = tcp_stamp_of(now);
  segment.duplicate_reported = duplicate_.end > 0;
  segment.sack_count = 0;
  if (segment.length == 0) {
    if (segment.duplicate_reported) segment.sacks[segment.sack_count++] = duplicate_;
    for (const TcpRange& range : kept_)
      if (segment.sack_count < segment.sacks.size()) segment.sacks[segment.sack_count++] = range;
  }
  duplicate_ = {};
  if (quick_ > 0 && --quick_ == 0) ato_ = kLeastDelay;
  owes_ack_now_ = owes_ack_ = pushed_ = pushed_twice_ = false;
  delayed_at_ = compressed_at_ = kTcpNever;
}

}  // namespace harness
