// Any bytes as what an RTMP server says to a publisher, in pieces: refused, or messages whose commands are read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ensure.h"
#include "generators/rtmp/amf.h"
#include "generators/rtmp/chunks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  generators::read_reply({data, size});
  const std::span<const std::uint8_t> bytes{data + 1, size - 1};
  const std::size_t piece = std::size_t{1} + data[0];
  generators::RtmpChunkReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.take(bytes.subspan(at, std::min(piece, bytes.size() - at)))) break;
    while (const auto message = reader.next()) {
      ENSURE(message->body.size() <= size);
      generators::read_reply(message->body);
    }
  }
  return 0;
}
