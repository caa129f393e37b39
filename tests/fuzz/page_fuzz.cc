// Any bytes as a web page.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/player/page_scan.h"
#include "media/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view html{reinterpret_cast<const char*>(data), size};
  const auto assets = harness::assets_of(html, "https://host.example/show/page.html?x=1");
  ENSURE(assets.size() <= size);
  for (const harness::PageAsset& asset : assets) ENSURE(media::parse_url(asset.url).has_value());
  return 0;
}
