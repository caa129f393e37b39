// Port: one side of the router, a descriptor that gives and takes a frame with each call (a TUN device with VNET_HDR; in tests a
// socket of sequenced packets). Does not own it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace netem {

class Port {
 public:
  Port(int descriptor, std::string name) : descriptor_{descriptor}, name_{std::move(name)} {}

  // Bytes of the frame put into `room`; 0 when there is none now, or never again: see failure().
  std::size_t read_frame(std::span<std::uint8_t> room);
  // False when the kernel would not take it: no memory, a device that is down, a malformed frame.
  bool write_frame(std::span<const std::uint8_t> head, std::span<const std::uint8_t> rest);

  int descriptor() const { return descriptor_; }
  // Not empty: the device is gone.
  const std::string& failure() const { return failure_; }

 private:
  int descriptor_;
  std::string name_;
  std::string failure_;
};

}  // namespace netem
