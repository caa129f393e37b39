// Any bytes as a playlist: refused with a message, or read so that writing and reading again gives the same. A first byte 0x01 says that
// they are two, apart by another one: the second, loaded after the first, is read as if it were alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/hls.h"
#include "media/hls_reload.h"

namespace {

void read_twice(std::string_view both) {
  const std::size_t cut = std::min(both.find('\x01'), both.size());
  const std::string first{both.substr(0, cut)}, second{both.substr(std::min(cut + 1, both.size()))};
  const auto before = media::read_hls(first, nullptr);
  const auto alone = media::read_hls(second, nullptr);
  const auto after = media::read_hls(second, before.has_value() ? &*before : nullptr);
  ENSURE(alone.has_value() == after.has_value());
  ENSURE(alone.has_value() ? *alone == *after : alone.error().message == after.error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (text.starts_with('\x01')) return read_twice(text.substr(1)), 0;
  const auto playlist = media::parse_hls(text);
  if (!playlist.has_value()) {
    ENSURE(!playlist.error().message.empty());
    return 0;
  }
  const std::string written = std::visit([](const auto& kind) { return media::write_hls(kind); }, *playlist);
  const auto again = media::parse_hls(written);
  ENSURE(again.has_value() && *again == *playlist);
  return 0;
}
