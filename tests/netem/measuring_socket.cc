#include "tests/netem/measuring_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/errors.h"

namespace netem {
namespace {

const sockaddr* plain(const sockaddr_in& name) { return reinterpret_cast<const sockaddr*>(&name); }

void enable(int socket, int level, int option, int value) {
  base::checked("set a socket option", setsockopt(socket, level, option, &value, sizeof value));
}

base::UtcTime arrival_in(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec at{};
    std::memcpy(&at, CMSG_DATA(part), sizeof at);
    return base::UtcTime{std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec}};
  }
  throw base::RunFailed("receive a datagram: it has no arrival time");
}

}  // namespace

MeasuringSocket::MeasuringSocket(Descriptor socket, Ipv4 own) : socket_{std::move(socket)} {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(own);
  base::checked("bind a socket", bind(get(), plain(name), sizeof name));
  enable(get(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  const int room = 8 << 20;  // as much as the machine allows; only root gets more than that
  setsockopt(get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  setsockopt(get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
}

sockaddr_in MeasuringSocket::name() const {
  sockaddr_in out{};
  socklen_t length = sizeof out;
  base::checked("name a socket", getsockname(get(), reinterpret_cast<sockaddr*>(&out), &length));
  return out;
}

void MeasuringSocket::set_patience(base::Duration patience) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval time{.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
  base::checked("set a socket's patience", setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
}

void MeasuringSocket::connect_to(const sockaddr_in& peer) { base::checked("connect a socket", connect(get(), plain(peer), sizeof peer)); }

bool MeasuringSocket::send(std::span<const std::uint8_t> bytes) { return ::send(get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0; }

void MeasuringSocket::send_to(const sockaddr_in& peer, std::span<const std::uint8_t> bytes) {
  sendto(get(), bytes.data(), bytes.size(), 0, plain(peer), sizeof peer);
}

void MeasuringSocket::send_many(std::span<const std::uint8_t> bytes, std::size_t count) {
  iovec piece{.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
  std::array<mmsghdr, 64> messages{};
  for (mmsghdr& each : messages) {
    each.msg_hdr.msg_iov = &piece;
    each.msg_hdr.msg_iovlen = 1;
  }
  while (count > 0) {
    const auto wanted = static_cast<unsigned>(std::min(count, messages.size()));
    const int sent = sendmmsg(get(), messages.data(), wanted, 0);
    count -= sent > 0 ? static_cast<std::size_t>(sent) : wanted;  // those refused are dropped, as by a full queue
  }
}

std::optional<std::size_t> MeasuringSocket::receive(std::span<std::uint8_t> into, base::UtcTime* at, sockaddr_in* from) {
  alignas(cmsghdr) char control[128];
  iovec piece{.iov_base = into.data(), .iov_len = into.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_name = from;
  message.msg_namelen = from == nullptr ? 0 : sizeof *from;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(get(), &message, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED)) return std::nullopt;
  base::checked("receive", size);
  if (at != nullptr) *at = arrival_in(message);
  return static_cast<std::size_t>(size);
}

}  // namespace netem
