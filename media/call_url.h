// URLs of whom to call over SRT or RTMP. Pure. Errors are the rest of a sentence about the URL and do not show it: it may hold a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace media {

struct CallUrl {
  std::string host;         // without brackets
  std::optional<int> port;  // nothing: the URL names none
  std::string path;         // with a leading slash
  std::string query;        // without the question mark
};

// `rest` is what stands behind "srt://" or "rtmp://".
base::Result<CallUrl> parse_call_url(std::string_view rest);

struct SrtUrl {
  std::string host;  // without brackets
  int port = 0;
  std::string streamid{};
  int latency_ms = 120;  // SRTO_LATENCY's default
};

inline constexpr std::string_view kSrtScheme = "srt://";
inline constexpr std::string_view kSrtUrlForm = "srt://HOST:PORT?streamid=…";

// srt://HOST:PORT[?streamid=…&latency=MILLISECONDS&mode=caller], percent-encoded.
base::Result<SrtUrl> parse_srt_url(std::string_view url);

}  // namespace media
