// TcpPublisher: a publisher's TCP connection, whatever it speaks: reads for its session, sends what the session says, hangs up in time.
// Touched on the thread of its listener only (tcp_listener.h).
#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "server/ingest/publish_name.h"
#include "server/ingest/publish_points.h"
#include "server/ingest/publish_session.h"

namespace server {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_{fd} {}
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

class TcpPublisher {
 public:
  struct Limits {
    base::Duration publish_timeout{}, idle_timeout{};
  };
  // Owns the socket from now on. Requires: it does not block; `points` outlives the publisher.
  TcpPublisher(int socket, PublishPoints& points, PublishProtocol protocol, Limits limits, base::Instant now);
  virtual ~TcpPublisher() = default;
  TcpPublisher(const TcpPublisher&) = delete;
  TcpPublisher& operator=(const TcpPublisher&) = delete;

  // Reads what there is, through `buffer`, which connections share; answers. False: hang up.
  bool receive(std::span<std::uint8_t> buffer, base::Instant now);
  // To be called from time to time. False: hang up.
  bool is_wanted(base::Instant now);
  // Others need its place.
  void give_way();
  bool is_publishing() const { return publication_ != nullptr; }
  base::Instant deadline() const { return deadline_; }

 protected:
  virtual PublishSession& session() = 0;

  // What sessions ask of their hosts.
  std::optional<Refusal> consider(const PublishName& name) { return points_.consider(request_of(name)); }
  std::optional<Refusal> enter(const PublishName& name, Container container);
  void leave() { publication_.reset(); }
  // Requires: it is publishing.
  Publication& publication() { return *publication_; }
  const Publication& publication() const { return *publication_; }

 private:
  PublishPoints::Request request_of(const PublishName& name) const;
  void turn_away(const TurnedAway& why);
  void send();
  void tell_the_end(base::Instant now);
  bool is_displaced() const { return publication_ && publication_->is_over(); }

  const Descriptor socket_;
  PublishPoints& points_;
  const PublishProtocol protocol_;
  const Limits limits_;
  const std::string peer_;
  std::unique_ptr<Publication> publication_;
  base::Instant deadline_;
  bool is_ending_ = false;
  bool said_all_ = false;  // the session is over, its answers are sent
};

}  // namespace server
