// Connection: a socket and the session that reads it. Touched on the listener's thread only.
#pragma once

#include <unistd.h>

#include <memory>
#include <optional>
#include <span>

#include "base/time.h"
#include "server/ingest/publish_points.h"
#include "server/ingest/rtmp/session.h"

namespace server::rtmp {

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

class Connection final : private SessionHost {
 public:
  struct Limits {
    base::Duration publish_timeout{}, idle_timeout{};
  };
  // Owns the socket from now on. Requires: it does not block; `points` outlives the connection.
  Connection(int socket, PublishPoints& points, Limits limits, base::Instant now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Reads what there is, through `buffer`, which connections share; answers. False: hang up.
  bool receive(std::span<std::uint8_t> buffer, base::Instant now);
  // To be called from time to time. False: hang up.
  bool is_wanted(base::Instant now);
  // Others need its place.
  void give_way();
  bool is_publishing() const { return publication_ != nullptr; }
  base::Instant deadline() const { return deadline_; }

 private:
  std::optional<Refusal> enter(const PublishName& name) override;
  void leave() override;
  bool push(std::span<const std::span<const char>> pieces) override;
  void send();
  void tell_the_end(base::Instant now);
  void note_refusal(Refusal refusal, const std::string& reason);

  const Descriptor socket_;
  PublishPoints& points_;
  const Limits limits_;
  std::unique_ptr<Publication> publication_;
  Session session_{*this};
  base::Instant deadline_;
  const std::string peer_;
  bool said_all_ = false;  // the session is over, its answers are sent
  bool noted_ = false;     // the points know that it was refused
};

}  // namespace server::rtmp
