// For tests: a socket that calls a port of ours. Waits ten seconds at the most.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace server {

class TestSocket {
 public:
  explicit TestSocket(int port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const timeval longest{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~TestSocket() { ::close(socket_); }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  bool is_connected() const { return is_connected_; }

  // False: the connection is broken.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What has come; empty: nothing in time, or the other end has closed.
  std::string receive() const {
    std::string some(65536, '\0');
    const ssize_t got = ::recv(socket_, some.data(), some.size(), 0);
    some.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return some;
  }

  // Reads until the other end closes. False: it did not.
  bool is_hung_up() const {
    std::string ignored(65536, '\0');
    for (;;) {
      const ssize_t got = ::recv(socket_, ignored.data(), ignored.size(), 0);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
      if (got < 0) return false;
    }
  }

 private:
  const int socket_;
  bool is_connected_ = false;
};

}  // namespace server
