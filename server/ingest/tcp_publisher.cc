#include "server/ingest/tcp_publisher.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <variant>

#include "base/text.h"
#include "server/ingest/peer_text.h"

namespace server {
namespace {

// How long a publisher that is hung up may take to read why and to hang up itself: closing with bytes of its unread would take the answer
// away.
constexpr base::Duration kLinger = std::chrono::seconds{1};
constexpr int kReadsInARow = 4;  // then others have their turn

}  // namespace

TcpPublisher::TcpPublisher(int socket, PublishPoints& points, PublishProtocol protocol, Limits limits, base::Instant now)
    : socket_{socket},
      points_{points},
      protocol_{protocol},
      limits_{limits},
      peer_{peer_text(socket)},
      deadline_{now + limits.publish_timeout} {}

PublishPoints::Request TcpPublisher::request_of(const PublishName& name) const {
  return {.protocol = protocol_, .point = name.point, .key = name.key, .peer = peer_};
}

std::optional<Refusal> TcpPublisher::enter(const PublishName& name, Container container) {
  auto entered = points_.enter(request_of(name), container);
  if (const auto* refusal = std::get_if<Refusal>(&entered)) return *refusal;
  publication_ = std::get<std::unique_ptr<Publication>>(std::move(entered));
  return std::nullopt;
}

void TcpPublisher::turn_away(const TurnedAway& why) {
  points_.turn_away({.protocol = protocol_, .point = why.point, .peer = peer_}, why.refusal, why.reason);
}

void TcpPublisher::give_way() {
  if (!session().is_over()) turn_away({Refusal::kTimeout, {}, "it did not publish, and newer connections needed its place"});
}

bool TcpPublisher::receive(std::span<std::uint8_t> buffer, base::Instant now) {
  for (int i = 0; i < kReadsInARow; ++i) {
    const ssize_t got = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got <= 0) return false;
    const auto size = static_cast<std::size_t>(got);
    const bool was_let_in = session().is_let_in();
    session().receive(buffer.first(size));
    if (session().is_let_in()) deadline_ = now + limits_.idle_timeout;
    if (was_let_in && !session().is_let_in()) deadline_ = now + limits_.publish_timeout;
    if (size < buffer.size()) break;
  }
  send();
  tell_the_end(now);
  return true;
}

bool TcpPublisher::is_wanted(base::Instant now) {
  if (!session().is_over() && is_displaced())
    session().dismiss(publication_->is_unreadable() ? Dismissal::kUnreadable : Dismissal::kDisplaced);
  if (!session().is_over() && now >= deadline_) session().dismiss(Dismissal::kSilent);
  send();
  tell_the_end(now);
  if (now < deadline_) return !is_displaced();
  if (!session().is_over() && !is_publishing())
    turn_away({Refusal::kTimeout, {}, fmt::format("it did not publish within {}", base::to_text(limits_.publish_timeout))});
  return false;
}

void TcpPublisher::tell_the_end(base::Instant now) {
  if (!session().is_over() || said_all_) return;
  if (!std::exchange(is_ending_, true)) {
    deadline_ = now + kLinger;
    if (const auto why = session().turned_away()) turn_away(*why);
  }
  if (!session().output().empty()) return;
  said_all_ = true;
  ::shutdown(socket_.fd(), SHUT_WR);
}

// What the kernel does not take at once waits in the session, which bounds it.
void TcpPublisher::send() {
  while (!session().output().empty()) {
    const std::string_view output = session().output();
    const ssize_t sent = ::send(socket_.fd(), output.data(), output.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // a broken connection shows when it is read
    session().sent(static_cast<std::size_t>(sent));
  }
}

}  // namespace server
