#include "generators/feed/destination.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/text.h"

namespace generators {
namespace {

struct Authority {
  std::string host;
  std::optional<int> port;
};

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

// "host", "host:port", "[::1]:port".
base::Result<Authority> parse_authority(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return base::error(fmt::format("\"{}\": the bracket of the address is not closed", text));
  const std::size_t colon = text.find(':', bracket);
  Authority authority{.host = std::string{text.substr(0, colon)}, .port = {}};
  if (bracket > 0) authority.host = authority.host.substr(1, bracket - 1);
  if (authority.host.empty()) return base::error("names no host");
  if (colon == text.npos) return authority;
  authority.port = number_in(text.substr(colon + 1));
  if (!authority.port || *authority.port < 1 || *authority.port > 65535)
    return base::error(fmt::format("port \"{}\": must be 1 to 65535", text.substr(colon + 1)));
  return authority;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(value);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

base::Result<base::Duration> parse_latency(const std::string& text) {
  if (const std::optional<int> milliseconds = number_in(text); milliseconds && *milliseconds >= 0)
    return base::Duration{std::chrono::milliseconds{*milliseconds}};
  return base::parse_duration(text);
}

base::Result<void> set_parameter(SrtDestination& destination, std::string_view name, const std::string& value) {
  if (name == "streamid") {
    destination.streamid = value;
  } else if (name == "passphrase") {
    destination.passphrase = value;
  } else if (name == "latency") {
    const auto latency = parse_latency(value);
    if (!latency.has_value()) return base::error("latency: " + latency.error().message);
    destination.latency = *latency;
  } else if (name != "mode" || value != "caller") {
    return base::error(fmt::format("parameter {}={}: known are streamid, passphrase, latency and mode=caller", name, value));
  }
  return {};
}

base::Result<Destination> parse_srt(std::string_view rest) {
  const std::size_t question = rest.find('?');
  std::string_view place = rest.substr(0, question);
  if (place.ends_with('/')) place.remove_suffix(1);
  const auto authority = parse_authority(place);
  if (!authority.has_value()) return authority.error();
  if (!authority->port) return base::error("names no port; SRT has no usual one");
  SrtDestination destination{.host = authority->host, .port = *authority->port};
  std::string_view parameters = question == rest.npos ? "" : rest.substr(question + 1);
  while (!parameters.empty()) {
    const std::string_view pair = parameters.substr(0, parameters.find('&'));
    parameters.remove_prefix(std::min(parameters.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto set = set_parameter(destination, pair.substr(0, equals), percent_decoded(pair.substr(std::min(pair.size(), equals + 1))));
    if (!set.has_value()) return set.error();
  }
  return destination;
}

base::Result<Destination> parse_rtmp(std::string_view rest) {
  const std::size_t slash = rest.find('/');
  const auto authority = parse_authority(rest.substr(0, slash));
  if (!authority.has_value()) return authority.error();
  const std::string_view path = slash == rest.npos ? "" : rest.substr(slash + 1);
  const std::size_t second = path.find('/');
  if (second == path.npos || second == 0 || second + 1 == path.size())
    return base::error("must name application and key: rtmp://HOST/APP/KEY");
  RtmpDestination destination{
      .host = authority->host, .app = std::string{path.substr(0, second)}, .key = std::string{path.substr(second + 1)}};
  if (authority->port) destination.port = *authority->port;
  return destination;
}

std::string name_of(const char* scheme, const std::string& host, int port) {
  return host.find(':') == host.npos ? fmt::format("{}://{}:{}", scheme, host, port) : fmt::format("{}://[{}]:{}", scheme, host, port);
}

}  // namespace

base::Result<Destination> parse_destination(std::string_view url) {
  const std::size_t end = url.find("://");
  const std::string_view scheme = url.substr(0, end);
  if (end == url.npos || (scheme != "srt" && scheme != "rtmp"))
    return base::error(fmt::format("\"{}\": a feed sends to srt://HOST:PORT or rtmp://HOST/APP/KEY", url));
  const std::string_view rest = url.substr(end + 3);
  const auto destination = scheme == "srt" ? parse_srt(rest) : parse_rtmp(rest);
  if (!destination.has_value()) return base::error(fmt::format("\"{}\": {}", url, destination.error().message));
  return destination;
}

std::string name_of(const Destination& destination) {
  if (const auto* srt = std::get_if<SrtDestination>(&destination)) return name_of("srt", srt->host, srt->port);
  const auto& rtmp = std::get<RtmpDestination>(destination);
  return name_of("rtmp", rtmp.host, rtmp.port) + "/" + rtmp.app;
}

}  // namespace generators
