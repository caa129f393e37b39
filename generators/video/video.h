// Test video by the FFmpeg libraries: moving content of a stated complexity class with a burnt-in clock and frame number, a
// machine-readable frame identity (frame_identity.h), a tone, and a beep with a flash each second. The same specification gives
// the same file, byte for byte, on the same FFmpeg build.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace generators {

// By how much they cost an encoder: slides < talk < sports < noise.
enum class Pattern { kSlides, kTalk, kSports, kNoise };
base::Result<Pattern> parse_pattern(std::string_view text);  // the error lists the known ones
const char* to_text(Pattern pattern);

struct VideoSpec {
  Pattern pattern = Pattern::kSports;
  int width = 1280, height = 720;  // even, 160x120 to 3840x2160
  int fps = 30;                    // 1 to 120
  base::Duration duration = std::chrono::seconds{60};
  std::uint64_t seed = 1;
  base::Bitrate bitrate;  // zero: by pattern and size
  std::string file;       // .mp4, H.264 and AAC, closed GOPs of one second
  friend bool operator==(const VideoSpec&, const VideoSpec&) = default;
};

// "sports-720p30" -> 1280x720 at 30 frames per second, 60 s. The error lists the form and the patterns.
base::Result<VideoSpec> parse_video_name(std::string_view name);

// Writes the file (first FILE.N.part, N whatever is free, then renamed; several may make the same at once). `progress` gets the share done
// in [0, 1]; when it returns false the part is removed and base::Interrupted thrown. Throws base::InvalidInput for an impossible
// specification and base::RunFailed naming the file and the reason.
void generate_video(const VideoSpec& spec, const std::function<bool(double)>& progress);

}  // namespace generators
