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

// What follows the first line.
base::Result<HlsLines> lines_of(std::string_view text) {
  if (text.size() > kLargestPlaylist) return base::error("the playlist is larger than 64 MiB");
  HlsLines lines{text};
  const auto first = lines.next();
  if (!first || first->tag != "EXTM3U" || first->number != 1) return base::error("line 1: a playlist must start with #EXTM3U");
  return lines;
}

// The first tag that only one kind may hold decides; the second kind's tags are then refused.
base::Result<Kind> kind_of(HlsLines lines) {
  std::optional<Kind> kind;
  while (const auto line = lines.next()) {
    const bool multivariant = is_multivariant_tag(line->tag);
    if (!multivariant && !is_in(kMediaTags, line->tag)) continue;
    const Kind here = multivariant ? Kind::kMultivariant : Kind::kMedia;
    if (kind.value_or(here) != here)
      return hls_error(*line, fmt::format("does not belong in a {} playlist", multivariant ? "media" : "multivariant"));
    kind = here;
  }
  if (!kind) return base::error("the playlist has neither EXT-X-STREAM-INF nor EXT-X-TARGETDURATION");
  return *kind;
}

}  // namespace

bool is_multivariant_tag(std::string_view tag) { return is_in(kMultivariantTags, tag); }

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
  const base::Result<HlsLines> lines = lines_of(text);
  if (!lines.has_value()) return lines.error();
  const base::Result<Kind> kind = kind_of(*lines);
  if (!kind.has_value()) return kind.error();
  if (*kind == Kind::kMultivariant) {
    auto all = read_multivariant(*lines);
    if (!all.has_value()) return all.error();
    return HlsPlaylist{std::move(*all)};
  }
  auto media = read_media_playlist(*lines, nullptr);
  if (!media.has_value()) return media.error();
  return HlsPlaylist{std::move(media->playlist)};
}

// A playlist that is sound is understood in one go; what is wrong with any other is said as parse_hls() says it.
base::Result<HlsReading> read_hls(const base::SharedText& text, const HlsReading* before) {
  const base::Result<HlsLines> lines = lines_of(text);
  if (!lines.has_value()) return lines.error();
  base::Result<HlsReading> reading = read_media_playlist(*lines, before);
  if (reading.has_value()) {
    reading->text = text;
    return reading;
  }
  const base::Result<HlsPlaylist> parsed = parse_hls(text);
  if (!parsed.has_value()) return parsed.error();
  return base::error("a media playlist was expected, a multivariant playlist came");
}

}  // namespace media
