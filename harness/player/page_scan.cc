#include "harness/player/page_scan.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "media/url.h"

namespace harness {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f";
constexpr std::size_t kMostAssets = 500;  // more is no page that anybody waits for

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool starts_with(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() && lowered(text.substr(0, lower_case.size())) == lower_case;
}

// The only reference that occurs in URLs.
std::string without_references(std::string_view value) {
  constexpr std::string_view kAmpersand = "&amp;";
  std::string out{value};
  for (auto at = out.find(kAmpersand); at != std::string::npos; at = out.find(kAmpersand, at + 1)) out.replace(at, kAmpersand.size(), "&");
  return out;
}

struct Tag {
  std::string name;                               // lower case; "/script" for an end
  std::map<std::string, std::string> attributes;  // the first of each name
  std::string value(const char* attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? std::string{} : found->second;
  }
  bool has_word(const char* attribute, std::string_view word) const {
    const std::string all = " " + lowered(value(attribute)) + " ";
    return all.find(" " + std::string{word} + " ") != std::string::npos;
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view html) : rest_{html} {}

  // The next start tag that counts; nothing: the end.
  std::optional<Tag> next() {
    for (auto at = rest_.find('<'); at != std::string_view::npos; at = rest_.find('<')) {
      rest_.remove_prefix(at + 1);
      if (rest_.starts_with("!--")) {
        skip_past("-->");
        continue;
      }
      if (rest_.empty() || lower(rest_.front()) < 'a' || lower(rest_.front()) > 'z') continue;
      std::optional<Tag> tag = read_tag();
      if (tag) skip_content_of(tag->name);
      return tag;
    }
    return std::nullopt;
  }

 private:
  void skip_past(std::string_view mark) {
    const auto at = rest_.find(mark);
    rest_ = at == std::string_view::npos ? std::string_view{} : rest_.substr(at + mark.size());
  }
  void skip_content_of(const std::string& name) {
    constexpr std::array<std::string_view, 7> kOpaque{"script", "style", "noscript", "template", "textarea", "title", "iframe"};
    if (std::find(kOpaque.begin(), kOpaque.end(), name) == kOpaque.end()) return;
    const std::string end = "</" + name;
    while (!rest_.empty() && !starts_with(rest_, end)) {
      rest_.remove_prefix(1);
      rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
    }
  }
  std::string_view take_until(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n\f/"), rest_.size())); }
  // Nothing: it has no end.
  std::optional<Tag> read_tag() {
    Tag tag{.name = lowered(take_until(" \t\r\n\f/>")), .attributes = {}};
    for (skip_space(); !rest_.empty() && rest_.front() != '>'; skip_space()) {
      const std::string name = lowered(take_until(" \t\r\n\f/>="));
      if (name.empty() && rest_.front() != '=') break;
      tag.attributes.emplace(name, read_value());
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return tag;
  }
  std::string read_value() {
    const auto at = rest_.find_first_not_of(kSpace);
    if (at == std::string_view::npos || rest_[at] != '=') return {};
    rest_.remove_prefix(at + 1);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return without_references(take_until(" \t\r\n\f>"));
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    const std::string value = without_references(take_until(std::string_view{&quote, 1}));
    if (!rest_.empty()) rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
};

bool is_javascript(const Tag& script) {
  const std::string type = lowered(script.value("type"));
  return type.empty() || type == "module" || type == "text/javascript" || type == "application/javascript";
}

std::optional<PageAsset> asset_of(const Tag& tag) {
  using Kind = PageAsset::Kind;
  if (tag.name == "script" && !tag.attributes.contains("nomodule") && is_javascript(tag)) return PageAsset{Kind::kScript, tag.value("src")};
  if (tag.name != "link") return std::nullopt;
  const std::string as = lowered(tag.value("as"));
  const bool preload = tag.has_word("rel", "preload");
  if (tag.has_word("rel", "modulepreload") || (preload && as == "script")) return PageAsset{Kind::kScript, tag.value("href")};
  const bool style = tag.has_word("rel", "stylesheet") && !tag.has_word("rel", "alternate");
  if (style || (preload && as == "style")) return PageAsset{Kind::kStyle, tag.value("href")};
  return std::nullopt;
}

}  // namespace

std::vector<PageAsset> assets_of(std::string_view html, const std::string& page_url) {
  std::vector<PageAsset> found;
  std::string base = page_url;
  Scanner scanner{html};
  while (const auto tag = found.size() < kMostAssets ? scanner.next() : std::nullopt) {
    if (tag->name == "base" && base == page_url && !tag->value("href").empty()) base = media::resolve_url(page_url, tag->value("href"));
    auto asset = asset_of(*tag);
    if (!asset || asset->url.empty()) continue;
    asset->url = media::resolve_url(base, asset->url);
    const bool known = std::any_of(found.begin(), found.end(), [&](const PageAsset& each) { return each.url == asset->url; });
    if (!known && media::parse_url(asset->url).has_value()) found.push_back(*std::move(asset));
  }
  return found;
}

}  // namespace harness
