#include "server/package/forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/ensure.h"
#include "media/url.h"
#include "server/package/stream_limits.h"

namespace server {
namespace {

constexpr std::string_view kSrtScheme = "srt://", kRtmpScheme = "rtmp://";
constexpr int kRtmpPort = 1935;
constexpr int kMostSrtLatency = 60'000;           // ms
constexpr std::size_t kLongestSrtStreamid = 512;  // SRTO_STREAMID
constexpr std::size_t kLongestRtmpKey = 1024;

std::optional<int> whole_number_of(std::string_view text) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::string address_of(const ForwardUrl& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", url.host, v6 ? "]" : "", url.port);
}

base::Error wrong_url(const std::string& what) { return base::error(fmt::format("{}; write {}", what, kForwardUrlForm)); }

base::Result<void> read_srt_field(std::string_view field, ForwardUrl& to) {
  const std::size_t equals = field.find('=');
  const std::string_view name = field.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
  if (name == "streamid") {
    to.streamid = media::percent_decode(value);
    if (to.streamid.size() > kLongestSrtStreamid) return wrong_url("has a streamid of more than 512 bytes");
  } else if (name == "latency") {
    const auto millis = whole_number_of(value);
    if (!millis || *millis < 0 || *millis > kMostSrtLatency) return wrong_url("has a latency that is not 0 to 60000 milliseconds");
    to.latency_ms = *millis;
  } else if (name == "passphrase") {
    return wrong_url("has a passphrase, which has a field of its own");
  } else if (name != "mode" || value != "caller") {
    return wrong_url("has parameters beside streamid and latency");
  }
  return {};
}

base::Result<ForwardUrl> read_srt(const media::Url& parsed, bool names_port) {
  if (!names_port) return wrong_url("names no port");
  if (parsed.path != "/" && !parsed.path.empty()) return wrong_url("has a path; the stream stands in the streamid");
  ForwardUrl to{.protocol = ForwardProtocol::kSrt, .host = parsed.host, .port = parsed.port};
  for (std::string_view query = parsed.query; !query.empty();) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (const auto read = read_srt_field(query.substr(0, end), to); read.has_error()) return read.error();
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return to;
}

base::Result<ForwardUrl> read_rtmp(const media::Url& parsed, bool names_port) {
  ForwardUrl to{.protocol = ForwardProtocol::kRtmp, .host = parsed.host, .port = names_port ? parsed.port : kRtmpPort};
  const std::size_t slash = parsed.path.rfind('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == parsed.path.size()) return wrong_url("names no application and key");
  to.app = parsed.path.substr(1, slash - 1);
  to.key = parsed.path.substr(slash + 1) + (parsed.query.empty() ? "" : "?" + parsed.query);
  if (to.key.size() > kLongestRtmpKey || to.app.size() > kLongestRtmpKey) return wrong_url("has a part of more than 1024 bytes");
  return to;
}

}  // namespace

const char* to_text(ForwardWhat what) {
  switch (what) {
    case ForwardWhat::kOutput:
      return "output";
    case ForwardWhat::kPrimary:
      return "primary";
    case ForwardWhat::kBackup:
      return "backup";
  }
  ENSURE(false);
  return "";
}

const char* to_text(ForwardState state) {
  switch (state) {
    case ForwardState::kStopped:
      return "stopped";
    case ForwardState::kWaiting:
      return "waiting";
    case ForwardState::kConnecting:
      return "connecting";
    case ForwardState::kSending:
      return "sending";
    case ForwardState::kRetrying:
      return "retrying";
  }
  ENSURE(false);
  return "";
}

base::Result<ForwardUrl> parse_forward_url(const std::string& url) {
  const bool rtmp = url.starts_with(kRtmpScheme);
  if (!rtmp && !url.starts_with(kSrtScheme)) return wrong_url("begins with neither srt:// nor rtmp://");
  const std::string_view rest = std::string_view{url}.substr(rtmp ? kRtmpScheme.size() : kSrtScheme.size());
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '#' || c == 0x7f) return wrong_url("holds a blank, a control character or a '#'");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return wrong_url("has a user in front of the host");
  const base::Result<media::Url> parsed = media::parse_url("http://" + std::string{rest});
  if (parsed.has_error() || parsed->host.empty()) return wrong_url("is not a URL with a host");
  const std::size_t colon = authority.rfind(':');
  const bool names_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  return rtmp ? read_rtmp(*parsed, names_port) : read_srt(*parsed, names_port);
}

base::Result<void> check_forward(const ForwardSpec& spec, bool has_backup) {
  if (!is_stream_name(spec.name)) return base::error(fmt::format("name: '{}' is not 1 to 64 of the characters a-z, 0-9 and -", spec.name));
  const auto url = parse_forward_url(spec.url);
  if (url.has_error()) return base::error("url: " + url.error().message);
  if (!spec.passphrase.empty() && url->protocol != ForwardProtocol::kSrt) return base::error("passphrase: is for SRT");
  if (!is_passphrase(spec.passphrase))
    return base::error(
        fmt::format("passphrase: has {} characters; SRT wants {} to {}", spec.passphrase.size(), kShortestPassphrase, kLongestPassphrase));
  if (spec.what == ForwardWhat::kBackup && !has_backup) return base::error("what: the stream has no backup source");
  return {};
}

std::string without_key(const ForwardUrl& url) {
  if (url.protocol == ForwardProtocol::kSrt) return "srt://" + address_of(url);
  return fmt::format("rtmp://{}/{}/…", address_of(url), url.app);
}

}  // namespace server
