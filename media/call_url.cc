#include "media/call_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/text_fields.h"
#include "media/url.h"

namespace media {
namespace {

constexpr std::int64_t kMostSrtLatency = 60'000;  // ms. Our choice: viewers wait for it, too
constexpr std::size_t kLongestStreamid = 512;     // SRTO_STREAMID

base::Result<void> read_field(std::string_view field, SrtUrl& to) {
  const std::size_t equals = std::min(field.find('='), field.size());
  const std::string_view name = field.substr(0, equals), value = field.substr(std::min(equals + 1, field.size()));
  if (name == "streamid") {
    to.streamid = percent_decode(value);
    if (to.streamid.size() > kLongestStreamid) return base::error(fmt::format("has a streamid of more than {} bytes", kLongestStreamid));
  } else if (name == "latency") {
    const auto millis = parse_whole(value);
    if (!millis || *millis > kMostSrtLatency)
      return base::error(fmt::format("has a latency that is not 0 to {} milliseconds", kMostSrtLatency));
    to.latency_ms = static_cast<int>(*millis);
  } else if (name == "passphrase") {
    return base::error("has a passphrase, which has a field of its own");
  } else if (name != "mode" || value != "caller") {
    return base::error("has parameters beside streamid and latency");
  }
  return {};
}

}  // namespace

base::Result<CallUrl> parse_call_url(std::string_view rest) {
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '#' || c == 0x7f) return base::error("holds a blank, a control character or a '#'");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return base::error("has a user in front of the host");
  const base::Result<Url> parsed = parse_url("http://" + std::string{rest});
  if (parsed.has_error() || parsed->host.empty()) return base::error("is not a URL with a host");
  const std::size_t colon = authority.rfind(':');
  const bool names_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  return CallUrl{
      .host = parsed->host, .port = names_port ? std::optional{parsed->port} : std::nullopt, .path = parsed->path, .query = parsed->query};
}

base::Result<SrtUrl> parse_srt_url(std::string_view url) {
  if (!url.starts_with(kSrtScheme)) return base::error(fmt::format("does not begin with {}", kSrtScheme));
  const auto call = parse_call_url(url.substr(kSrtScheme.size()));
  if (call.has_error()) return call.error();
  if (!call->port) return base::error("names no port");
  if (call->path != "/" && !call->path.empty()) return base::error("has a path; the stream stands in the streamid");
  SrtUrl to{.host = call->host, .port = *call->port};
  for (std::string_view query = call->query; !query.empty();) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (const auto read = read_field(query.substr(0, end), to); read.has_error()) return read.error();
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return to;
}

}  // namespace media
