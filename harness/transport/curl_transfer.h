// CurlTransfer: one libcurl easy handle and the request it carries; reused for one request after another of the viewers of its
// shard, so that a viewer who is not loading costs no easy handle.
#pragma once

#include <string>
#include <string_view>

#include "harness/transport/curl_handles.h"
#include "harness/transport/curl_socket.h"
#include "harness/transport/transport.h"

namespace harness {

class CurlShard;

class CurlTransfer {
 public:
  CurlTransfer(CurlShard& shard, const std::string& user_agent);
  ~CurlTransfer() { close_unused(); }
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  struct Route {
    std::string source_address;  // empty: the system's choice
    CURLSH* pool = nullptr;      // as CurlViewer::pool
    std::size_t place = 0;       // the viewer's connection
    int fd = -1;                 // it is open already, and no transfer has had it; -1: libcurl has it, or is to open it
    base::Duration waited{};     // for it
  };
  void begin(TransferId id, TransportRequest request, TransferReceiver& receiver, const Route& route);
  // What came of it. Throws RunFailed when this machine is to blame. Requires: it has been removed from its multi handle.
  TransportOutcome end(CURLcode code);
  // Lets go of all that belongs to the request.
  void clear();

  TransferId id() const { return id_; }
  base::ViewerId viewer() const { return request_.viewer; }
  const std::string& url() const { return *request_.url; }
  TransferReceiver& receiver() const { return *receiver_; }
  CurlShard& shard() const { return *shard_; }
  std::size_t place() const { return place_; }
  CURL* easy() const { return easy_.get(); }
  TransferProgress progress() const;
  // Where the connection leads to that it opened, if it opened one and was not led on from there.
  const CurlPeer* opened() const;
  // No report before.
  void spare_progress(base::Instant until) { progress_due_ = std::max(progress_due_, until); }
  bool finished = false;          // its outcome waits to be delivered
  bool progress_pending = false;  // bytes have come in this turn

 private:
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_new_socket(void* self, curl_socket_t fd, curlsocktype purpose) noexcept;
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  void note_progress();
  void note_header(std::string_view line);
  int open(curl_sockaddr& address) noexcept;
  void close_unused();
  void set_constant_options(const std::string& user_agent);
  void set_method();
  void set_headers();
  void add_header(const std::string& line);
  void set_route(const Route& route);
  void set_address_family();

  CurlShard* shard_;
  CurlEasy easy_;
  CurlHeaders headers_;
  TransferId id_{};
  TransferReceiver* receiver_ = nullptr;
  TransportRequest request_;
  std::string source_address_;
  bool binds_ = false;  // the sockets that it opens to that address; else libcurl does
  std::size_t place_ = 0;
  int unused_ = -1;            // Route::fd, until libcurl asks for a socket
  bool is_connected_ = false;  // what it was given is
  base::Duration waited_{};
  int sockets_opened_ = 0;
  CurlPeer peer_{};  // of the last one
  std::string body_;
  CacheFields caching_;           // of the answer that came last
  bool in_trailer_ = false;       // its header is over
  base::Instant progress_due_{};  // not before
  int socket_error_ = 0;
  std::string open_failure_;  // a sentence
};

}  // namespace harness
