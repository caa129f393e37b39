// Any bytes as a manifest: refused with a message, or read so that writing and reading again gives the same.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/dash.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = media::parse_mpd({reinterpret_cast<const char*>(data), size});
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
