#include "generators/video/video.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "generators/video/mp4_writer.h"
#include "generators/video/overlay.h"
#include "generators/video/painter.h"

namespace generators {
namespace {

struct NamedPattern {
  Pattern pattern;
  const char* name;
  std::int64_t bitrate;  // that suits it at 1280x720 and 30 frames per second
};
constexpr std::array<NamedPattern, 4> kPatterns{{{Pattern::kSlides, "slides", 600'000},
                                                 {Pattern::kTalk, "talk", 1'500'000},
                                                 {Pattern::kSports, "sports", 5'000'000},
                                                 {Pattern::kNoise, "noise", 14'000'000}}};
constexpr int kLongestHours = 24;

const NamedPattern& named(Pattern pattern) { return kPatterns[static_cast<std::size_t>(pattern)]; }

// The parts of "sports-720p30".
struct NameParts {
  std::string_view pattern;
  int height, fps;
};

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? std::optional{value} : std::nullopt;
}

std::optional<NameParts> split_name(std::string_view name) {
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view size = name.substr(dash + 1);
  const auto p = size.find('p');
  if (p == std::string_view::npos) return std::nullopt;
  const auto height = whole_number(size.substr(0, p)), fps = whole_number(size.substr(p + 1));
  if (!height || !fps) return std::nullopt;
  return NameParts{name.substr(0, dash), *height, *fps};
}

int widescreen(int height) { return (height * 16 / 9 + 1) & ~1; }

// Why the specification cannot be made; empty when it can.
std::string flaw_of(const VideoSpec& spec) {
  if (spec.width % 2 != 0 || spec.height % 2 != 0)
    return fmt::format("the size {}x{} is odd; width and height must be even", spec.width, spec.height);
  if (spec.width < 160 || spec.height < 120 || spec.width > 3840 || spec.height > 2160)
    return fmt::format("the size {}x{} is not between 160x120 and 3840x2160", spec.width, spec.height);
  if (spec.fps < 1 || spec.fps > 120) return fmt::format("{} frames per second is not between 1 and 120", spec.fps);
  if (spec.duration <= base::Duration::zero() || spec.duration > std::chrono::hours{kLongestHours})
    return fmt::format("a duration of {} s is not above 0 and up to {} h", base::to_seconds(spec.duration), kLongestHours);
  if (spec.bitrate.bps() < 0 || spec.bitrate.bps() > 500'000'000) return "the bitrate is not between 0 (by pattern and size) and 500mbit";
  return {};
}

// Grows more slowly than the number of pixels and frames: larger and faster pictures are more alike from point to point.
base::Bitrate usual_bitrate(const VideoSpec& spec) {
  const double pixels = spec.width * spec.height / (1280.0 * 720), frames = spec.fps / 30.0;
  return base::Bitrate::bits_per_second(named(spec.pattern).bitrate) *
         (std::sqrt(pixels) * std::sqrt(std::sqrt(pixels)) * std::sqrt(frames));
}

std::int64_t frames_of(const VideoSpec& spec) {
  return std::max<std::int64_t>(1, std::llround(base::to_seconds(spec.duration) * spec.fps));
}

// Parts of `file` that nobody has written for an hour were left by who was killed.
void remove_old_parts(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const std::string begin = fs::path{file}.filename().string() + '.';
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours{1};
  for (const fs::directory_entry& each : fs::directory_iterator{fs::absolute(file, ignored).parent_path(), ignored}) {
    const std::string name = each.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(".part") && each.last_write_time(ignored) < old) fs::remove(each.path(), ignored);
  }
}

// A new file beside `file`, which nobody else writes, though others may be making the same video.
std::string new_part_of(const std::string& file) {
  remove_old_parts(file);
  for (auto n = static_cast<long>(getpid());; ++n) {
    std::string part = fmt::format("{}.{}.part", file, n);
    if (const int made = open(part.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666); made >= 0) {
      close(made);
      return part;
    }
    if (errno != EEXIST) throw base::RunFailed(fmt::format("{}: cannot open the file: {}", file, std::strerror(errno)));
  }
}

// Written instead of `file` until it is complete; removed unless it is kept.
class PartFile {
 public:
  explicit PartFile(const std::string& file) : file_{file}, part_{new_part_of(file)} {}
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() {
    if (!kept_) std::remove(part_.c_str());
  }
  const std::string& name() const { return part_; }
  void keep() {
    if (std::rename(part_.c_str(), file_.c_str()) != 0)
      throw base::RunFailed(fmt::format("{}: cannot rename {} to it: {}", file_, part_, std::strerror(errno)));
    kept_ = true;
  }

 private:
  std::string file_, part_;
  bool kept_ = false;
};

class Progress {
 public:
  Progress(const std::string& file, const std::function<bool(double)>& callback) : file_{file}, callback_{callback} {}
  void report(std::int64_t done, std::int64_t all) {
    const base::Instant now = base::steady_now();
    if (!callback_ || (done != all && last_ && now - *last_ < std::chrono::milliseconds{150})) return;
    last_ = now;
    if (!callback_(static_cast<double>(done) / static_cast<double>(all))) throw base::Interrupted(file_ + ": cancelled");
  }

 private:
  const std::string& file_;
  const std::function<bool(double)>& callback_;
  std::optional<base::Instant> last_;
};

void write_video(const VideoSpec& spec, const std::string& part, const std::function<bool(double)>& progress) {
  Mp4Writer writer{spec, part};
  const std::unique_ptr<Painter> painter = make_painter(spec);
  const Overlay overlay{spec};
  Progress reporter{spec.file, progress};
  const std::int64_t frames = frames_of(spec);
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    reporter.report(frame, frames);
    const Picture picture = writer.next_picture();
    painter->paint(picture, frame);
    overlay.draw(picture, frame);
    writer.add_picture();
  }
  writer.finish();
  reporter.report(frames, frames);
}

}  // namespace

base::Result<Pattern> parse_pattern(std::string_view text) {
  for (const NamedPattern& known : kPatterns)
    if (text == known.name) return known.pattern;
  return base::error(fmt::format("no pattern is called \"{}\"; the patterns are slides, talk, sports and noise", text));
}

const char* to_text(Pattern pattern) { return named(pattern).name; }

base::Result<VideoSpec> parse_video_name(std::string_view name) {
  constexpr const char* kForm =
      "a video is named PATTERN-HEIGHTpFPS, such as sports-720p30, where PATTERN is slides, talk, sports or noise";
  const std::optional<NameParts> parts = split_name(name);
  if (!parts) return base::error(fmt::format("\"{}\" is no video's name; {}", name, kForm));
  const base::Result<Pattern> pattern = parse_pattern(parts->pattern);
  if (!pattern) return base::error(fmt::format("\"{}\": {}; {}", name, pattern.error().message, kForm));
  if (parts->height > 2160) return base::error(fmt::format("\"{}\": a height of {} is above 2160", name, parts->height));
  VideoSpec spec{.pattern = *pattern, .width = widescreen(parts->height), .height = parts->height, .fps = parts->fps};
  if (const std::string flaw = flaw_of(spec); !flaw.empty()) return base::error(fmt::format("\"{}\": {}", name, flaw));
  return spec;
}

void generate_video(const VideoSpec& spec, const std::function<bool(double)>& progress) {
  if (const std::string flaw = flaw_of(spec); !flaw.empty()) throw base::InvalidInput("video " + spec.file, {{"", flaw}});
  VideoSpec complete = spec;
  if (complete.bitrate.bps() == 0) complete.bitrate = usual_bitrate(spec);
  PartFile part{spec.file};
  write_video(complete, part.name(), progress);
  part.keep();
}

}  // namespace generators
