#include <fmt/format.h>

#include <array>
#include <utility>

#include "media/hls_readers.h"
#include "media/text_fields.h"

namespace media {
namespace {

// Every segment carries the EXT-X-MAP in force, so one long URI could be copied 200,000 times.
constexpr std::size_t kMostInitBytes = 64u << 20;

struct WrittenRange {
  std::int64_t length = 0;
  std::optional<std::int64_t> offset;
};

// "1024@512" or "1024".
std::optional<WrittenRange> parse_range(std::string_view text) {
  const auto at = text.find('@');
  const auto length = parse_whole(text.substr(0, at));
  if (!length || *length == 0) return std::nullopt;
  if (at == std::string_view::npos) return WrittenRange{.length = *length, .offset = std::nullopt};
  const auto offset = parse_whole(text.substr(at + 1));
  if (!offset || *offset > INT64_MAX - *length) return std::nullopt;
  return WrittenRange{.length = *length, .offset = offset};
}

std::string not_a_range(std::string_view text) { return fmt::format("\"{}\" is not a byte range such as 1024@0", text); }

// All that a head says; the segments go without.
HlsMediaPlaylist without_segments(const HlsMediaPlaylist& playlist) {
  return {.version = playlist.version,
          .target_duration = playlist.target_duration,
          .media_sequence = playlist.media_sequence,
          .discontinuity_sequence = playlist.discontinuity_sequence,
          .independent_segments = playlist.independent_segments,
          .ended = playlist.ended,
          .playlist_type = playlist.playlist_type,
          .hold_back = playlist.hold_back,
          .can_block_reload = playlist.can_block_reload,
          .segments = {}};
}

base::Duration rounded_up(base::Duration duration) { return std::chrono::ceil<std::chrono::seconds>(duration); }

// Collects the tags that describe the next segment in `next_`; its URI completes it.
class MediaReader {
 public:
  explicit MediaReader(const HlsReading* before) : before_{before} {}
  base::Result<HlsReading> read(HlsLines lines);

 private:
  HlsProblem apply(const HlsLine& line);
  HlsProblem version(std::string_view value);
  HlsProblem target_duration(std::string_view value);
  HlsProblem media_sequence(std::string_view value);
  HlsProblem discontinuity_sequence(std::string_view value);
  HlsProblem playlist_type(std::string_view value);
  HlsProblem server_control(std::string_view value);
  HlsProblem duration(std::string_view value);
  HlsProblem range(std::string_view value);
  HlsProblem program_date_time(std::string_view value);
  HlsProblem map(std::string_view value);
  HlsProblem independent_segments(std::string_view) { return playlist_.independent_segments = true, std::nullopt; }
  HlsProblem end_list(std::string_view) { return playlist_.ended = true, std::nullopt; }
  HlsProblem discontinuity(std::string_view) { return next_.discontinuity = true, std::nullopt; }
  HlsProblem gap(std::string_view) { return next_.gap = true, std::nullopt; }
  HlsProblem skip(std::string_view) { return "a delta update, which was not asked for"; }
  HlsProblem uri(std::string_view value);
  HlsProblem place_range(std::string_view uri);
  void take_over_head(HlsLines& lines);
  void measure_head(const HlsLines& lines, const HlsLine& line);
  void take_over(HlsLines& lines);
  HlsProblem no_room(const std::optional<HlsInit>& init) const;

  struct Handler {
    std::string_view tag;
    HlsProblem (MediaReader::*apply)(std::string_view value);
    bool of_segment = false;  // it concerns the next segment and no other
  };
  static const std::array<Handler, 15> kHandlers;

  const HlsReading* before_;
  HlsMediaPlaylist playlist_;
  std::vector<HlsReading::Lines> lines_;
  HlsReading::Lines next_lines_;
  HlsReading::Head head_;
  enum class Concern { kNothing, kAll, kSegment };
  Concern concern_ = Concern::kNothing;  // of the line applied last
  bool head_is_over_ = false;            // a line of the first segment has come
  bool has_head_ = true;                 // and behind it nothing that concerns all
  HlsSegment next_;
  bool has_duration_ = false;
  HlsLine duration_line_;
  std::optional<WrittenRange> next_range_;
  std::optional<HlsInit> init_;
  std::size_t init_bytes_ = 0;
};

const std::array<MediaReader::Handler, 15> MediaReader::kHandlers{{
    {"EXTINF", &MediaReader::duration, true},
    {"EXT-X-BYTERANGE", &MediaReader::range, true},
    {"EXT-X-PROGRAM-DATE-TIME", &MediaReader::program_date_time, true},
    {"EXT-X-DISCONTINUITY", &MediaReader::discontinuity, true},
    {"EXT-X-GAP", &MediaReader::gap, true},
    {"EXT-X-MAP", &MediaReader::map, true},
    {"EXT-X-VERSION", &MediaReader::version},
    {"EXT-X-TARGETDURATION", &MediaReader::target_duration},
    {"EXT-X-MEDIA-SEQUENCE", &MediaReader::media_sequence},
    {"EXT-X-DISCONTINUITY-SEQUENCE", &MediaReader::discontinuity_sequence},
    {"EXT-X-PLAYLIST-TYPE", &MediaReader::playlist_type},
    {"EXT-X-SERVER-CONTROL", &MediaReader::server_control},
    {"EXT-X-INDEPENDENT-SEGMENTS", &MediaReader::independent_segments},
    {"EXT-X-ENDLIST", &MediaReader::end_list},
    {"EXT-X-SKIP", &MediaReader::skip},
}};

HlsProblem MediaReader::version(std::string_view value) {
  const auto number = parse_whole(value);
  if (!number || *number < 1 || *number > 1000) return fmt::format("\"{}\" is not a version number", value);
  playlist_.version = static_cast<int>(*number);
  return std::nullopt;
}

// The tag holds whole seconds (RFC 8216bis, 4.4.3.1); a fraction, which some packagers write, counts as the next whole second.
HlsProblem MediaReader::target_duration(std::string_view value) {
  const auto seconds = parse_decimal_seconds(value);
  if (!seconds || *seconds <= base::Duration::zero()) return fmt::format("\"{}\" is not a positive number of seconds", value);
  playlist_.target_duration = rounded_up(*seconds);
  return std::nullopt;
}

HlsProblem MediaReader::media_sequence(std::string_view value) {
  const auto number = parse_whole(value);
  if (!number || *number > INT64_MAX - kMostSegments) return fmt::format("\"{}\" is not a sequence number", value);
  playlist_.media_sequence = *number;
  return std::nullopt;
}

HlsProblem MediaReader::discontinuity_sequence(std::string_view value) {
  const auto number = parse_whole(value);
  if (!number || *number > INT64_MAX - kMostSegments) return fmt::format("\"{}\" is not a sequence number", value);
  playlist_.discontinuity_sequence = *number;
  return std::nullopt;
}

HlsProblem MediaReader::playlist_type(std::string_view value) {
  if (value != "VOD" && value != "EVENT") return fmt::format("\"{}\" is neither VOD nor EVENT", value);
  playlist_.playlist_type = std::string{value};
  return std::nullopt;
}

HlsProblem MediaReader::server_control(std::string_view value) {
  const auto list = AttributeList::parse(value);
  if (!list.has_value()) return list.error().message;
  playlist_.can_block_reload = list->find("CAN-BLOCK-RELOAD") == "YES";
  const auto written = list->find("HOLD-BACK");
  if (!written) return std::nullopt;
  playlist_.hold_back = parse_decimal_seconds(*written);
  if (!playlist_.hold_back) return fmt::format("HOLD-BACK={} is not a number of seconds", *written);
  return std::nullopt;
}

// "6.006,title"; the title is of no use to a player.
HlsProblem MediaReader::duration(std::string_view value) {
  if (has_duration_) return fmt::format("the segment of line {} has no URI", duration_line_.number);
  const std::string_view number = trimmed(value.substr(0, value.find(',')));
  const auto seconds = parse_decimal_seconds(number);
  if (!seconds) return fmt::format("\"{}\" is not a number of seconds", number);
  next_.duration = *seconds;
  has_duration_ = true;
  return std::nullopt;
}

HlsProblem MediaReader::range(std::string_view value) {
  next_range_ = parse_range(value);
  return next_range_ ? HlsProblem{} : not_a_range(value);
}

HlsProblem MediaReader::program_date_time(std::string_view value) {
  const auto time = parse_utc(value);
  if (!time.has_value()) return time.error().message;
  next_.program_date_time = *time;
  return std::nullopt;
}

HlsProblem MediaReader::map(std::string_view value) {
  const auto list = AttributeList::parse(value);
  if (!list.has_value()) return list.error().message;
  if (list->text("URI").empty()) return "URI is missing";
  HlsInit init{.uri = std::string{list->text("URI")}, .range = std::nullopt};
  if (const auto written = list->find("BYTERANGE")) {
    const auto range = parse_range(*written);
    if (!range) return not_a_range(*written);
    init.range = ByteRange{.offset = range->offset.value_or(0), .length = range->length};
  }
  init_ = std::move(init);
  next_lines_.has_map = true;
  return std::nullopt;
}

// A range without an offset starts where the previous one of the same file ends.
HlsProblem MediaReader::place_range(std::string_view uri) {
  if (!next_range_) return std::nullopt;
  if (!next_range_->offset) {
    const HlsSegment* last = playlist_.segments.empty() ? nullptr : &playlist_.segments.back();
    if (last == nullptr || !last->range || last->uri != uri)
      return "its EXT-X-BYTERANGE has no offset and follows no range of the same file";
    next_lines_.alone = false;
    next_range_->offset = last->range->offset + last->range->length;
    if (*next_range_->offset > INT64_MAX - next_range_->length) return "its EXT-X-BYTERANGE ends beyond any file";
  }
  next_.range = ByteRange{.offset = *next_range_->offset, .length = next_range_->length};
  return std::nullopt;
}

// For a segment more, of this init.
HlsProblem MediaReader::no_room(const std::optional<HlsInit>& init) const {
  if (init && init_bytes_ + init->uri.size() > kMostInitBytes) return "the URI of EXT-X-MAP is too long for so many segments";
  if (std::ssize(playlist_.segments) == kMostSegments) return fmt::format("more than {} segments", kMostSegments);
  return std::nullopt;
}

HlsProblem MediaReader::uri(std::string_view value) {
  if (!has_duration_) return "no EXTINF before it";
  if (HlsProblem problem = place_range(value)) return problem;
  if (HlsProblem problem = no_room(init_)) return problem;
  if (init_) init_bytes_ += init_->uri.size();
  next_.uri = std::string{value};
  next_.init = init_;
  playlist_.segments.push_back(std::move(next_));
  next_ = HlsSegment{};
  next_range_.reset();
  has_duration_ = false;
  return std::nullopt;
}

HlsProblem MediaReader::apply(const HlsLine& line) {
  concern_ = Concern::kSegment;
  if (line.tag.empty()) return uri(line.value);
  for (const Handler& handler : kHandlers)
    if (handler.tag == line.tag) {
      HlsProblem problem = (this->*handler.apply)(line.value);
      if (line.tag == "EXTINF") duration_line_ = line;
      if (!handler.of_segment) next_lines_.alone = false;
      concern_ = handler.of_segment && (line.tag != "EXT-X-MAP" || !lines_.empty()) ? Concern::kSegment : Concern::kAll;
      return problem;
    }
  concern_ = Concern::kNothing;
  return is_multivariant_tag(line.tag) ? HlsProblem{"does not belong in a media playlist"} : std::nullopt;
}

// A head is known again where nothing that comes later concerns what it says, and only where it is written as most are: with one number.
void MediaReader::measure_head(const HlsLines& lines, const HlsLine& line) {
  if (concern_ == Concern::kSegment) head_is_over_ = true;
  if (concern_ != Concern::kAll) return;
  const bool numbers = line.tag == "EXT-X-MEDIA-SEQUENCE";
  if (head_is_over_ || (numbers && head_.digits != 0)) has_head_ = false;
  head_.end = static_cast<std::uint32_t>(lines.offset());
  head_.last_number = static_cast<std::uint32_t>(lines.number());
  if (!numbers) return;
  head_.digits = static_cast<std::uint32_t>(lines.offset_of(line.value));
  head_.digits_end = head_.digits + static_cast<std::uint32_t>(line.value.size());
}

// The same bytes around another number say the same but for the number. Requires: nothing was taken from `lines` since their first.
void MediaReader::take_over_head(HlsLines& lines) {
  head_.begin = static_cast<std::uint32_t>(lines.offset());
  if (before_ == nullptr || before_->head.end == 0) return;
  const HlsReading::Head& known = before_->head;
  const std::string_view text = before_->text, rest = lines.rest();
  const std::string_view front = text.substr(known.begin, known.digits - known.begin);
  const std::string_view back = text.substr(known.digits_end, known.end - known.digits_end);
  if (!back.ends_with('\n') || !rest.starts_with(front)) return;
  const std::size_t end = std::min(rest.find_first_not_of("0123456789", front.size()), rest.size());
  if (!rest.substr(end).starts_with(back)) return;
  if (media_sequence(rest.substr(front.size(), end - front.size()))) return;
  HlsMediaPlaylist said = without_segments(before_->playlist);
  said.media_sequence = playlist_.media_sequence;
  said.segments.reserve(before_->lines.size() + 1);
  playlist_ = std::move(said);
  init_ = before_->playlist.segments.front().init;
  next_lines_ = {.end = 0, .number = 0, .has_map = before_->lines.front().has_map, .alone = false};
  head_.digits = head_.begin + static_cast<std::uint32_t>(front.size());
  head_.digits_end = head_.begin + static_cast<std::uint32_t>(end);
  lines.skip(rest.substr(0, end + back.size()), static_cast<int>(known.last_number) - 1);
  head_.end = static_cast<std::uint32_t>(lines.offset());
  head_.last_number = static_cast<std::uint32_t>(lines.number());
  take_over(lines);
}

// Segment numbers say where the lines that follow may have stood; what they are is decided by their bytes. The first segment's are taken
// only behind a head that was, and a last line without a line break never, as it may go on here.
void MediaReader::take_over(HlsLines& lines) {
  if (before_ == nullptr) return;
  const std::string_view text = before_->text;
  std::int64_t at = playlist_.media_sequence - before_->playlist.media_sequence + std::ssize(playlist_.segments);
  for (; at > 0 && at < std::ssize(before_->lines); ++at) {
    const auto i = static_cast<std::size_t>(at);
    const HlsReading::Lines& last = before_->lines[i - 1];
    HlsReading::Lines known = before_->lines[i];
    const HlsSegment& segment = before_->playlist.segments[i];
    const std::string_view bytes = text.substr(last.end, known.end - last.end);
    if (!known.alone || !bytes.ends_with('\n') || !lines.rest().starts_with(bytes)) return;
    const bool first = lines_.empty();
    if (first && known.has_map) return;
    if (no_room(known.has_map ? segment.init : init_)) return;
    if (known.has_map) init_ = segment.init;
    if (init_) init_bytes_ += init_->uri.size();
    playlist_.segments.push_back(segment);
    if (!known.has_map) playlist_.segments.back().init = init_;
    lines.skip(bytes, static_cast<int>(known.number - last.number));
    known.end = static_cast<std::uint32_t>(lines.offset());
    known.number = static_cast<std::uint32_t>(lines.number());
    if (first) {
      known.has_map = std::exchange(next_lines_, {}).has_map;
      known.alone = false;
      head_is_over_ = true;
    }
    lines_.push_back(known);
  }
}

base::Result<HlsReading> MediaReader::read(HlsLines lines) {
  playlist_.version = 1;
  if (before_ != nullptr) lines_.reserve(before_->lines.size() + 1);
  take_over_head(lines);
  while (const auto line = lines.next()) {
    if (auto refusal = unsupported_tag(*line)) return *std::move(refusal);
    if (const HlsProblem problem = apply(*line)) return hls_error(*line, *problem);
    measure_head(lines, *line);
    if (!line->tag.empty()) continue;
    next_lines_.end = static_cast<std::uint32_t>(lines.offset());
    next_lines_.number = static_cast<std::uint32_t>(lines.number());
    lines_.push_back(std::exchange(next_lines_, {}));
    take_over(lines);
  }
  if (has_duration_) return hls_error(duration_line_, "no URI follows");
  if (playlist_.target_duration == base::Duration::zero()) return base::error("the media playlist has no EXT-X-TARGETDURATION");
  if (!has_head_ || head_.digits == 0 || lines_.empty()) head_ = {};
  return HlsReading{.text = {}, .playlist = std::move(playlist_), .head = head_, .lines = std::move(lines_)};
}

}  // namespace

base::Result<HlsReading> read_media_playlist(HlsLines lines, const HlsReading* before) { return MediaReader{before}.read(lines); }

}  // namespace media
