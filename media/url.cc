#include "media/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "media/text_fields.h"

namespace media {
namespace {

// The five components of RFC 3986, 3; absent ones are nullopt where absence differs from emptiness.
struct Components {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

bool is_scheme(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), other);
}

// Takes what follows `mark` off the end of `text`.
std::optional<std::string_view> take_after(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view tail = text.substr(at + 1);
  text = text.substr(0, at);
  return tail;
}

Components split(std::string_view text) {
  Components parts;
  parts.fragment = take_after(text, '#');
  parts.query = take_after(text, '?');
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const auto end = std::min(text.find('/'), text.size());
    parts.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  parts.path = text;
  return parts;
}

// RFC 3986, 5.2.4, for paths that start with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    const bool last = end == path.size();
    path.remove_prefix(end);
    if (segment == "/..") out.erase(std::min(out.rfind('/'), out.size()));
    if (segment != "/." && segment != "/..")
      out += segment;
    else if (last)
      out += '/';
  }
  return out;
}

// RFC 3986, 5.2.3.
std::string merged(const Components& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string{path};
  return std::string{base.path.substr(0, base.path.rfind('/') + 1)} + std::string{path};
}

std::string normal_path(std::string path) { return path.starts_with('/') ? without_dot_segments(path) : path; }

std::string joined(const Components& origin, const std::string& path, const std::optional<std::string_view>& query,
                   const std::optional<std::string_view>& fragment) {
  std::string out;
  if (origin.scheme) out += std::string{*origin.scheme} + ":";
  if (origin.authority) out += "//" + std::string{*origin.authority};
  out += path;
  if (query) out += "?" + std::string{*query};
  if (fragment) out += "#" + std::string{*fragment};
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

base::Error refused_url(std::string_view text, std::string_view reason) {
  return base::error(fmt::format("\"{}\" is not a usable URL: {}", text.substr(0, 200), reason));
}

// Takes the host off `authority`, which then holds ":port" or nothing.
std::optional<std::string_view> take_host(std::string_view& authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view host = authority.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  authority.remove_prefix(end + (bracketed ? 1 : 0));
  return host;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A reference that names a file beside or below the document, as most do: nothing of it needs to be taken apart.
bool is_plain(std::string_view reference) {
  char before = '/';
  for (const char c : reference) {
    if (c == ':' || c == '?' || c == '#' || (before == '/' && c == '.')) return false;
    before = c;
  }
  return !reference.empty() && reference.front() != '/';
}

// Up to the last slash of its path; nothing where the URL has none, or one with dots to be taken out.
std::optional<std::string_view> folder_of(std::string_view url) {
  const std::string_view path = url.substr(0, std::min(url.find('?'), url.find('#')));
  const auto authority = path.find("://");
  const auto slash = path.rfind('/');
  if (authority == std::string_view::npos || slash < authority + 3 || path.find("/.") != std::string_view::npos) return std::nullopt;
  return path.substr(0, slash + 1);
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; }))
    return refused_url(text, "it holds a space or a control character; write it as %20 and the like");
  const Components parts = split(text);
  Url url;
  url.scheme = lower_case(parts.scheme.value_or(""));
  if (url.scheme != "http" && url.scheme != "https") return refused_url(text, "it must start with http:// or https://");
  std::string_view authority = parts.authority.value_or("");
  if (authority.find('@') != std::string_view::npos) return refused_url(text, "user names in URLs are not supported");
  const auto host = take_host(authority);
  if (!host || host->empty()) return refused_url(text, "the host is missing");
  url.host = lower_case(*host);
  url.port = url.scheme == "http" ? 80 : 443;
  if (!authority.empty() && authority != ":") {
    const auto port = authority.front() == ':' ? parse_whole(authority.substr(1)) : std::nullopt;
    if (!port || *port < 1 || *port > 65535) return refused_url(text, "the port must be a number from 1 to 65535");
    url.port = static_cast<int>(*port);
  }
  url.path = parts.path.empty() ? "/" : std::string{parts.path};
  url.query = std::string{parts.query.value_or("")};
  return url;
}

std::string resolve_url(std::string_view base_url, std::string_view reference) {
  if (const auto folder = is_plain(reference) ? folder_of(base_url) : std::nullopt) {
    std::string out;
    out.reserve(folder->size() + reference.size());
    out.append(*folder).append(reference);
    return out;
  }
  const Components base = split(base_url);
  const Components ref = split(reference);
  if (ref.scheme) return joined(ref, normal_path(std::string{ref.path}), ref.query, ref.fragment);
  if (ref.authority)
    return joined({.scheme = base.scheme, .authority = ref.authority, .path = {}, .query = {}, .fragment = {}},
                  normal_path(std::string{ref.path}), ref.query, ref.fragment);
  if (ref.path.empty()) return joined(base, std::string{base.path}, ref.query ? ref.query : base.query, ref.fragment);
  const std::string path = ref.path.front() == '/' ? std::string{ref.path} : merged(base, ref.path);
  return joined(base, normal_path(path), ref.query, ref.fragment);
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return out;
}

std::optional<std::string> percent_decode_strictly(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3)) {
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return std::nullopt;
  }
  return percent_decode(text);
}

std::string with_query_field(std::string_view url, std::string_view name, std::string_view value) {
  std::string out{url};
  out += url.find('?') == std::string_view::npos ? '?' : '&';
  return out.append(name).append("=").append(value);
}

std::optional<std::string_view> query_field(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace media
