// ScriptServer: a loopback HTTP server on the test's own io_context that answers by path:
//   /ok "hello" · /bytes/N · /missing 404 · /busy 503 with Retry-After: 7 · /never · /reset N bytes of more, then a reset
//   /kept "hello", fresh for a minute, with the tag "v1", or 304 to who has it
//   /connection the request's Connection header · /echo the request's method, its X-Test header and its body
//   /farewell "hello", after which the server closes the connection as if it had been idle for too long
//   /slow/N N bytes in pieces of 10,000, one every 10 ms
// ScriptModel answers the same to a ModelTransport.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/transport/model_transport.h"

namespace contract {

constexpr std::int64_t kResetAfter = 20'000;

class ScriptServer {
 public:
  // On a free port of loopback, or of every address of the network that `socket` (TCP, IPv4, not yet bound) belongs to.
  explicit ScriptServer(boost::asio::io_context& io);
  ScriptServer(boost::asio::io_context& io, int socket);
  ~ScriptServer();
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t open_connections() const { return open_; }
  std::size_t accepted_connections() const { return accepted_; }
  // Source addresses of all requests so far.
  const std::vector<std::string>& sources() const { return sources_; }
  // Which connection, by the order of accepting, carried the last request for this path; 0: there was none.
  std::size_t connection_of(const std::string& path) const {
    const auto known = connections_.find(path);
    return known == connections_.end() ? 0 : known->second;
  }
  // Another answer to GET: header lines, each with its end, and a body.
  void offer(const std::string& path, const std::string& headers, const std::string& body);
  // Another answer to GET, from its status line on.
  void offer_whole(const std::string& path, std::string answer) { offers_[path] = {std::move(answer)}; }
  // How often it was asked for, of what was offered.
  std::size_t count(const std::string& path) const { return offers_.at(path).asked; }
  // Header lines of the last request.
  const std::string& last_request() const { return last_request_; }

 private:
  class Connection;
  struct Offer {
    std::string answer;
    std::size_t asked = 0;
  };
  void accept();
  boost::asio::ip::tcp::acceptor acceptor_;
  std::size_t open_ = 0;
  std::size_t accepted_ = 0;
  std::vector<std::string> sources_;
  std::map<std::string, std::size_t> connections_;  // by path
  std::string last_request_;
  std::map<std::string, Offer> offers_;
  std::shared_ptr<ScriptServer*> alive_;  // connections whose handlers Asio still holds find it expired
};

class ScriptModel final : public harness::ModelServer {
 public:
  harness::ModelReply reply(base::Instant now, const harness::TransportRequest& request) override;
};

}  // namespace contract
