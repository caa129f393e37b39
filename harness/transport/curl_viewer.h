// CurlViewer: the connections of one viewer, and which of them carries a request. Browsers take the one used last (Chromium:
// TransportClientSocketPool::AssignIdleSocketToRequest) and libcurl the oldest, whose congestion window may be another one; so each
// connection has a place of its own here, and libcurl is shown that place alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/transport/curl_handles.h"

namespace harness {

class CurlShard;

class CurlViewer {
 public:
  // `bound`: it has a source address, and libcurl tells its connections from those of others by that.
  CurlViewer(CurlShard& shard, bool bound) : shard_{&shard}, bound_{bound} {}

  CurlShard& shard() const { return *shard_; }
  bool is_bound() const { return bound_; }
  bool is_busy() const { return busy_ > 0; }

  // For a request to `origin`: the connection used last, or the place of a new one.
  std::size_t take(std::string_view origin);
  // Its request is over; `open`: it was answered to its end, and the connection stays.
  void give_back(std::size_t place, bool open);

  // libcurl's connections of a place: a pool of its own for a viewer without a source address; null: the shard's.
  CURLSH* pool(std::size_t place);
  // Part of what libcurl compares before it uses a connection again (CURLOPT_LOCALPORTRANGE, without a port): tells places apart.
  static long tag(std::size_t place) { return static_cast<long>(place) + 1; }
  // Part of the name under which libcurl files connections (CURLOPT_ADDRESS_SCOPE, which means nothing to IPv4 and to global addresses of
  // IPv6): of those it finds by the name it asks each whether it is alive. Two places may have the same.
  static long group(base::ViewerId viewer, std::size_t place) {
    return static_cast<long>((index_of(viewer) * 64 + place + 1) % 0x8000'0000);
  }

 private:
  struct Place {
    std::string origin;
    std::uint64_t used = 0;  // the higher, the later
    bool busy = false, open = false;
    CurlShare pool;
  };
  CurlShard* shard_;
  std::vector<Place> places_;
  std::uint64_t uses_ = 0;
  std::uint32_t busy_ = 0;
  bool bound_;
};

}  // namespace harness
