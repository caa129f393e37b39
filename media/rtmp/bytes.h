// Bytes in and out of RTMP and FLV: numbers are big-endian, but for the message stream id of a chunk header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace media::rtmp {

using Bytes = std::span<const std::uint8_t>;

inline Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::span<const char> chars_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Requires: bytes.size() >= N.
template <std::size_t N>
constexpr std::uint64_t read_big(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < N; ++i) value = value << 8 | bytes[i];
  return value;
}

inline std::uint32_t read_u24(Bytes bytes) { return static_cast<std::uint32_t>(read_big<3>(bytes)); }
inline std::uint32_t read_u32(Bytes bytes) { return static_cast<std::uint32_t>(read_big<4>(bytes)); }
inline std::uint32_t read_u32_little(Bytes bytes) {
  return static_cast<std::uint32_t>(bytes[3]) << 24 | static_cast<std::uint32_t>(bytes[2]) << 16 |
         static_cast<std::uint32_t>(bytes[1]) << 8 | bytes[0];
}

template <std::size_t N>
void append_big(std::string& out, std::uint64_t value) {
  for (std::size_t i = N; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

// The first `size` bytes, which `bytes` loses. Requires: bytes.size() >= size.
inline Bytes take(Bytes& bytes, std::size_t size) {
  const Bytes taken = bytes.first(size);
  bytes = bytes.subspan(size);
  return taken;
}

}  // namespace media::rtmp
