#include "netem/tun/port.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace netem {

std::size_t Port::read_frame(std::span<std::uint8_t> room) {
  ssize_t size = 0;
  do size = read(descriptor_, room.data(), room.size());
  while (size < 0 && errno == EINTR);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size < 0 && errno == EAGAIN) return 0;
  const char* reason = size == 0 ? "it is closed" : std::strerror(errno);
  failure_ = "read from the TUN device of the " + name_ + ": " + reason;
  return 0;
}

bool Port::write_frame(std::span<const std::uint8_t> head, std::span<const std::uint8_t> rest) {
  const iovec pieces[] = {{const_cast<std::uint8_t*>(head.data()), head.size()}, {const_cast<std::uint8_t*>(rest.data()), rest.size()}};
  ssize_t written = 0;
  do written = rest.empty() ? write(descriptor_, head.data(), head.size()) : writev(descriptor_, pieces, 2);
  while (written < 0 && errno == EINTR);
  return written >= 0;
}

}  // namespace netem
