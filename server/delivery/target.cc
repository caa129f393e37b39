#include "server/delivery/target.h"

namespace server {
namespace {

constexpr std::size_t kMostElements = 8;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1, low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

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
    auto element = decoded(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    if (!element || !is_harmless(*element) || (element->empty() && !last) || target.path.size() == kMostElements) return std::nullopt;
    target.path.push_back(std::move(*element));
    rest = last ? std::string_view{} : rest.substr(slash);
  }
  return target;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos) return decoded(pair.substr(equals + 1));
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace server
