// Any bytes as a chunk stream, whole and in pieces: the same messages come out, and what is kept of unfinished ones is bounded.
#include <fuzzer/FuzzedDataProvider.h>

#include <string>
#include <vector>

#include "base/ensure.h"
#include "media/rtmp/chunk_reader.h"

namespace {

using namespace media::rtmp;

// The messages in short, then the error if there is one.
template <class NextSize>
std::vector<std::string> read(Bytes all, NextSize next_size) {
  ChunkReader reader;
  reader.keep_at_most(10'000);
  std::vector<std::string> messages;
  while (!all.empty()) {
    Bytes piece = take(all, std::min(all.size(), next_size()));
    for (;;) {
      const auto message = reader.next(piece);
      if (message.has_error()) {
        messages.push_back(message.error().message);
        return messages;
      }
      if (!*message) break;
      ENSURE((**message).payload.size() <= 0xFFFFFF);
      messages.push_back(std::to_string(static_cast<int>((**message).type)) + ' ' + std::to_string((**message).timestamp) + ' ' +
                         std::string{text_of((**message).payload)});
    }
    ENSURE(piece.empty());
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider{data, size};
  const auto seed = provider.ConsumeIntegral<std::uint8_t>();
  const std::vector<std::uint8_t> stream = provider.ConsumeRemainingBytes<std::uint8_t>();
  const auto whole = read(stream, [] { return std::size_t{1} << 30; });
  std::size_t turn = seed;
  const auto pieces = read(stream, [&] { return 1 + (turn = turn * 31 + 7) % 40; });
  // In pieces more is kept, so that the bound may be reached.
  ENSURE(whole == pieces || (!pieces.empty() && pieces.back().find("unfinished") != std::string::npos));
  return 0;
}
