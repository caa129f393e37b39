#include "harness/transport/curl_viewer.h"

namespace harness {

std::size_t CurlViewer::take(std::string_view origin) {
  Place* latest = nullptr;
  Place* vacant = nullptr;
  for (Place& each : places_) {
    if (each.busy) continue;
    if (!each.open) vacant = &each;
    if (each.open && each.origin == origin && (latest == nullptr || each.used > latest->used)) latest = &each;
  }
  Place& chosen = latest != nullptr ? *latest : vacant != nullptr ? *vacant : places_.emplace_back();
  chosen.busy = true;
  if (!chosen.open) chosen.origin = origin;
  ++busy_;
  return static_cast<std::size_t>(&chosen - places_.data());
}

void CurlViewer::give_back(std::size_t place, bool open) {
  Place& each = places_[place];
  each.busy = false;
  each.open = open;
  each.used = ++uses_;
  --busy_;
}

CURLSH* CurlViewer::pool(std::size_t place) {
  if (bound_) return nullptr;
  CurlShare& pool = places_[place].pool;
  if (!pool) {
    pool = owned<CurlShare>(curl_share_init(), "open a viewer's connections");
    curl_share_setopt(pool.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  }
  return pool.get();
}

}  // namespace harness
