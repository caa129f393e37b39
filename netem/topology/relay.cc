#include "netem/topology/relay.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/errors.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/joined_sockets.h"

namespace netem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr int kBacklog = 4096;

tcp::endpoint endpoint_of(const sockaddr_storage& target) {
  tcp::endpoint out;
  const std::size_t length = target.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  out.resize(length);
  std::memcpy(out.data(), &target, length);
  return out;
}

}  // namespace

class Relay::Impl {
 public:
  Impl(NetworkNamespace& inside, Ipv4Prefix aliases)
      : inside_{inside}, aliases_{aliases}, work_{asio::make_work_guard(io_)}, thread_{[this] { io_.run(); }} {}
  ~Impl() {
    io_.stop();
    thread_.join();
  }

  sockaddr_in alias_of(const sockaddr_storage& target, socklen_t length) {
    if ((target.ss_family != AF_INET && target.ss_family != AF_INET6) || length < sizeof(sockaddr_in))
      throw base::RunFailed("reach a target through the relay: it has no IP address");
    const std::lock_guard lock{mutex_};
    const tcp::endpoint wanted = endpoint_of(target);
    const std::uint32_t alias = alias_for(wanted.address());
    if (listening_.insert(wanted.port()).second) listen(wanted.port());
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(alias);
    out.sin_port = htons(wanted.port());
    return out;
  }

  Stats stats() const { return {.connections = connections_, .refused = refused_}; }

 private:
  std::uint32_t alias_for(const asio::ip::address& target) {
    if (const auto known = alias_of_.find(target); known != alias_of_.end()) return known->second;
    const std::uint32_t room = (1u << (32 - aliases_.length)) - 2;
    if (alias_of_.size() >= room)
      throw base::RunFailed(fmt::format("reach {} through the relay: all {} aliases are taken", target.to_string(), room));
    const auto alias = static_cast<std::uint32_t>(aliases_.address + 1 + alias_of_.size());
    alias_of_.emplace(target, alias);
    target_of_.emplace(alias, target);
    return alias;
  }

  // One listener for a port serves all aliases: the address that a player connected to tells the target.
  void listen(std::uint16_t port) {
    Descriptor descriptor{inside_.run([port] {
      Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
      const int yes = 1;
      setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      sockaddr_in name{};
      name.sin_family = AF_INET;
      name.sin_port = htons(port);
      if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 || ::listen(socket.get(), kBacklog) != 0)
        throw base::RunFailed(fmt::format("listen on port {} for the relay: {}", port, std::strerror(errno)));
      return socket.release();
    })};
    tcp::acceptor acceptor{io_, tcp::v4(), descriptor.release()};
    asio::co_spawn(io_, serve(*this, std::move(acceptor)), asio::detached);
  }

  static asio::awaitable<void> serve(Impl& self, tcp::acceptor acceptor) {
    for (;;) {
      auto [error, player] = co_await acceptor.async_accept(kValues);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        co_await breathe();
        continue;
      }
      ++self.connections_;
      asio::co_spawn(self.io_, join(self, std::move(player)), asio::detached);
    }
  }

  static asio::awaitable<void> join(Impl& self, tcp::socket player) {
    const std::optional<tcp::endpoint> target = self.target_for(player);
    const auto pair = std::make_shared<JoinedSockets>(JoinedSockets{std::move(player), tcp::socket{self.io_}});
    if (!target) co_return reset(pair->near);
    const auto [error] = co_await pair->far.async_connect(*target, kValues);
    if (error) {
      ++self.refused_;
      co_return reset(pair->near);
    }
    asio::co_spawn(self.io_, carry(pair, &JoinedSockets::near, &JoinedSockets::far), asio::detached);
    co_await carry(pair, &JoinedSockets::far, &JoinedSockets::near);
  }

  std::optional<tcp::endpoint> target_for(const tcp::socket& player) {
    boost::system::error_code error;
    const tcp::endpoint alias = player.local_endpoint(error);
    if (error || !alias.address().is_v4()) return std::nullopt;
    const std::lock_guard lock{mutex_};
    const auto found = target_of_.find(alias.address().to_v4().to_uint());
    if (found == target_of_.end()) return std::nullopt;
    return tcp::endpoint{found->second, alias.port()};
  }

  NetworkNamespace& inside_;
  Ipv4Prefix aliases_;
  std::mutex mutex_;
  std::map<asio::ip::address, std::uint32_t> alias_of_;
  std::map<std::uint32_t, asio::ip::address> target_of_;
  std::set<std::uint16_t> listening_;
  std::atomic<std::uint64_t> connections_ = 0, refused_ = 0;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

Relay::Relay(NetworkNamespace& inside, Ipv4Prefix aliases) : impl_{std::make_unique<Impl>(inside, aliases)} {}
Relay::~Relay() = default;
sockaddr_in Relay::alias_of(const sockaddr_storage& target, socklen_t length) { return impl_->alias_of(target, length); }
Relay::Stats Relay::stats() const { return impl_->stats(); }

}  // namespace netem
