// Connection: one client's HTTP exchange as a state machine over the bytes: reading a request head -> writing its response ->
// reading again or draining -> closed. It does not wait; whoever drives it (http_server.cc) waits for the socket.
//
//   kReading   head complete, malformed or too large  -> kWriting
//   kWriting   all sent: keep-alive -> kReading, otherwise send side shut down -> kDraining
//   kDraining  what the client still sends is dropped, so that no reset overtakes the response
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string>

#include "base/time.h"
#include "server/delivery/body_files.h"
#include "server/delivery/http_server.h"

namespace server {

class Connection {
 public:
  enum class Wish { kRead, kWrite, kShutdownAndRead, kClose };
  struct Clock {
    base::Instant now;
    base::UtcTime utc;
    std::string_view date;  // of `utc`
  };
  // What is still to be sent: memory, then a file.
  struct Unsent {
    std::array<boost::asio::const_buffer, 2> memory;
    int file = -1;  // the body, when it is sent from a file and not from memory
    std::size_t file_offset = 0, file_count = 0;
  };
  // `refuse`: answer 503, whatever is asked.
  Connection(const HttpServer::Options& options, RequestHandler& handler, BodyFiles& files, std::string peer, bool refuse,
             base::Instant now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Wish wish() const { return wish_; }
  base::Instant deadline() const { return deadline_; }
  boost::asio::mutable_buffer room();
  Unsent unsent() const;
  void received(std::size_t bytes, const Clock& clock);
  void sent(std::size_t bytes, const Clock& clock);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  void start_parser();
  void parse(const Clock& clock);
  void respond(const Clock& clock);
  Response answer(const Clock& clock);
  void begin(Response response, const Clock& clock);
  void finish(const Clock& clock);

  const HttpServer::Options& options_;
  RequestHandler& handler_;
  BodyFiles& files_;
  const std::string peer_;
  const bool refuse_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Wish wish_ = Wish::kRead;
  base::Instant deadline_;
  bool draining_ = false;
  bool keep_alive_ = false;
  std::size_t drained_ = 0;
  std::size_t head_taken_ = 0;  // bytes of the request's head that the parser has
  // The response under way.
  std::optional<Response> response_;
  std::string head_;
  BodyFilePtr file_;
  std::size_t body_to_send_ = 0;
  std::size_t sent_ = 0;
  base::Instant asked_at_;
};

}  // namespace server
