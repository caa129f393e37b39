#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "media/hls_readers.h"
#include "media/text_fields.h"

namespace media {
namespace {

constexpr std::size_t kMostEntries = 10'000;

std::optional<base::Bitrate> parse_bandwidth(std::string_view text) {
  const auto bits = parse_whole(text);
  if (!bits || *bits == 0) return std::nullopt;
  return base::Bitrate::bits_per_second(*bits);
}

// "1280x720".
bool read_resolution(std::string_view text, HlsVariant& variant) {
  const auto cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  const auto width = parse_whole(text.substr(0, cross)), height = parse_whole(text.substr(cross + 1));
  if (!width || !height || *width > kLargestPicture || *height > kLargestPicture) return false;
  variant.width = static_cast<int>(*width);
  variant.height = static_cast<int>(*height);
  return true;
}

std::optional<double> parse_frame_rate(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1000)) return std::nullopt;
  return std::round(value * 1000) / 1000;
}

class MultivariantReader {
 public:
  base::Result<HlsMultivariantPlaylist> read(HlsLines lines);

 private:
  HlsProblem apply(const HlsLine& line);
  HlsProblem version(std::string_view value);
  HlsProblem rendition(std::string_view value);
  HlsProblem variant(std::string_view value);
  HlsProblem uri(std::string_view value);
  HlsMultivariantPlaylist playlist_;
  std::optional<HlsVariant> pending_;  // waits for its URI
  HlsLine pending_line_;
};

HlsProblem MultivariantReader::version(std::string_view value) {
  const auto number = parse_whole(value);
  if (!number || *number < 1 || *number > 1000) return fmt::format("\"{}\" is not a version number", value);
  playlist_.version = static_cast<int>(*number);
  return std::nullopt;
}

HlsProblem MultivariantReader::rendition(std::string_view value) {
  const auto list = AttributeList::parse(value);
  if (!list.has_value()) return list.error().message;
  for (const char* name : {"TYPE", "GROUP-ID", "NAME"})
    if (list->text(name).empty()) return fmt::format("{} is missing", name);
  const auto channels = list->text("CHANNELS").substr(0, list->text("CHANNELS").find('/'));
  const auto count = channels.empty() ? 0 : parse_whole(channels);
  if (!count || *count > 1024) return fmt::format("CHANNELS=\"{}\" does not start with a number of channels", channels);
  playlist_.renditions.push_back({.type = std::string{list->text("TYPE")},
                                  .group = std::string{list->text("GROUP-ID")},
                                  .name = std::string{list->text("NAME")},
                                  .language = std::string{list->text("LANGUAGE")},
                                  .uri = std::string{list->text("URI")},
                                  .channels = static_cast<int>(*count),
                                  .is_default = list->is_yes("DEFAULT"),
                                  .autoselect = list->is_yes("AUTOSELECT")});
  return std::nullopt;
}

HlsProblem MultivariantReader::variant(std::string_view value) {
  if (pending_) return fmt::format("the variant of line {} has no URI", pending_line_.number);
  const auto list = AttributeList::parse(value);
  if (!list.has_value()) return list.error().message;
  const auto bandwidth = parse_bandwidth(list->text("BANDWIDTH"));
  if (!bandwidth) return fmt::format("BANDWIDTH must be a positive number of bits per second, not \"{}\"", list->text("BANDWIDTH"));
  HlsVariant read;
  read.bandwidth = *bandwidth;
  read.codecs = std::string{list->text("CODECS")};
  read.audio_group = std::string{list->text("AUDIO")};
  if (const auto average = list->find("AVERAGE-BANDWIDTH")) {
    read.average_bandwidth = parse_bandwidth(*average);
    if (!read.average_bandwidth) return fmt::format("AVERAGE-BANDWIDTH=\"{}\" is not a number of bits per second", *average);
  }
  if (const auto size = list->find("RESOLUTION"); size && !read_resolution(*size, read))
    return fmt::format("RESOLUTION={} is not like 1280x720", *size);
  if (const auto rate = list->find("FRAME-RATE")) {
    const auto frames = parse_frame_rate(*rate);
    if (!frames) return fmt::format("FRAME-RATE={} is not a number of frames per second", *rate);
    read.frame_rate = *frames;
  }
  pending_ = std::move(read);
  return std::nullopt;
}

HlsProblem MultivariantReader::uri(std::string_view value) {
  if (!pending_) return "no EXT-X-STREAM-INF before it";
  pending_->uri = std::string{value};
  playlist_.variants.push_back(std::move(*pending_));
  pending_.reset();
  return std::nullopt;
}

HlsProblem MultivariantReader::apply(const HlsLine& line) {
  if (line.tag.empty()) return uri(line.value);
  if (line.tag == "EXT-X-VERSION") return version(line.value);
  if (line.tag == "EXT-X-MEDIA") return rendition(line.value);
  if (line.tag == "EXT-X-STREAM-INF") {
    const HlsProblem problem = variant(line.value);
    pending_line_ = line;
    return problem;
  }
  if (line.tag == "EXT-X-INDEPENDENT-SEGMENTS") playlist_.independent_segments = true;
  return std::nullopt;
}

base::Result<HlsMultivariantPlaylist> MultivariantReader::read(HlsLines lines) {
  playlist_.version = 1;
  while (const auto line = lines.next()) {
    if (auto refusal = unsupported_tag(*line)) return *std::move(refusal);
    if (const HlsProblem problem = apply(*line)) return hls_error(*line, *problem);
    if (playlist_.variants.size() + playlist_.renditions.size() > kMostEntries)
      return hls_error(*line, fmt::format("more than {} variants and renditions", kMostEntries));
  }
  if (pending_) return hls_error(pending_line_, "no URI follows");
  if (playlist_.variants.empty()) return base::error("the multivariant playlist has no EXT-X-STREAM-INF");
  return std::move(playlist_);
}

}  // namespace

base::Result<HlsMultivariantPlaylist> read_multivariant(HlsLines lines) { return MultivariantReader{}.read(lines); }

}  // namespace media
