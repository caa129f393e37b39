#include "harness/transport/model_notes.h"

#include <fmt/format.h>

#include "base/text.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/fluid_bbr.h"
#include "harness/transport/fluid_link.h"
#include "harness/transport/fluid_tcp.h"
#include "harness/transport/h2_connection.h"
#include "harness/transport/model_viewer.h"
#include "harness/transport/tcp_receiver.h"
#include "harness/transport/tcp_rtt.h"
#include "harness/transport/tcp_viewer.h"

namespace harness {
namespace {

std::string seconds_text(double seconds) { return base::to_text(base::from_seconds(seconds)); }

std::string tcp_words(const ModelOptions& options) {
  return fmt::format(
      "TCP: packets of {:g} bytes, {:g} of them headers; a first window of {} packets (RFC 6928), and {:g} at most (Linux: a receive "
      "buffer of {} MiB); one acknowledgement for {:g} packets (RFC 5681), which is not delayed; a packet is lost once {:g} later ones "
      "have come (RFC 5681, 8985). Timeouts: a round trip and {} (Linux: TCP_RTO_MIN), of handshakes {} (RFC 6298); they double.",
      kFluidPacket, FluidLink::kHeaders, options.initial_window, FluidTcp::kMostWindow, TcpReceiver::kLargestBuffer >> 20, kFluidPerAck,
      FluidLink::kDuplicates, base::to_text(kTcpLeastRto), base::to_text(ModelViewer::kFirstTimeout));
}

std::string cubic_words() {
  return fmt::format(
      "CUBIC (RFC 9438, with Linux's figures): a loss leaves {:.3g} of the window, C is {:.3g}. HyStart ends slow start, from {:g} "
      "packets on, once a round trip is longer by {:.3g} of it ({} to {}) or acknowledgements less than {} apart have come for half of "
      "one. After a pause the window is halved for each timeout that it lasted, down to the first window (RFC 2861).",
      FluidTcp::kBetaKept, FluidTcp::kCurve, FluidTcp::kHystartLeast, FluidTcp::kLateShare, seconds_text(FluidTcp::kLeastLate),
      seconds_text(FluidTcp::kMostLate), seconds_text(FluidTcp::kTrainSpacing));
}

std::string bbr_words() {
  return fmt::format(
      "BBR (version 1, with Linux's figures): startup sends {:g} times the rate, until that has grown by less than {:.0f} % for {:g} "
      "round trips; then {:g} phases, of which one sends {:g} times and one {:g} times as much. The rate is the best of {:g} round "
      "trips, of which {:.0f} % are sent; the window {:g} times what the path holds, {:g} packets at least. After {:g} s it looks for "
      "the round trip, with so few for {}.",
      FluidBbr::kStartGain, (FluidBbr::kStartGrowth - 1) * 100, FluidBbr::kStartRounds, FluidBbr::kPhaseCount, FluidBbr::kProbeGain,
      FluidBbr::kRelaxGain, FluidBbr::kBestRounds, FluidBbr::kMarginKept * 100, FluidBbr::kCwndGain, FluidBbr::kFewest,
      FluidBbr::kProbeAfter, seconds_text(FluidBbr::kProbeFor));
}

std::string http1_words(const ModelOptions& options) {
  return fmt::format(
      "HTTP/1.1: up to {} connections to each host, kept open, with one request at a time (Chromium 156). A new one takes a round trip; "
      "its SYN has {} bytes. A request takes {} bytes besides its path and its own header lines (measured of Chromium 156), the header "
      "lines of an answer {} (reckoned, of nginx 1.22). No TLS.",
      options.connections_per_host, ModelViewer::kSyn, kRequestHeaders, kAnswerHeaders);
}

std::string http2_words() {
  return fmt::format(
      "HTTP/2: a viewer has one connection to each host, on which up to {} requests run at once (nginx 1.22). A new one takes two round "
      "trips, TCP's and that of TLS 1.3 (RFC 8446). Answers that are ready at the same time take turns, a frame of {} KiB each; a "
      "frame's header takes {} bytes (RFC 9113), an answer's header lines {} (nginx 1.22), a request three quarters of its path and "
      "some {} more, the first on a connection two thirds of what it would over HTTP/1.1 ({} besides its path). What is lost holds up "
      "all that was sent behind it. An aborted request is reset, in {} bytes, and the connection stays; what is in flight still "
      "crosses. Assumed: servers take no priorities but Chromium's \"u=1, i\" and write no more ahead than is in flight. Not modelled: "
      "flow control of streams (Chromium allows 6 MiB), the bytes of TLS.",
      kH2Streams, kH2FrameBody / 1024, kH2FrameHeader, kH2AnswerHeaders, kH2Indexed, kRequestHeaders, kH2Reset);
}

}  // namespace

std::vector<std::string> transport_notes(const ModelOptions& options) {
  return {tcp_words(options), options.congestion_control == CongestionControl::kBbr ? bbr_words() : cubic_words(),
          options.http2 ? http2_words() : http1_words(options)};
}

std::string browser_cache_note() {
  return fmt::format(
      "Caches of browsers (RFC 9111) keep the newest {} segments and {} other answers of a viewer; what comes from one takes {} up to "
      "{}, {} beyond (measured of Chromium 156).",
      BrowserCache::kSegments, BrowserCache::kOthers, base::to_text(BrowserCache::kSmallAnswer), base::to_text(BrowserCache::kSmall),
      base::to_text(BrowserCache::kLargeAnswer));
}

}  // namespace harness
