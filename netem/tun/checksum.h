// InternetSum: the ones' complement sum of RFC 1071. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace netem {

class InternetSum {
 public:
  // Requires: all but the last span added have an even length.
  InternetSum& add(std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum_ += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    if (bytes.size() % 2 != 0) sum_ += static_cast<std::uint32_t>(bytes.back() << 8);
    return *this;
  }
  InternetSum& add_word(std::uint16_t word) {
    sum_ += word;
    return *this;
  }
  std::uint16_t folded() const {
    std::uint64_t sum = sum_;
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
  }
  // What goes into the checksum field.
  std::uint16_t complement() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace netem
