#include "harness/transport/curl_viewer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ensure.h"
#include "harness/transport/curl_shard.h"
#include "harness/transport/transfer_names.h"

namespace harness {

namespace {

auto leads_to(std::string_view origin) {
  return [origin](const CurlWaiting& each) { return origin_of(each.request.url) == origin; };
}

}  // namespace

const CurlWaiting* CurlViewer::first_waiting(std::string_view origin) const {
  const auto first = std::find_if(waiting_.begin(), waiting_.end(), leads_to(origin));
  return first == waiting_.end() ? nullptr : &*first;
}

CurlWaiting CurlViewer::stop_waiting(TransferId id) {
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [id](const CurlWaiting& each) { return each.id == id; });
  ENSURE(at != waiting_.end());
  CurlWaiting stopped = std::move(*at);
  waiting_.erase(at);
  return stopped;
}

// Servers close connections that have not been used for a while.
bool CurlViewer::is_alive(Place& place) {
  char byte = 0;
  if (place.fd < 0 || (recv(place.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))) return true;
  shard_->close_unused(std::exchange(place.fd, -1));
  place.state = State::kVacant;
  return false;
}

std::optional<std::size_t> CurlViewer::idle(std::string_view origin) {
  for (;;) {
    Place* latest = nullptr;
    for (Place& each : places_)
      if (each.state == State::kIdle && each.origin == origin && (latest == nullptr || each.used > latest->used)) latest = &each;
    if (latest == nullptr) return std::nullopt;
    if (is_alive(*latest)) return static_cast<std::size_t>(latest - places_.data());
  }
}

std::size_t CurlViewer::vacant() {
  const auto at = std::find_if(places_.begin(), places_.end(), [](const Place& each) { return each.state == State::kVacant; });
  if (at != places_.end()) return static_cast<std::size_t>(at - places_.begin());
  places_.emplace_back();
  return places_.size() - 1;
}

std::size_t CurlViewer::count(std::string_view origin) const {
  return static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [origin](const Place& each) { return each.state != State::kVacant && each.origin == origin; }));
}

std::size_t CurlViewer::lacking(std::string_view origin) const {
  const auto wait = static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(), leads_to(origin)));
  const auto connecting = static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [origin](const Place& each) { return each.state == State::kConnecting && each.origin == origin; }));
  const std::size_t open = count(origin);
  if (connecting >= wait || open >= kConnectionsPerHost) return 0;
  return std::min(wait - connecting, kConnectionsPerHost - open);
}

int CurlViewer::take(std::size_t place, std::string_view origin) {
  Place& each = places_[place];
  if (each.state != State::kIdle) {
    each.origin = origin;
    each.by_itself = false;
  }
  each.state = State::kBusy;
  ++busy_;
  return std::exchange(each.fd, -1);
}

void CurlViewer::give_back(std::size_t place, bool open) {
  Place& each = places_[place];
  each.state = open ? State::kIdle : State::kVacant;
  each.used = ++uses_;
  --busy_;
}

void CurlViewer::connects(std::size_t place, std::string_view origin, int fd) {
  Place& each = places_[place];
  each.origin = origin;
  each.state = State::kConnecting;
  each.by_itself = true;
  each.fd = fd;
}

std::optional<std::string> CurlViewer::connected(std::size_t place, int fd) {
  if (place >= places_.size() || places_[place].state != State::kConnecting) return std::nullopt;
  Place& each = places_[place];
  if (fd >= 0 && fd != each.fd) return std::nullopt;
  each.state = fd >= 0 ? State::kIdle : State::kVacant;
  each.used = ++uses_;
  each.fd = fd;
  return each.origin;
}

void CurlViewer::close_unused() {
  for (Place& each : places_) {
    if (each.fd < 0) continue;
    shard_->close_unused(std::exchange(each.fd, -1));
    each.state = State::kVacant;
  }
}

CURLSH* CurlViewer::pool(std::size_t place) {
  if (bound_ && !places_[place].by_itself) return nullptr;
  CurlShare& pool = places_[place].pool;
  if (!pool) {
    pool = owned<CurlShare>(curl_share_init(), "open a viewer's connections");
    curl_share_setopt(pool.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  }
  return pool.get();
}

}  // namespace harness
