#include <fmt/format.h>

#include <algorithm>

#include "media/hls.h"
#include "media/text_fields.h"

namespace media {
namespace {

constexpr std::size_t kFractionDigits = 3;

// A quoted string cannot hold quotes or line breaks (RFC 8216bis, 4.2).
std::string quoted(std::string_view text) {
  std::string out{text};
  std::replace(out.begin(), out.end(), '"', '\'');
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return '"' + out + '"';
}

std::string attribute(std::string_view name, std::string_view text) {
  return text.empty() ? "" : fmt::format(",{}={}", name, quoted(text));
}

std::string head(int version, bool independent_segments) {
  return "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(version) + (independent_segments ? "\n#EXT-X-INDEPENDENT-SEGMENTS\n" : "\n");
}

std::string text_of(const HlsRendition& rendition) {
  return fmt::format("#EXT-X-MEDIA:TYPE={},GROUP-ID={},NAME={}{}{}{}{}{}\n", rendition.type, quoted(rendition.group),
                     quoted(rendition.name), attribute("LANGUAGE", rendition.language), rendition.is_default ? ",DEFAULT=YES" : "",
                     rendition.autoselect ? ",AUTOSELECT=YES" : "",
                     rendition.channels > 0 ? fmt::format(",CHANNELS=\"{}\"", rendition.channels) : "", attribute("URI", rendition.uri));
}

std::string text_of(const HlsVariant& variant) {
  std::string out = fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={}", variant.bandwidth.bps());
  if (variant.average_bandwidth) out += fmt::format(",AVERAGE-BANDWIDTH={}", variant.average_bandwidth->bps());
  out += attribute("CODECS", variant.codecs);
  if (variant.width > 0 || variant.height > 0) out += fmt::format(",RESOLUTION={}x{}", variant.width, variant.height);
  if (variant.frame_rate > 0) out += fmt::format(",FRAME-RATE={:.3f}", variant.frame_rate);
  return out + attribute("AUDIO", variant.audio_group) + "\n" + variant.uri + "\n";
}

std::string server_control(const HlsMediaPlaylist& playlist) {
  std::vector<std::string> list;
  if (playlist.can_block_reload) list.emplace_back("CAN-BLOCK-RELOAD=YES");
  if (playlist.hold_back) list.push_back("HOLD-BACK=" + to_decimal_seconds(*playlist.hold_back, kFractionDigits));
  return fmt::format("{}", fmt::join(list, ","));
}

// One line.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  (out += ... += parts) += '\n';
}

}  // namespace

std::string write_hls_head(const HlsMediaPlaylist& playlist) {
  std::string out = head(playlist.version, playlist.independent_segments);
  append(out, "#EXT-X-TARGETDURATION:", std::to_string(std::chrono::ceil<std::chrono::seconds>(playlist.target_duration).count()));
  if (playlist.can_block_reload || playlist.hold_back) append(out, "#EXT-X-SERVER-CONTROL:", server_control(playlist));
  append(out, "#EXT-X-MEDIA-SEQUENCE:", std::to_string(playlist.media_sequence));
  if (playlist.discontinuity_sequence > 0) append(out, "#EXT-X-DISCONTINUITY-SEQUENCE:", std::to_string(playlist.discontinuity_sequence));
  if (!playlist.playlist_type.empty()) append(out, "#EXT-X-PLAYLIST-TYPE:", playlist.playlist_type);
  return out;
}

std::string write_hls(const HlsInit& init) {
  if (!init.range) return fmt::format("#EXT-X-MAP:URI={}\n", quoted(init.uri));
  return fmt::format("#EXT-X-MAP:URI={},BYTERANGE=\"{}@{}\"\n", quoted(init.uri), init.range->length, init.range->offset);
}

std::string write_hls(const HlsSegment& segment) {
  std::string out;
  if (segment.program_date_time) append(out, "#EXT-X-PROGRAM-DATE-TIME:", to_utc_text(*segment.program_date_time));
  if (segment.gap) append(out, "#EXT-X-GAP");
  if (segment.range) append(out, "#EXT-X-BYTERANGE:", std::to_string(segment.range->length), '@', std::to_string(segment.range->offset));
  append(out, "#EXTINF:", to_decimal_seconds(segment.duration, kFractionDigits), ',');
  append(out, segment.uri);
  return out;
}

std::string write_hls(const HlsMultivariantPlaylist& playlist) {
  std::string out = head(playlist.version, playlist.independent_segments);
  for (const HlsRendition& rendition : playlist.renditions) out += text_of(rendition);
  for (const HlsVariant& variant : playlist.variants) out += text_of(variant);
  return out;
}

// EXT-X-MAP stays in force until the next one, so it is written where it changes.
std::string write_hls(const HlsMediaPlaylist& playlist) {
  std::string out = write_hls_head(playlist);
  const HlsInit* in_force = nullptr;
  for (const HlsSegment& segment : playlist.segments) {
    if (segment.discontinuity) append(out, "#EXT-X-DISCONTINUITY");
    if (segment.init && (in_force == nullptr || *in_force != *segment.init)) out += write_hls(*segment.init);
    if (segment.init) in_force = &*segment.init;
    out += write_hls(segment);
  }
  if (playlist.ended) out += "#EXT-X-ENDLIST\n";
  return out;
}

}  // namespace media
