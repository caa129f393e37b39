// ModelViewer: one viewer's link and its connections as a browser keeps them, without packets: what TcpViewer is to PacketTransport, for
// ModelTransport. Requests wait for a connection, cross the uplink, are thought about, and come down as flows of a FluidLink. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/pool.h"
#include "harness/transport/fluid_link.h"
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
  enum class Phase : std::uint8_t { kWaiting, kRequesting, kReceiving };  // for a connection; while receiving it is a flow
  TransferReceiver* receiver = nullptr;
  base::Instant started{}, deadline{};
  base::Instant next = base::Instant::max();  // requesting: heard by the server; receiving: the next report of progress
  base::Instant first_byte = base::Instant::max();
  base::Instant marked_next{}, marked_first_byte{};  // ModelViewer::pass_over()
  base::Instant late_until{};                        // as TransferReceiver::takes_late_until()
  base::ByteCount wanted{};                          // of the body, for the next report
  std::uint32_t key = 0;
  std::uint32_t connection = 0;               // 0: none
  std::uint16_t origin = 0, origin_size = 0;  // the latter: characters of its name
  Phase phase = Phase::kWaiting;
  bool announced = false;                                // to the server
  bool is_reported = false, marked_is_reported = false;  // any progress of it
  TransportRequest request{};
  ModelReply reply{};
};

// Idle ones are what a viewer mostly has: 40 bytes.
struct ModelConnection {
  enum class State : std::uint8_t { kConnecting, kIdle, kBusy };
  FluidTcp tcp;
  base::Instant since{};  // connecting: established then; idle: used last
  std::uint32_t serial = 0;
  std::uint16_t origin = 0;
  State state = State::kConnecting;
};

class ModelViewer {
 public:
  ModelViewer(base::ViewerId id, const ModelLink& link, std::uint64_t seed, const ModelOptions& options, FluidLink::Stock& stock);
  const base::ViewerId id;

  // As TcpViewer::assign(). Returns: whether any request is on its way now.
  bool assign(base::Instant now, std::uint16_t origin, bool secure);
  // Handshakes that are over make connections idle. Returns: whether there were any.
  bool establish(base::Instant now);
  // The server's answer is ready at `now`, less its thought.
  void receive(base::Instant now, ModelTransfer& transfer);
  // Once it is receiving: when the first byte was there, or is to be; never while others are before it. Once it was, that is
  // final but for a nanosecond by which what was looked ahead at is rounded otherwise.
  base::Instant first_byte(base::Instant now, const ModelTransfer& transfer) {
    return down_.first_byte(now, transfer.key).value_or(base::Instant::max());
  }
  // Of the body.
  base::ByteCount received(base::Instant now, const ModelTransfer& transfer);
  bool is_complete(base::Instant now, const ModelTransfer& transfer);
  // So much of the body cannot have come before.
  base::Instant earliest(base::Instant now, const ModelTransfer& transfer, base::ByteCount body);
  // Before then there is no progress to report of a transfer that is receiving. Requires: its first_byte is known as far as it can be.
  base::Instant report_due(base::Instant now, const ModelTransfer& transfer);
  // The transfer is over, and its connection too unless it is kept.
  void drop(base::Instant now, std::uint32_t key, bool keep);
  TransferId id_of(const ModelTransfer& transfer) const { return transfer_id(id, transfer.key); }
  static TransferProgress progress_of(const ModelTransfer& transfer, base::ByteCount received) {
    return {.received = received, .expected = transfer.reply.bytes, .ttfb = transfer.first_byte - transfer.started};
  }
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
  void connect(base::Instant now, std::uint16_t origin, bool secure);
  void ask(base::Instant now, ModelConnection& connection, ModelTransfer& transfer);
  base::Duration up_delay(base::Instant now) const;
  base::Duration round_trip(base::Instant now) const { return up_delay(now) + down_.delay(now); }
  base::Duration resends(base::Duration first, double lost);
  base::Duration upload(base::Instant now, std::int64_t bytes);
  struct Next {
    base::Instant look = base::Instant::max();
    base::Instant happening = base::Instant::max();  // anything else
  };
  Next upcoming();
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
