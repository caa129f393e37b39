#include "server/delivery/target.h"

#include "media/url.h"

namespace server {
namespace {

constexpr std::size_t kMostElements = 8;

bool is_harmless(const std::string& element) {
  if (element == "." || element == "..") return false;
  for (const char c : element)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  return true;
}

// "http://host/path" -> "/path", as proxies send it.
std::string_view without_authority(std::string_view text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) return text;
  const auto slash = text.find('/', text.find("//") + 2);
  return slash == std::string_view::npos ? std::string_view{"/"} : text.substr(slash);
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  text = without_authority(text.substr(0, text.find('#')));
  const auto mark = text.find('?');
  Target target{
      .path = {}, .path_text = text.substr(0, mark), .query = mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1)};
  std::string_view rest = target.path_text;
  if (!rest.starts_with('/')) return std::nullopt;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto slash = rest.find('/');
    auto element = media::percent_decode_strictly(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    if (!element || !is_harmless(*element) || (element->empty() && !last) || target.path.size() == kMostElements) return std::nullopt;
    target.path.push_back(std::move(*element));
    rest = last ? std::string_view{} : rest.substr(slash);
  }
  return target;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  const auto field = media::query_field(query, name);
  return field ? media::percent_decode_strictly(*field) : std::nullopt;
}

}  // namespace server
