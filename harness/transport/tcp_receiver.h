// TcpReceiver: the receiving half of one end of a connection as Linux 6.18 does it: reassembly, when to acknowledge (quick, delayed and
// compressed acknowledgements, RFC 5681 4.2), SACK and DSACK blocks, and a window that is tuned to what arrives (dynamic right-sizing),
// for an application that reads at once. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/transport/tcp_clock.h"
#include "harness/transport/tcp_segment.h"

namespace harness {

class TcpReceiver {
 public:
  static constexpr std::uint64_t kLargestBuffer = 33'554'432;  // bytes (tcp_rmem[2])

  void on_established(base::Instant now);
  // Of the same end's sender: they bound the delays.
  struct Timing {
    base::Duration rto{}, smoothed_rtt{};
  };
  void on_data(base::Instant now, const TcpSegment& segment, const Timing& timing);
  // Data went the other way: a request-and-answer exchange delays its acknowledgements.
  void on_data_sent(base::Instant now);
  bool owes_ack() const { return owes_ack_now_; }
  base::Instant wakes_at() const { return std::min(delayed_at_, compressed_at_); }
  void wake(base::Instant now, const Timing& timing);
  // Writes acknowledgement, window and blocks into a segment that leaves now.
  void acknowledge(base::Instant now, TcpSegment& segment);

  std::uint64_t received() const { return next_; }  // bytes in order
  std::uint32_t window() const { return window_; }

 private:
  void accept(base::Instant now, const TcpSegment& segment, const Timing& timing);
  void keep(const TcpRange& range);
  void join_kept();
  void note_arrival(base::Instant now, const TcpSegment& segment, const Timing& timing);
  void measure_segment(const TcpSegment& segment);
  void measure_round_trip(base::Instant now, const TcpSegment& segment);
  void add_round_trip(base::Duration sample, bool from_window);
  void grow_window(const TcpSegment& segment);
  void tune_buffer(base::Instant now);
  void grow_buffer(std::uint64_t copied);
  std::uint64_t window_of(std::uint64_t buffer) const;
  std::uint64_t free_buffer() const;
  void be_quick(std::uint32_t most);
  void decide(base::Instant now, const Timing& timing);
  void read(base::Instant now);
  void delay_ack(base::Instant now, const Timing& timing);
  std::uint32_t selectable_window() const;
  std::uint32_t right_edge_left() const;

  std::uint64_t next_ = 0;
  std::vector<TcpRange> kept_{};  // out of order, the latest first
  std::uint64_t kept_bytes_ = 0;
  TcpRange duplicate_{};  // to be reported; empty: none

  bool owes_ack_now_ = false, owes_ack_ = false, pushed_ = false, pushed_twice_ = false;
  std::uint32_t quick_ = 0;
  bool interactive_ = false;  // pingpong
  base::Duration ato_{};      // zero: nothing has arrived yet
  base::Instant last_arrival_{};
  base::Instant delayed_at_ = kTcpNever, compressed_at_ = kTcpNever;
  std::uint64_t compressed_from_ = 0;
  std::uint32_t prompt_duplicates_ = 0;
  std::uint32_t segment_size_ = 536;  // of the peer, as far as seen
  std::uint32_t echo_ = 0, last_echoed_ = 0;

  std::uint64_t acked_ = 0;  // next_ when the window was last told
  std::uint32_t window_ = 64'240;
  std::uint64_t buffer_ = 131'072;
  std::uint64_t payload_ = 128;          // of 256 parts of the buffer, as far as seen
  std::uint64_t window_clamp_ = 64'088;  // the half, less one segment (tcp_init_buffer_space)
  std::uint64_t window_limit_ = 64'088;  // rcv_ssthresh

  base::Duration round_trip8_{};  // eight times, as the receiver sees it; zero: unknown
  base::Instant window_round_start_{};
  std::uint64_t window_round_end_ = 0;
  base::Instant space_start_{};
  std::uint64_t space_from_ = 0;
  std::uint64_t space_ = 14'480;
};

}  // namespace harness
