#include "generators/video/sync_marks.h"

#include <algorithm>

#include "base/ensure.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

constexpr double kToneLevel = 0.03;  // -30 dBFS
constexpr double kBeepLevel = 0.4;   // -8 dBFS
constexpr int kBeepHertz = 1000, kLeftHertz = 400, kRightHertz = 500;

// All frequencies have a whole number of periods in a second, so the phase needs the place within the second only.
double tone(int place, int hertz) { return sine(static_cast<double>(place) * hertz / kSampleRate); }

// Rises over a millisecond: a harder edge clicks and smears in the encoder.
double beep(int place) {
  const int left = kSampleRate / 10 - place;
  return kBeepLevel * tone(place, kBeepHertz) * std::min({1.0, place / 48.0, left / 48.0});
}

}  // namespace

void fill_soundtrack(std::int64_t first, std::span<float> left, std::span<float> right) {
  ENSURE(left.size() == right.size() && first >= 0);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::int64_t sample = first + static_cast<std::int64_t>(i);
    const int place = static_cast<int>(sample % kSampleRate);
    const double mark = is_beep(sample) ? beep(place) : 0;
    left[i] = static_cast<float>(mark + kToneLevel * tone(place, kLeftHertz));
    right[i] = static_cast<float>(mark + kToneLevel * tone(place, kRightHertz));
  }
}

}  // namespace generators
