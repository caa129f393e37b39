// Two TCP connections whose bytes are carried from each to the other until either ends; a reset of one becomes a reset of the other.
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>

namespace netem {

struct JoinedSockets {
  boost::asio::ip::tcp::socket near;  // accepted
  boost::asio::ip::tcp::socket far;   // ours
};

inline constexpr auto kValues = boost::asio::as_tuple(boost::asio::use_awaitable);

// The peer sees a reset, as it would from the other peer itself.
inline void reset(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
  socket.close(ignored);
}

// After an accept that failed: the peer has gone, or descriptors are short for a moment.
inline boost::asio::awaitable<void> breathe() {
  boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor, std::chrono::milliseconds{20}};
  co_await pause.async_wait(kValues);
}

// One direction; both have to run.
inline boost::asio::awaitable<void> carry(std::shared_ptr<JoinedSockets> pair, boost::asio::ip::tcp::socket JoinedSockets::*from,
                                          boost::asio::ip::tcp::socket JoinedSockets::*to) {
  constexpr std::size_t kChunk = 32 * 1024;
  std::array<char, kChunk> bytes;
  boost::system::error_code ignored;
  ((*pair).*to).set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
  for (;;) {
    const auto [read_error, count] = co_await ((*pair).*from).async_read_some(boost::asio::buffer(bytes), kValues);
    if (read_error == boost::asio::error::eof) break;
    if (read_error) co_return reset((*pair).*to);
    const auto [write_error, written] = co_await boost::asio::async_write((*pair).*to, boost::asio::buffer(bytes, count), kValues);
    if (write_error) co_return reset((*pair).*from);
  }
  ((*pair).*to).shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace netem
