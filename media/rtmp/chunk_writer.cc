#include "media/rtmp/chunk_writer.h"

#include <algorithm>

#include "base/ensure.h"

namespace media::rtmp {

void append_message(std::string& out, std::uint32_t chunk_stream, const Message& message, std::uint32_t chunk_size) {
  ENSURE(chunk_stream >= 2 && chunk_stream <= 63 && message.payload.size() <= 0xFFFFFF && chunk_size > 0);
  const bool extended = message.timestamp >= 0xFFFFFF;
  out += static_cast<char>(chunk_stream);
  append_big<3>(out, extended ? 0xFFFFFF : message.timestamp);
  append_big<3>(out, message.payload.size());
  out += static_cast<char>(message.type);
  for (unsigned byte = 0; byte < 4; ++byte) out += static_cast<char>(message.stream >> (8 * byte) & 0xFF);
  if (extended) append_big<4>(out, message.timestamp);
  Bytes rest = message.payload;
  out += text_of(take(rest, std::min<std::size_t>(rest.size(), chunk_size)));
  while (!rest.empty()) {
    out += static_cast<char>(0xC0 | chunk_stream);
    if (extended) append_big<4>(out, message.timestamp);
    out += text_of(take(rest, std::min<std::size_t>(rest.size(), chunk_size)));
  }
}

}  // namespace media::rtmp
