// CurlViewer: the connections of one viewer, and which of them carries a request, as Chromium does it (TransportClientSocketPool): the one
// used last (AssignIdleSocketToRequest); where none is free, the first that is: one whose answer has ended or a new one, which is opened
// meanwhile. libcurl would take the oldest, whose congestion window may be another one, and a request would wait for the connection that
// was opened for it; so each connection has a place of its own here, and libcurl is shown that place alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/timeline.h"
#include "harness/transport/curl_handles.h"
#include "harness/transport/transport.h"

namespace harness {

class CurlShard;

// A request without a connection.
struct CurlWaiting {
  TransferId id{};
  TransportRequest request;
  TransferReceiver* receiver = nullptr;
  base::Instant since{};
  base::Timer expiry;
};

class CurlViewer {
 public:
  static constexpr std::size_t kConnectionsPerHost = 6;  // kDefaultMaxSocketsPerGroup, net/socket/client_socket_pool_manager.cc

  // `bound`: it has a source address, and libcurl tells its connections from those of others by that.
  CurlViewer(CurlShard& shard, bool bound) : shard_{&shard}, bound_{bound} {}

  CurlShard& shard() const { return *shard_; }
  bool is_bound() const { return bound_; }
  bool is_busy() const { return busy_ > 0 || !waiting_.empty(); }

  // Of those to `origin` that are free: the connection used last.
  std::optional<std::size_t> idle(std::string_view origin);
  std::size_t vacant();
  bool has_any(std::string_view origin) const { return count(origin) > 0; }
  // How many more connections to open for those who wait.
  std::size_t lacking(std::string_view origin) const;

  void wait(CurlWaiting&& one) { waiting_.push_back(std::move(one)); }
  bool anyone_waits() const { return !waiting_.empty(); }
  // For a connection to `origin`, for the longest; null: nobody does.
  const CurlWaiting* first_waiting(std::string_view origin) const;
  // Returns: who waits no longer. Requires: it waits.
  CurlWaiting stop_waiting(TransferId id);

  // For a request to `origin`. Returns: the descriptor of a connection that no transfer has had yet; -1: libcurl has it, or is to open it.
  int take(std::size_t place, std::string_view origin);
  // Its request is over; `open`: it was answered to its end, and the connection stays.
  void give_back(std::size_t place, bool open);
  // It is being opened by itself.
  void connects(std::size_t place, std::string_view origin, int fd);
  // Now it is, by `fd`, or (-1) cannot be. Returns: to where; nothing: it was given up before.
  std::optional<std::string> connected(std::size_t place, int fd);
  // What no transfer has had.
  void close_unused();

  // libcurl's connections of a place: a pool of its own for a viewer without a source address, and for a connection that was opened by
  // itself, to which libcurl may bind no address; null: the shard's.
  CURLSH* pool(std::size_t place);
  // Part of what libcurl compares before it uses a connection again (CURLOPT_LOCALPORTRANGE, without a port): tells places apart.
  static long tag(std::size_t place) { return static_cast<long>(place) + 1; }
  // Part of the name under which libcurl files connections (CURLOPT_ADDRESS_SCOPE, which means nothing to IPv4 and to global addresses of
  // IPv6): of those it finds by the name it asks each whether it is alive. Two places may have the same.
  static long group(base::ViewerId viewer, std::size_t place) {
    return static_cast<long>((index_of(viewer) * 64 + place + 1) % 0x8000'0000);
  }

 private:
  enum class State : std::uint8_t { kVacant, kConnecting, kIdle, kBusy };
  struct Place {
    std::string origin;
    std::uint64_t used = 0;  // the higher, the later
    int fd = -1;             // of a connection that no transfer has had
    State state = State::kVacant;
    bool by_itself = false;  // it was opened so
    CurlShare pool;
  };
  std::size_t count(std::string_view origin) const;
  bool is_alive(Place& place);

  CurlShard* shard_;
  std::vector<Place> places_;
  std::vector<CurlWaiting> waiting_;  // the first one first
  std::uint64_t uses_ = 0;
  std::uint32_t busy_ = 0;
  bool bound_;
};

}  // namespace harness
