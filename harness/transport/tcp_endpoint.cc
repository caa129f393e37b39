#include "harness/transport/tcp_endpoint.h"

#include <algorithm>

namespace harness {
namespace {

using base::Duration;
using base::Instant;

constexpr Duration kHandshakeTimeout = std::chrono::seconds{1};  // RFC 6298, 2.1; doubled each time

}  // namespace

void TcpEndpoint::connect(Instant now, Out& out) {
  state_ = State::kSynSent;
  send_handshake(now, out);
}

void TcpEndpoint::send_handshake(Instant now, Out& out) {
  TcpSegment segment{.flags = TcpSegment::kSyn};
  if (state_ == State::kSynReceived) segment.flags |= TcpSegment::kAck;
  receiver_.acknowledge(now, segment);
  out.push_back(segment);
  handshake_sent_ = now;
  handshake_again_ = wheel_expiry(now, kHandshakeTimeout * (1ll << std::min(handshakes_++, 6)));
}

void TcpEndpoint::write(Instant now, std::uint64_t bytes, Out& out) {
  const std::size_t first = out.size();
  sender_.write(now, bytes);
  if (is_established()) sender_.transmit(now, out);
  finish(now, first, out);
}

void TcpEndpoint::receive(Instant now, const TcpSegment& segment, Out& out) {
  const std::size_t first = out.size();
  if (segment.has(TcpSegment::kSyn)) {
    receiver_.on_data(now, segment, timing());
    const bool is_answer = segment.has(TcpSegment::kAck);
    if (!is_answer && state_ != State::kEstablished) {
      state_ = State::kSynReceived;
      send_handshake(now, out);
    } else if (is_answer) {
      if (state_ == State::kSynSent) establish(now, segment);
      TcpSegment ack;
      receiver_.acknowledge(now, ack);
      out.push_back(ack);
      sender_.transmit(now, out);
    }
    return finish(now, first, out);
  }
  if (state_ == State::kSynReceived) establish(now, segment);
  if (state_ != State::kEstablished) return;
  sender_.on_ack(now, segment, out);
  receiver_.on_data(now, segment, timing());
  sender_.transmit(now, out);
  finish(now, first, out);
}

void TcpEndpoint::establish(Instant now, const TcpSegment& segment) {
  state_ = State::kEstablished;
  handshake_again_ = kTcpNever;
  receiver_.on_established(now);
  // After a retransmission the timestamp tells which was answered.
  const Duration by_stamp = std::chrono::milliseconds{tcp_stamp_of(now) - segment.echo};
  sender_.on_established(now, handshakes_ == 1 ? now - handshake_sent_ : by_stamp, segment.window);
}

// All that leaves acknowledges; what must be acknowledged and leaves with nothing gets a segment of its own.
void TcpEndpoint::finish(Instant now, std::size_t first, Out& out) {
  for (std::size_t i = first; i < out.size(); ++i) {
    if (out[i].length == 0) continue;
    receiver_.acknowledge(now, out[i]);
    receiver_.on_data_sent(now);
  }
  if (!receiver_.owes_ack() || state_ != State::kEstablished) return;
  receiver_.acknowledge(now, out.emplace_back());
}

Instant TcpEndpoint::wakes_at() const { return std::min({handshake_again_, sender_.wakes_at(), receiver_.wakes_at()}); }

void TcpEndpoint::wake(Instant now, Out& out) {
  const std::size_t first = out.size();
  if (handshake_again_ <= now) send_handshake(now, out);
  sender_.wake(now, out);
  receiver_.wake(now, timing());
  finish(now, first, out);
}

}  // namespace harness
