// CurlShard: one libcurl multi handle for kViewers viewers, with the easy handles they take turns in and the connections they
// hold. A shared multi for all collapses: libcurl polls every idle connection that it has once a second, all in one go.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "harness/transport/curl_handles.h"
#include "harness/transport/curl_loop.h"
#include "harness/transport/curl_socket.h"
#include "harness/transport/curl_transfer.h"

namespace harness {

// What a turn of the loop brought, in order; receivers are told after it.
struct CurlNews {
  struct Connected {
    base::ViewerId viewer{};
    std::size_t place = 0;
    int fd = -1;  // -1: there is no connection
  };
  std::vector<Connected> connected;  // see CurlShard::connect
  std::vector<TransferId> progressed;
  std::vector<std::pair<TransferId, CURLcode>> finished;
};

class CurlShard final : private CurlLoop::Member {
 public:
  // Once a second libcurl asks every idle connection of the shard, with a poll() each, whether it is alive. Shaka's players, which have
  // two connections, on loopback, beside a bare fetch of 100 us: 135 us of CPU a request and 16.9 KB a viewer with 8 to a shard, 134 and
  // 13.7 with 16, 138 and 11.8 with 32.
  static constexpr std::uint32_t kViewers = 16;

  // `hooks` outlive the shard.
  CurlShard(CurlLoop& loop, CurlNews& news, const CurlSocketHooks& hooks);
  CurlShard(const CurlShard&) = delete;
  CurlShard& operator=(const CurlShard&) = delete;
  ~CurlShard();

  std::unique_ptr<CurlTransfer> take_idle(const std::string& user_agent);
  void add(CurlTransfer& transfer);
  // Removes it from the multi handle, which closes its connection when the answer is not complete.
  void remove(CurlTransfer& transfer);
  void keep_idle(std::unique_ptr<CurlTransfer> transfer);
  // Opens a connection for a place of the viewer's by itself, before any request has it (as Chromium's ConnectJob does). Returns its
  // descriptor, of which CurlNews tells what came of it; -1: it cannot be opened at all.
  int connect(base::ViewerId viewer, std::size_t place, const CurlPeer& peer, const std::string& source_address);
  // Of a connection that no transfer has had.
  void close_unused(int fd);
  // Any port of `address`; false with errno.
  static bool bind(int fd, int family, const std::string& address);
  // A socket for a connection to `peer`, which the hook may replace; -1 with errno. May throw what the hook throws.
  int open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length);

  // The peer sees the viewer's connections end now; libcurl frees the descriptors when it next looks through its pool.
  void shut_down_connections(base::ViewerId viewer);

  void note_progress(const CurlTransfer& transfer) { news_.progressed.push_back(transfer.id()); }
  const CurlSocketHooks& hooks() const { return hooks_; }
  void note_socket(int fd, base::ViewerId viewer);
  static int on_close_socket(void* self, curl_socket_t fd) noexcept;

  std::uint32_t viewers = 0;  // kept by the transport

 private:
  void on_ready(int fd, std::uint32_t events) override;
  void on_deadline() override;
  void act(curl_socket_t fd, int what);
  // libcurl 7.88 closes a socket that was never connected without a word, so one of these may have outlived it; the descriptor then is
  // nobody's, or belongs to another socket, of this shard or of anything else in the process.
  struct Socket {
    int fd = -1;
    std::uint64_t cookie = 0;
    base::ViewerId viewer{};
    std::uint64_t ordinal = 0;
    std::optional<base::Duration> handshake{};
  };
  struct Job {  // a connection that is being opened by itself
    int fd = -1;
    base::ViewerId viewer{};
    std::size_t place = 0;
  };
  bool finish_job(int fd);
  void look_at_new(int fd);
  void look_at_closing(const Socket& socket) const;
  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* own) noexcept;
  static int on_timer(CURLM* multi, long milliseconds, void* self) noexcept;

  CurlLoop& loop_;
  CurlNews& news_;
  const CurlSocketHooks& hooks_;
  std::uint32_t seat_;
  CurlMulti multi_;
  std::vector<Socket> sockets_;
  std::vector<Job> jobs_;
  std::uint64_t opened_ = 0;
  std::vector<std::unique_ptr<CurlTransfer>> idle_;
};

}  // namespace harness
