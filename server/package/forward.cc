#include "server/package/forward.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/ensure.h"
#include "media/call_url.h"
#include "server/package/stream_limits.h"

namespace server {
namespace {

constexpr std::string_view kRtmpScheme = "rtmp://";
constexpr int kRtmpPort = 1935;
constexpr std::size_t kLongestRtmpKey = 1024;

std::string address_of(const ForwardUrl& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", url.host, v6 ? "]" : "", url.port);
}

base::Error wrong_url(const std::string& what) { return base::error(fmt::format("{}; write {}", what, kForwardUrlForm)); }

base::Result<ForwardUrl> read_srt(const std::string& url) {
  auto srt = media::parse_srt_url(url);
  if (srt.has_error()) return wrong_url(srt.error().message);
  return ForwardUrl{.protocol = ForwardProtocol::kSrt,
                    .host = std::move(srt->host),
                    .port = srt->port,
                    .streamid = std::move(srt->streamid),
                    .latency_ms = srt->latency_ms};
}

base::Result<ForwardUrl> read_rtmp(const std::string& url) {
  const auto call = media::parse_call_url(std::string_view{url}.substr(kRtmpScheme.size()));
  if (call.has_error()) return wrong_url(call.error().message);
  ForwardUrl to{.protocol = ForwardProtocol::kRtmp, .host = call->host, .port = call->port.value_or(kRtmpPort)};
  const std::size_t slash = call->path.rfind('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == call->path.size()) return wrong_url("names no application and key");
  to.app = call->path.substr(1, slash - 1);
  to.key = call->path.substr(slash + 1) + (call->query.empty() ? "" : "?" + call->query);
  if (to.key.size() > kLongestRtmpKey || to.app.size() > kLongestRtmpKey)
    return wrong_url(fmt::format("has a part of more than {} bytes", kLongestRtmpKey));
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
  if (url.starts_with(media::kSrtScheme)) return read_srt(url);
  if (url.starts_with(kRtmpScheme)) return read_rtmp(url);
  return wrong_url("begins with neither srt:// nor rtmp://");
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
