#include "generators/video/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "generators/video/frame_identity.h"
#include "generators/video/sync_marks.h"

namespace generators {
namespace {

constexpr Colour kAmber = rgb(255, 190, 60), kPale = rgb(190, 200, 214), kBand = rgb(14, 16, 20);

// The largest height up to `height` in which `letters` letters fit into `width` pixels.
int fitting(int height, int width, int letters) { return std::min(height, width * 7 / (letters * 6)); }

std::string name_of(const VideoSpec& spec) {
  std::string name = fmt::format("{} {}x{} {} fps", to_text(spec.pattern), spec.width, spec.height, spec.fps);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace

std::string clock_text(std::int64_t frame, int fps) {
  const std::int64_t ms = frame * 1000 / fps;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

Overlay::Overlay(const VideoSpec& spec)
    : spec_{spec},
      name_{name_of(spec)},
      clock_{fitting(spec.height * 7 / 108, spec.width * 27 / 48, 12)},
      number_{fitting(spec.height * 5 / 108, spec.width * 12 / 48, 8)},
      label_{fitting(spec.height / 36, spec.width * 15 / 48, static_cast<int>(name_.size()))} {}

int Overlay::column(int of_grid) const { return spec_.width * of_grid / kGridColumns & ~1; }
int Overlay::row(int of_grid) const { return spec_.height * of_grid / kGridRows & ~1; }

void Overlay::draw(const Picture& picture, std::int64_t frame) const {
  draw_sync_band(picture, frame);
  draw_plate(picture, frame);
  fill_rect(picture, {0, 0, column(kIdentityColumns), row(kIdentityRows)}, kBlack);
  draw_frame_identity(picture.y,
                      {.source = static_cast<std::uint8_t>(spec_.seed), .frame = static_cast<std::uint32_t>(frame % kFrameNumbers)});
}

void Overlay::draw_plate(const Picture& picture, std::int64_t frame) const {
  const int left = column(kIdentityColumns);
  tint_rect(picture, {left, 0, spec_.width - left, row(kIdentityRows)}, kBand, 0.82);
  const int inner = left + spec_.width / kGridColumns;
  clock_.draw(picture, inner, row(kIdentityRows) / 8, clock_text(frame, spec_.fps), kWhite);
  const int below = row(kIdentityRows) * 11 / 16;
  number_.draw(picture, inner, below - number_.height() / 8, fmt::format("F{:07}", frame), kAmber);
  label_.draw(picture, spec_.width - spec_.width / kGridColumns / 2 - label_.width_of(name_),
              below + number_.height() - number_.height() / 8 - label_.height(), name_, kPale);
}

void Overlay::draw_sync_band(const Picture& picture, std::int64_t frame) const {
  const Rect band{0, row(kGridRows - kSyncBandRows), spec_.width, spec_.height - row(kGridRows - kSyncBandRows)};
  if (is_flash(frame, spec_.fps)) return fill_rect(picture, band, kWhite);
  fill_rect(picture, band, kBand);
  draw_bars(picture, band);
  draw_scale(picture, band, frame);
}

// 75 % bars.
void Overlay::draw_bars(const Picture& picture, Rect band) const {
  constexpr std::array kBars{rgb(191, 191, 191), rgb(191, 191, 0), rgb(0, 191, 191), rgb(0, 191, 0),
                             rgb(191, 0, 191),   rgb(191, 0, 0),   rgb(0, 0, 191),   rgb(0, 0, 0)};
  const int inset = band.height / 8;
  for (int i = 0; i < static_cast<int>(kBars.size()); ++i)
    fill_rect(picture, {column(1 + 2 * i), band.y + inset, column(3 + 2 * i) - column(1 + 2 * i), band.height - 2 * inset},
              kBars[static_cast<std::size_t>(i)]);
}

// Tenths of the second as ticks, and a marker that reaches the right end when the flash comes.
void Overlay::draw_scale(const Picture& picture, Rect band, std::int64_t frame) const {
  const int left = column(19), right = column(47), middle = band.y + band.height * 5 / 8;
  const int thin = std::max(2, spec_.width / 480);
  label_.draw(picture, left, band.y + band.height / 8, "A/V SYNC", kPale);
  fill_rect(picture, {left, middle, right - left, thin}, kPale);
  for (int tenth = 0; tenth <= 10; ++tenth) {
    const int tall = band.height / (tenth % 5 == 0 ? 4 : 7);
    fill_rect(picture, {left + (right - left) * tenth / 10 - thin / 2, middle - tall / 2, thin, tall}, kPale);
  }
  const int place = static_cast<int>(frame % spec_.fps);
  const double x = left + static_cast<double>(right - left) * place / spec_.fps;
  fill_ellipse(picture, {x, middle + thin / 2.0}, band.height / 9.0, band.height / 9.0, kAmber);
}

}  // namespace generators
