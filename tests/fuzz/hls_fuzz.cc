// Any bytes as a playlist: refused with a message, or read so that writing and reading again gives the same.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/hls.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto playlist = media::parse_hls({reinterpret_cast<const char*>(data), size});
  if (!playlist.has_value()) {
    ENSURE(!playlist.error().message.empty());
    return 0;
  }
  const std::string text = std::visit([](const auto& kind) { return media::write_hls(kind); }, *playlist);
  const auto again = media::parse_hls(text);
  ENSURE(again.has_value() && *again == *playlist);
  return 0;
}
