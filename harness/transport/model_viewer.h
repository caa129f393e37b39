// ModelViewer: one viewer's link and its connections as a browser keeps them, without packets: what TcpViewer is to PacketTransport, for
// ModelTransport. Requests wait for a connection, cross the uplink, are thought about, and come down as flows of a FluidLink. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/pool.h"
#include "harness/transport/fluid_link.h"
#include "harness/transport/h2_connection.h"
#include "harness/transport/model_transport.h"
#include "harness/transport/transfer_names.h"

namespace harness {

// Which servers there are, as small numbers; those of a run are few.
class ModelOrigins {
 public:
  std::uint16_t number_of(std::string_view url);
  struct Origin {
    std::string name;
    bool secure;
  };
  const Origin& operator[](std::uint16_t number) const { return origins_[number]; }

 private:
  std::vector<Origin> origins_;
};

struct ModelTransfer {
  // For a connection; on its way up; HTTP/2: its answer is not at the link yet; is a flow, or a part of one.
  enum class Phase : std::uint8_t { kWaiting, kRequesting, kAnswered, kReceiving };
  TransferReceiver* receiver = nullptr;
  base::Instant started{}, deadline{};
  base::Instant next = base::Instant::max();  // requesting: heard by the server; answered: receiving; receiving: the next report
  base::Instant first_byte = base::Instant::max();
  base::Instant marked_next{}, marked_first_byte{};  // ModelViewer::pass_over()
  base::Instant late_until{};                        // as TransferReceiver::takes_late_until()
  base::ByteCount wanted{};                          // of the body, for the next report
  std::uint32_t key = 0;
  std::uint32_t connection = 0;               // 0: none
  std::uint16_t origin = 0, origin_size = 0;  // the latter: characters of its name
  Phase phase = Phase::kWaiting;
  bool announced = false;                                // to the server
  bool opened = false;                                   // its connection, for it
  bool is_reported = false, marked_is_reported = false;  // any progress of it
  TransportRequest request{};
  ModelReply reply{};
};

// Once its answer is there.
bool wants_progress(const ModelTransfer& transfer);

// Idle ones are what a viewer mostly has: 40 bytes.
struct ModelConnection {
  enum class State : std::uint8_t { kConnecting, kIdle, kBusy };
  FluidTcp tcp;
  base::Instant since{};  // connecting: established then; idle: used last
  std::uint32_t serial = 0;
  std::uint16_t origin = 0;
  State state : 7 = State::kConnecting;
  bool is_used : 1 = false;  // by any request so far
  FluidOrder order{};
};

class ModelViewer {
 public:
  static constexpr std::int64_t kSyn = 60;                                  // bytes (tcp_segment.h)
  static constexpr base::Duration kFirstTimeout = std::chrono::seconds{1};  // of a handshake (RFC 6298, 2.1)

  ModelViewer(base::ViewerId id, const ModelLink& link, std::uint64_t seed, const ModelOptions& options, FluidLink::Stock& stock);
  const base::ViewerId id;

  // As TcpViewer::assign(); over HTTP/2, where that is asked for and the origin is secure, all requests share a connection. Returns:
  // whether any request is on its way now.
  bool assign(base::Instant now, std::uint16_t origin, bool secure);
  // Handshakes that are over make connections idle. Returns: whether there were any.
  bool establish(base::Instant now);
  // The server's answer is ready at `now`, less its thought. It is received from then on, or as of transfer.next.
  void receive(base::Instant now, ModelTransfer& transfer);
  // The answer is at the link. Requires: answered, and now is transfer.next.
  void begin_receiving(base::Instant now, ModelTransfer& transfer);
  // Over HTTP/2: looks at what has come by now.
  void note_arrivals(base::Instant now) {
    if (h2_) note_h2_arrivals(now);
  }
  // Once it is receiving: when the first byte was there, or is to be; never while others are before it. Once it was, that is
  // final but for a nanosecond by which what was looked ahead at is rounded otherwise.
  base::Instant first_byte(base::Instant now, const ModelTransfer& transfer) {
    if (const H2Connection* h2 = h2_of(transfer)) return h2->first_byte(down_, now, transfer.key);
    return down_.first_byte(now, transfer.key).value_or(base::Instant::max());
  }
  // Of the body.
  base::ByteCount received(base::Instant now, const ModelTransfer& transfer);
  bool is_complete(base::Instant now, const ModelTransfer& transfer);
  // So much of the body cannot have come before.
  base::Instant earliest(base::Instant now, const ModelTransfer& transfer, base::ByteCount body);
  // Before then there is no progress to report of a transfer that is receiving. Requires: its first_byte is known as far as it can be.
  base::Instant report_due(base::Instant now, const ModelTransfer& transfer);
  // The transfer is over, and its connection too unless it is kept; of HTTP/2 only where it was refused.
  void drop(base::Instant now, std::uint32_t key, bool keep);
  TransferId id_of(const ModelTransfer& transfer) const { return transfer_id(id, transfer.key); }
  static TransferProgress progress_of(const ModelTransfer& transfer, base::ByteCount received) {
    return {.received = received, .expected = transfer.reply.bytes, .ttfb = transfer.first_byte - transfer.started};
  }
  bool is_behind_bottleneck() const { return down_.bottleneck() != nullptr; }
  // As FluidLink has them. Returns: whether anything is on its way down.
  bool tell_bottleneck(base::Instant now);
  void renew(base::Instant now) { down_.renew(now); }
  // Looks at transfers that come of nothing, or of progress that may be told late, concern nobody else: all of them up to the next event
  // are taken ahead of time. Returns: when to wake for it; the last of those looks, if there are any, and then the event itself.
  base::Instant pass_over(base::Instant now);
  // Where time has not come so far: nothing was looked at yet that is due at `now` or later.
  void come_back(base::Instant now);
  // Tells what is to be told late, of before `when`.
  void tell_late(base::Instant when);
  // The event that was passed over to; nothing where none was.
  base::Instant passed_to() const { return passed_to_; }
  void arrive_at_event() { passed_to_ = base::Instant::max(); }
  ModelTransfer* find(std::uint32_t key);

  std::vector<base::Pool<ModelTransfer>::Handle> transfers{};  // in the order of start()
  base::Instant wakes_at = base::Instant::max();
  base::Timer alarm{};

 private:
  ModelConnection* latest_idle(std::uint16_t origin);
  ModelConnection* connection_of(std::uint32_t serial);
  bool assign_streams(base::Instant now, std::uint16_t origin);
  void connect(base::Instant now, std::uint16_t origin, bool secure);
  void ask(base::Instant now, ModelConnection& connection, ModelTransfer& transfer);
  void close(base::Instant now, const ModelConnection& connection);
  base::Duration lead(base::Instant now) const;
  H2Connection* h2_of(const ModelTransfer& transfer) { return h2_ ? h2_of(transfer.connection) : nullptr; }
  H2Connection* h2_of(std::uint32_t serial);
  void note_h2_arrivals(base::Instant now);
  base::Instant next_arrival(base::Instant now);
  std::size_t running_on(std::uint32_t serial) const;
  base::Duration up_delay(base::Instant now) const;
  base::Duration wait_up() const;  // of it: at the bottleneck
  double loss_up() const;
  double loss_down() const;
  base::Duration round_trip(base::Instant now) const { return up_delay(now) + down_.delay(now); }
  base::Instant arrival_up(base::Instant sent, base::Duration delay);
  base::Instant arrival_down(base::Instant sent, base::Duration delay);
  base::Duration resends(base::Duration first, double lost);
  // How long they take to leave.
  base::Duration upload(base::Instant now, std::int64_t bytes);
  struct Next {
    base::Instant look = base::Instant::max();
    base::Instant happening = base::Instant::max();  // anything else
  };
  Next upcoming(base::Instant now);
  base::Instant next_look() const;
  std::optional<base::Instant> passes(base::Instant look, base::Instant until, bool is_new);
  base::Instant free_until(const ModelTransfer& transfer, base::Instant until) const;
  base::Instant approach(base::Instant look, base::Instant free, ModelTransfer& transfer);
  base::Instant pass_late(base::Instant look, base::Instant until, ModelTransfer& transfer, bool is_new);
  void add_late(const ModelTransfer& transfer, base::Instant first, std::uint32_t reports);
  void split_late(base::Instant when);

  FluidLink down_;
  netem::RateSchedule up_;
  base::Duration spec_up_delay_;
  double loss_up_ = 0, loss_down_ = 0;  // per packet
  base::Random chance_;
  FluidJitter::Row sent_up_{}, sent_down_{};  // requests and handshakes
  std::vector<ModelConnection> connections_{};
  std::unique_ptr<std::vector<H2Connection>> h2_;  // those of them that are of HTTP/2; null: it is not spoken
  base::Instant passed_to_ = base::Instant::max();
  struct Late {
    base::Instant at;
    base::ByteCount received;
    std::uint32_t key;
    std::uint32_t reports;  // that it stands for, as far apart as the request wants them
  };
  std::vector<Late> late_{};  // to be told
  std::uint32_t last_connection_ = 0;
  std::uint16_t connecting_ = 0;  // of the connections
  std::uint8_t initial_window_;
  std::uint8_t connections_per_host_ : 7;
  bool uses_bbr_ : 1;
};

}  // namespace harness
