#include "server/ingest/rtmp/connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <variant>

#include "base/text.h"
#include "server/ingest/peer_text.h"

namespace server::rtmp {
namespace {

// How long a refused publisher may take to read why and to hang up itself: closing with bytes of its unread would take the answer away.
constexpr base::Duration kLinger = std::chrono::seconds{1};
constexpr int kReadsInARow = 4;  // then others have their turn

}  // namespace

Connection::Connection(int socket, PublishPoints& points, Limits limits, base::Instant now)
    : socket_{socket}, points_{points}, limits_{limits}, deadline_{now + limits.publish_timeout}, peer_{peer_text(socket)} {}

bool Connection::receive(std::span<std::uint8_t> buffer, base::Instant now) {
  for (int i = 0; i < kReadsInARow; ++i) {
    const ssize_t got = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got <= 0) return false;
    const auto size = static_cast<std::size_t>(got);
    const bool was_publishing = is_publishing();
    session_.receive(buffer.first(size));
    if (is_publishing()) deadline_ = now + limits_.idle_timeout;
    if (was_publishing && !is_publishing()) deadline_ = now + limits_.publish_timeout;
    if (size < buffer.size()) break;
  }
  send();
  tell_the_end(now);
  return true;
}

bool Connection::is_wanted(base::Instant now) {
  send();
  tell_the_end(now);
  if (publication_) return now < deadline_ && !publication_->is_over();
  if (now < deadline_) return true;
  if (!session_.is_over())
    note_refusal(Refusal::kTimeout, fmt::format("it did not publish within {}", base::to_text(limits_.publish_timeout)));
  return false;
}

void Connection::give_way() { note_refusal(Refusal::kTimeout, "it did not publish, and newer connections needed its place"); }

void Connection::note_refusal(Refusal refusal, const std::string& reason) {
  if (std::exchange(noted_, true)) return;
  points_.turn_away({.protocol = PublishProtocol::kRtmp, .point = session_.point(), .peer = peer_}, refusal, reason);
}

void Connection::tell_the_end(base::Instant now) {
  if (!session_.is_over() || said_all_) return;
  note_refusal(session_.refusal(), session_.ending());
  if (deadline_ > now + kLinger) deadline_ = now + kLinger;
  if (!session_.output().empty()) return;
  said_all_ = true;
  ::shutdown(socket_.fd(), SHUT_WR);
}

// What the kernel does not take at once waits in the session, which bounds it.
void Connection::send() {
  while (!session_.output().empty()) {
    const std::string_view output = session_.output();
    const ssize_t sent = ::send(socket_.fd(), output.data(), output.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // a broken connection shows when it is read
    session_.sent(static_cast<std::size_t>(sent));
  }
}

std::optional<Refusal> Connection::enter(const PublishName& name) {
  auto entered = points_.enter({.protocol = PublishProtocol::kRtmp, .point = name.point, .key = name.key, .peer = peer_}, Container::kFlv);
  if (const auto* refusal = std::get_if<Refusal>(&entered)) {
    noted_ = true;
    return *refusal;
  }
  publication_ = std::get<std::unique_ptr<Publication>>(std::move(entered));
  return std::nullopt;
}

void Connection::leave() { publication_.reset(); }

bool Connection::push(std::span<const std::span<const char>> pieces) { return publication_->push(pieces); }

}  // namespace server::rtmp
