// What a browser's preload scanner finds in a page: the style sheets and scripts that it asks for before any of them has run. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harness {

struct PageAsset {
  enum class Kind { kStyle, kScript };
  Kind kind = Kind::kScript;
  std::string url;  // absolute, http or https
  friend bool operator==(const PageAsset&, const PageAsset&) = default;
};

// In document order, each URL once. Left out: images and fonts, what scripts and styles load themselves, scripts of other types than
// JavaScript, and whatever stands in comments, templates, scripts, styles and <noscript>.
std::vector<PageAsset> assets_of(std::string_view html, const std::string& page_url);

}  // namespace harness
