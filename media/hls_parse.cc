#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "media/hls_readers.h"
#include "media/text_fields.h"
#include "media/unsupported.h"

namespace media {
namespace {

enum class Kind { kMultivariant, kMedia };

constexpr std::size_t kLargestPlaylist = 64u << 20;
constexpr std::array<std::string_view, 6> kMultivariantTags{"EXT-X-STREAM-INF",   "EXT-X-MEDIA",       "EXT-X-I-FRAME-STREAM-INF",
                                                            "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY", "EXT-X-CONTENT-STEERING"};
constexpr std::array<std::string_view, 4> kMediaTags{"EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-ENDLIST"};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

// The first tag that only one kind may hold decides; the second kind's tags are then refused.
base::Result<Kind> kind_of(HlsLines lines) {
  std::optional<Kind> kind;
  while (const auto line = lines.next()) {
    const bool multivariant = is_in(kMultivariantTags, line->tag);
    if (!multivariant && !is_in(kMediaTags, line->tag)) continue;
    const Kind here = multivariant ? Kind::kMultivariant : Kind::kMedia;
    if (kind.value_or(here) != here)
      return hls_error(*line, fmt::format("does not belong in a {} playlist", multivariant ? "media" : "multivariant"));
    kind = here;
  }
  if (!kind) return base::error("the playlist has neither EXT-X-STREAM-INF nor EXT-X-TARGETDURATION");
  return *kind;
}

template <class T>
base::Result<HlsPlaylist> as_playlist(base::Result<T> read) {
  if (!read.has_value()) return read.error();
  return HlsPlaylist{std::move(*read)};
}

}  // namespace

base::Error hls_error(const HlsLine& line, const std::string& problem) {
  return base::error(fmt::format("line {}: {}: {}", line.number, line.tag.empty() ? "URI" : line.tag.substr(0, 64), problem));
}

std::optional<base::Error> unsupported_tag(const HlsLine& line) {
  if (line.tag == "EXT-X-KEY" || line.tag == "EXT-X-SESSION-KEY") {
    const auto list = AttributeList::parse(line.value);
    if (!list.has_value()) return hls_error(line, list.error().message);
    const std::string_view method = list->text("METHOD").substr(0, 64);
    if (method.empty()) return hls_error(line, "METHOD is missing");
    if (method == "NONE") return std::nullopt;
    return unsupported(fmt::format("the stream is encrypted ({} METHOD={}, line {})", line.tag, method, line.number));
  }
  if (line.tag == "EXT-X-DEFINE") return unsupported(fmt::format("the playlist uses variables (EXT-X-DEFINE, line {})", line.number));
  if (line.tag == "EXT-X-I-FRAMES-ONLY")
    return unsupported(fmt::format("the playlist is for trick play (EXT-X-I-FRAMES-ONLY, line {})", line.number));
  return std::nullopt;
}

base::Result<HlsPlaylist> parse_hls(std::string_view text) {
  if (text.size() > kLargestPlaylist) return base::error("the playlist is larger than 64 MiB");
  HlsLines lines{text};
  const auto first = lines.next();
  if (!first || first->tag != "EXTM3U" || first->number != 1) return base::error("line 1: a playlist must start with #EXTM3U");
  const base::Result<Kind> kind = kind_of(lines);
  if (!kind.has_value()) return kind.error();
  if (*kind == Kind::kMultivariant) return as_playlist(read_multivariant(lines));
  return as_playlist(read_media_playlist(lines));
}

}  // namespace media
