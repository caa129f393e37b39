// A load for links: a minimal server and plain epoll clients that fetch one object after the other, each client from its own source
// address. No HTTP, no TLS: the work of the links is what is measured. Each has a thread of its own.
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/units.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"

namespace bench {

constexpr std::int64_t kObject = 500'000;  // bytes

class FetchServer {
 public:
  // Requires: `address` is the namespace's own. `pace`: of each connection, by TCP's own timers; zero: unpaced.
  FetchServer(netem::NetworkNamespace& space, std::uint32_t address, base::Bitrate pace);
  ~FetchServer();
  FetchServer(const FetchServer&) = delete;
  FetchServer& operator=(const FetchServer&) = delete;
  const sockaddr_in& name() const { return name_; }

 private:
  struct Connection {
    netem::Descriptor socket{};
    std::int64_t owed = 0;  // bytes
  };
  void live();
  void take_connections();
  void serve(Connection& connection);
  base::Bitrate pace_;
  netem::Descriptor listener_, epoll_;
  sockaddr_in name_{};
  std::vector<Connection> connections_;  // by descriptor
  std::vector<char> object_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

class FetchClients {
 public:
  struct Options {
    std::uint32_t count = 0;
    std::uint32_t first_address = 0;  // of the namespace's own
    base::Duration ramp{};            // their first requests are spread over this
  };
  FetchClients(netem::NetworkNamespace& space, const sockaddr_in& server, const Options& options);
  ~FetchClients();
  FetchClients(const FetchClients&) = delete;
  FetchClients& operator=(const FetchClients&) = delete;
  std::int64_t bytes_received() const { return bytes_; }
  std::uint32_t failed() const { return failed_; }

 private:
  struct Client {
    netem::Descriptor socket{};
    std::int64_t left = 0;  // bytes of the object
  };
  void open(std::uint32_t index, const sockaddr_in& server, std::uint32_t address);
  void live(base::Duration ramp);
  void read_from(Client& client);
  bool request(Client& client);  // false: not connected yet
  netem::Descriptor epoll_;
  std::vector<Client> clients_;
  std::vector<char> room_;
  std::atomic<std::int64_t> bytes_{0};
  std::atomic<std::uint32_t> failed_{0};
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

}  // namespace bench
