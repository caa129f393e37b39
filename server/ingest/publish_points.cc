#include "server/ingest/publish_points.h"

#include <utility>

#include "base/ensure.h"
#include "base/steady_timeline.h"

namespace server {
namespace {

constexpr std::size_t kQueueCapacity = 2 << 20;  // some seconds: a decoder further behind loses bytes, not time
constexpr std::size_t kLongestNoted = 64;        // bytes of a point's name that does not exist
constexpr std::string_view kPrimary = "/primary";

std::string_view without_primary(std::string_view name) {
  if (name.ends_with(kPrimary)) name.remove_suffix(kPrimary.size());
  return name;
}

}  // namespace

const char* to_text(PublishProtocol protocol) {
  switch (protocol) {
    case PublishProtocol::kSrt:
      return "srt";
    case PublishProtocol::kRtmp:
      return "rtmp";
    case PublishProtocol::kHttp:
      return "http";
  }
  return "";
}

bool Publication::push(std::span<const std::span<const char>> pieces) {
  shared_->last_bytes = base::steady_now();
  return bytes_->push(pieces);
}

void Publication::note(const LinkStatistics& link) {
  const std::lock_guard lock{shared_->mutex};
  shared_->link = link;
}

void PublishPoints::open(const std::string& name, Options options, ConnectionTaker& taker) {
  const std::lock_guard lock{mutex_};
  ENSURE(points_.try_emplace(name, Point{std::move(options), &taker, std::nullopt}).second);
}

void PublishPoints::close(const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto at = points_.find(name);
  if (at == points_.end()) return;
  if (at->second.current) at->second.current->bytes->close();
  points_.erase(at);
}

std::optional<Refusal> PublishPoints::consider(const Request& request) {
  const std::lock_guard lock{mutex_};
  const Point* point = find(request);
  const auto refusal = judge(request, point);
  if (refusal) note(request, point, *refusal, to_text(*refusal));
  return refusal;
}

void PublishPoints::turn_away(const Request& request, Refusal refusal, const std::string& reason) {
  const std::lock_guard lock{mutex_};
  note(request, find(request), refusal, reason);
}

void PublishPoints::note(const Request& request, const Point* point, Refusal refusal, const std::string& reason) const {
  if (point != nullptr) point->taker->refused(refusal, reason);
  if (!observer_) return;
  observer_({.when = base::utc_now(),
             .protocol = request.protocol,
             .point = request.point.substr(0, kLongestNoted),
             .peer = request.peer,
             .refusal = refusal,
             .reason = reason});
}

std::string PublishPoints::passphrase(const Request& request) const {
  const std::lock_guard lock{mutex_};
  const Point* point = find(request);
  return point == nullptr ? std::string{} : point->options.passphrase;
}

std::variant<Refusal, std::unique_ptr<Publication>> PublishPoints::enter(const Request& request, Container container) {
  const std::lock_guard lock{mutex_};
  const Point* found = find(request);
  if (const auto refusal = judge(request, found)) {
    note(request, found, *refusal, to_text(*refusal));
    return *refusal;
  }
  Point& point = points_.find(without_primary(request.point))->second;
  if (point.current) point.current->bytes->close();
  point.current =
      Current{.key = request.key, .bytes = std::make_shared<ByteQueue>(kQueueCapacity), .shared = std::make_shared<Publication::Shared>()};
  point.current->shared->last_bytes = base::steady_now();
  point.taker->take(point.current->bytes, container);
  return std::make_unique<Publication>(point.current->bytes, point.current->shared);
}

std::optional<LinkStatistics> PublishPoints::link(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  const auto at = points_.find(name);
  if (at == points_.end() || !at->second.current) return std::nullopt;
  Publication::Shared& shared = *at->second.current->shared;
  const std::lock_guard own{shared.mutex};
  return shared.link;
}

const PublishPoints::Point* PublishPoints::find(const Request& request) const {
  const auto at = points_.find(without_primary(request.point));
  return at == points_.end() || at->second.options.protocol != request.protocol ? nullptr : &at->second;
}

std::optional<Refusal> PublishPoints::judge(const Request& request, const Point* point) const {
  if (point == nullptr) return admission(request.key, nullptr);
  PublishPoint now{.key = point->options.key, .publisher = std::nullopt};
  const auto& current = point->current;
  if (current && !current->bytes->is_closed())
    now.publisher = CurrentPublisher{.key = current->key, .silent_for = base::steady_now() - current->shared->last_bytes.load()};
  return admission(request.key, &now);
}

}  // namespace server
