#include "netem/topology/way_in.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "base/errors.h"
#include "netem/topology/joined_sockets.h"

namespace netem {
namespace {

using Tcp = boost::asio::ip::tcp;

}  // namespace

class WayIn::Impl {
 public:
  Impl(NetworkNamespace& inside, std::uint32_t address)
      : inside_{inside}, address_{boost::asio::ip::address_v4{address}}, work_{boost::asio::make_work_guard(io_)}, thread_{[this] {
          io_.run();
        }} {}
  ~Impl() {
    io_.stop();
    thread_.join();
  }

  std::uint16_t open(std::uint16_t port) {
    try {
      Tcp::acceptor acceptor{io_, {boost::asio::ip::address_v4::loopback(), 0}};
      const std::uint16_t outside = acceptor.local_endpoint().port();
      boost::asio::co_spawn(io_, let_in(*this, std::move(acceptor), Tcp::endpoint{address_, port}), boost::asio::detached);
      return outside;
    } catch (const boost::system::system_error& failure) {
      throw base::RunFailed(std::string{"open a way in from 127.0.0.1: "} + failure.code().message());
    }
  }

 private:
  static boost::asio::awaitable<void> let_in(Impl& self, Tcp::acceptor acceptor, Tcp::endpoint target) {
    for (;;) {
      auto [error, visitor] = co_await acceptor.async_accept(kValues);
      if (error == boost::asio::error::operation_aborted) co_return;
      if (error)
        co_await breathe();
      else
        boost::asio::co_spawn(self.io_, guide(self, std::move(visitor), target), boost::asio::detached);
    }
  }

  static boost::asio::awaitable<void> guide(Impl& self, Tcp::socket visitor, Tcp::endpoint target) {
    const auto pair = std::make_shared<JoinedSockets>(JoinedSockets{std::move(visitor), Tcp::socket{self.io_}});
    const int socket = self.inside_.run([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
    if (socket < 0) co_return reset(pair->near);
    pair->far.assign(Tcp::v4(), socket);
    const auto [error] = co_await pair->far.async_connect(target, kValues);
    if (error) co_return reset(pair->near);
    boost::asio::co_spawn(self.io_, carry(pair, &JoinedSockets::near, &JoinedSockets::far), boost::asio::detached);
    co_await carry(pair, &JoinedSockets::far, &JoinedSockets::near);
  }

  NetworkNamespace& inside_;
  boost::asio::ip::address address_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

WayIn::WayIn(NetworkNamespace& inside, std::uint32_t address) : impl_{std::make_unique<Impl>(inside, address)} {}
WayIn::~WayIn() = default;
std::uint16_t WayIn::open(std::uint16_t port) { return impl_->open(port); }

}  // namespace netem
