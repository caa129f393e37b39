// Any bytes as a manifest: refused with a message, or read so that writing and reading again gives the same. A first byte 0x01 says that
// they are two, apart by another one: the second, loaded after the first, is read as if it were alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/dash.h"
#include "media/mpd_reload.h"

namespace {

void read_twice(std::string_view both) {
  const std::size_t cut = std::min(both.find('\x01'), both.size());
  const std::string first{both.substr(0, cut)}, second{both.substr(std::min(cut + 1, both.size()))};
  const auto before = media::read_mpd(first, nullptr);
  const auto after = media::read_mpd(second, before.has_value() ? &*before : nullptr);
  const auto alone = media::parse_mpd(second);
  ENSURE(alone.has_value() == after.has_value());
  ENSURE(alone.has_value() ? *alone == after->manifest : alone.error().message == after.error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (text.starts_with('\x01')) return read_twice(text.substr(1)), 0;
  const auto manifest = media::parse_mpd(text);
  if (!manifest.has_value()) {
    ENSURE(!manifest.error().message.empty());
    return 0;
  }
  for (const auto& set : manifest->periods.front().adaptation_sets)
    for (const auto& representation : set.representations) media::fill_template(representation.segments.media, representation, 1, 2);
  const auto again = media::parse_mpd(media::write_mpd(*manifest));
  ENSURE(again.has_value() && *again == *manifest);
  return 0;
}
