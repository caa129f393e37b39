// Connection: a socket and the session that reads it. Touched on the listener's thread only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <span>

#include "base/time.h"
#include "server/ingest/publish_points.h"
#include "server/ingest/rtmp/session.h"

namespace server::rtmp {

class Connection final : private SessionHost {
 public:
  struct Limits {
    base::Duration publish_timeout{}, idle_timeout{};
  };
  // Requires: the socket does not block; `points` outlives the connection.
  Connection(boost::asio::ip::tcp::socket socket, PublishPoints& points, Limits limits, base::Instant now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Reads what there is, through `buffer`, which connections share; answers. False: there is nothing more to come.
  bool receive(std::span<std::uint8_t> buffer, base::Instant now);
  // To be called from time to time. False: hang up.
  bool is_wanted(base::Instant now);
  bool is_publishing() const { return publication_ != nullptr; }
  boost::asio::ip::tcp::socket& socket() { return socket_; }
  void hang_up();

 private:
  std::optional<Refusal> enter(const PublishName& name) override;
  void leave() override;
  bool push(std::span<const std::span<const char>> pieces) override;
  void send();
  void tell_the_end(base::Instant now);

  boost::asio::ip::tcp::socket socket_;
  PublishPoints& points_;
  const Limits limits_;
  std::unique_ptr<Publication> publication_;
  Session session_{*this};
  base::Instant deadline_;
  bool said_all_ = false;  // the session is over, its answers are sent
};

}  // namespace server::rtmp
