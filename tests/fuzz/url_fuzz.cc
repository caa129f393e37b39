// Any bytes as a URL, as a reference from a playlist, and as whom to call over SRT.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/call_url.h"
#include "media/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto url = media::parse_url(text);
  ENSURE(url.has_value() ? url->path.starts_with('/') && !url->host.empty() && url->port > 0 : !url.error().message.empty());
  ENSURE(media::percent_decode(text).size() <= size);
  const std::string once = media::resolve_url("https://host.example/live/a/playlist.m3u8?token=t", text);
  const auto absolute = media::parse_url(once);
  if (absolute.has_value()) ENSURE(media::resolve_url("http://other.example/b/", once) == once);
  media::resolve_url(text, "../x/./y?z");
  const auto srt = media::parse_srt_url("srt://" + std::string{text});
  if (srt.has_value()) ENSURE(!srt->host.empty() && srt->port > 0 && srt->streamid.size() <= 512 && srt->latency_ms >= 0);
  return 0;
}
