#include "server/ingest/format_watch.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "server/ingest/av_handles.h"

namespace server {
namespace {

constexpr int kSteady = 30;         // pictures
constexpr double kSameRate = 0.02;  // of a rate: within rounding
constexpr double kAnotherRate = 0.05;

bool differ(double a, double b, double share) { return std::abs(a - b) > share * b; }

std::string sound_text(const SoundFormat& sound) {
  return fmt::format("{} channel{} at {} Hz", sound.channels, sound.channels == 1 ? "" : "s", sound.sample_rate);
}

}  // namespace

std::string FormatWatch::to_text(const Pictures& pictures) {
  const std::string size = fmt::format("{}x{}", pictures.width, pictures.height);
  return pictures.rate > 0 ? fmt::format("{} at {:.4g} fps", size, pictures.rate) : size;
}

std::optional<std::string> FormatWatch::take(const VideoFrame& frame) {
  const AVFrame& picture = *frame.picture;
  const bool new_rate = has_new_rate(frame.frames_per_second);
  if (!new_rate && picture.width == pictures_.width && picture.height == pictures_.height) return std::nullopt;
  const Pictures before = pictures_;
  pictures_ = {.width = picture.width, .height = picture.height, .rate = new_rate ? frame.frames_per_second : before.rate};
  return before.width == 0 ? to_text(pictures_) : fmt::format("{}; before: {}", to_text(pictures_), to_text(before));
}

bool FormatWatch::has_new_rate(double rate) {
  if (rate <= 0) return false;
  if (pictures_.rate > 0 && !differ(rate, pictures_.rate, kAnotherRate)) {
    seen_ = 0;
    return false;
  }
  if (pictures_.rate <= 0) return true;
  seen_ = seen_ > 0 && !differ(rate, candidate_, kSameRate) ? seen_ + 1 : 1;
  candidate_ = rate;
  if (seen_ < kSteady) return false;
  seen_ = 0;
  return true;
}

std::optional<std::string> FormatWatch::take(const AudioBlock& block) {
  if (block.sent == sound_ || block.sent == SoundFormat{}) return std::nullopt;
  const SoundFormat before = std::exchange(sound_, block.sent);
  const std::string now = sound_text(sound_);
  return before == SoundFormat{} ? now : fmt::format("{}; before: {}", now, sound_text(before));
}

}  // namespace server
