// Any bytes as what an RTMP server says to a publisher, in pieces: refused, or messages whose commands are read.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "generators/rtmp/reply.h"
#include "media/rtmp/chunk_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  generators::read_reply({data, size});
  media::rtmp::Bytes bytes{data + 1, size - 1};
  const std::size_t piece = std::size_t{1} + data[0];
  media::rtmp::ChunkReader reader;
  while (!bytes.empty()) {
    media::rtmp::Bytes some = media::rtmp::take(bytes, std::min(piece, bytes.size()));
    for (;;) {
      const auto message = reader.next(some);
      if (message.has_error()) return 0;
      if (!*message) break;
      ENSURE((**message).payload.size() <= size);
      generators::read_reply((**message).payload);
    }
  }
  return 0;
}
