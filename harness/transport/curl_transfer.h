// CurlTransfer: one libcurl easy handle and the request it carries; reused for one request after another of the viewers of its
// shard, so that a viewer who is not loading costs no easy handle.
#pragma once

#include <string>
#include <string_view>

#include "harness/transport/curl_handles.h"
#include "harness/transport/transport.h"

namespace harness {

class CurlShard;

class CurlTransfer {
 public:
  CurlTransfer(CurlShard& shard, const std::string& user_agent);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  struct Route {
    std::string source_address;  // empty: the system's choice
    CURLSH* pool = nullptr;      // as CurlViewer::pool
    std::size_t place = 0;       // the viewer's connection
  };
  void begin(TransferId id, TransportRequest request, TransferReceiver& receiver, const Route& route);
  // What came of it. Throws RunFailed when this machine is to blame. Requires: it has been removed from its multi handle.
  TransportOutcome end(CURLcode code);
  // Lets go of all that belongs to the request.
  void clear();

  TransferId id() const { return id_; }
  base::ViewerId viewer() const { return request_.viewer; }
  TransferReceiver& receiver() const { return *receiver_; }
  CurlShard& shard() const { return *shard_; }
  std::size_t place() const { return place_; }
  CURL* easy() const { return easy_.get(); }
  TransferProgress progress() const;
  // No report before.
  void spare_progress(base::Instant until) { progress_due_ = std::max(progress_due_, until); }
  bool finished = false;          // its outcome waits to be delivered
  bool progress_pending = false;  // bytes have come in this turn

 private:
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  void note_progress();
  void note_header(std::string_view line);
  int open(curl_sockaddr& address) noexcept;
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
  std::size_t place_ = 0;
  std::string body_;
  CacheFields caching_;           // of the answer that came last
  bool in_trailer_ = false;       // its header is over
  base::Instant progress_due_{};  // not before
  int socket_error_ = 0;
  std::string open_failure_;  // a sentence
};

}  // namespace harness
