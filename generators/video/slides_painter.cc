// Slides: a shared presentation. Still for seconds, a sharp change with a wipe now and then, a pointer that wanders: the
// easiest content for an encoder, with all its bits in few frames.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "generators/video/frame_identity.h"
#include "generators/video/lettering.h"
#include "generators/video/painter.h"
#include "generators/video/sync_marks.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

constexpr int kSecondsPerSlide = 6;
constexpr double kWipeSeconds = 0.5;

constexpr std::array kTitles{"QUARTERLY REVIEW", "AUDIENCE GROWTH", "STREAM HEALTH", "ROLLOUT PLAN",
                             "COST PER VIEWER",  "LESSONS LEARNED", "NEXT STEPS"};
constexpr std::array kPoints{"START-UP TIME DOWN 18%",    "TWO REGIONS, ONE ORIGIN", "MOBILE SHARE AT 46%",    "BACKUP FEED TESTED DAILY",
                             "NO STALLS IN REHEARSAL",    "EDGE CACHE HIT RATE 97%", "FOUR DEVICE FAMILIES",   "CAPTIONS IN SIX LANGUAGES",
                             "ALERTS REACH THE OPERATOR", "PEAK AT 20:45",           "LOW LATENCY BY DEFAULT", "RUNBOOK UP TO DATE"};
constexpr std::array kAccents{rgb(0, 94, 162), rgb(176, 58, 46), rgb(30, 132, 73), rgb(125, 60, 152), rgb(185, 119, 14)};
constexpr Colour kPaper = rgb(247, 247, 244), kInk = rgb(38, 44, 52), kRule = rgb(205, 208, 212);

class SlidesPainter final : public Painter {
 public:
  explicit SlidesPainter(const VideoSpec& spec)
      : spec_{spec},
        before_{spec.width, spec.height},
        current_{spec.width, spec.height},
        title_{spec.height / 16},
        text_{spec.height / 30} {
    draw_slide(before_.picture(), -1);
    draw_slide(current_.picture(), 0);
  }

  void paint(const Picture& picture, std::int64_t frame) override {
    const double seconds = static_cast<double>(frame) / spec_.fps;
    turn_to(static_cast<std::int64_t>(seconds) / kSecondsPerSlide);
    const double into = seconds - static_cast<double>(slide_) * kSecondsPerSlide;
    const int edge = static_cast<int>(spec_.width * std::min(1.0, into / kWipeSeconds)) & ~1;
    copy_columns(current_.picture(), picture, 0, slide_ == 0 ? spec_.width : edge);
    if (slide_ != 0) copy_columns(before_.picture(), picture, edge, spec_.width);
    draw_pointer(picture, seconds);
  }

 private:
  void turn_to(std::int64_t slide) {
    if (slide == slide_) return;
    draw_slide(before_.picture(), slide - 1);
    draw_slide(current_.picture(), slide);
    slide_ = slide;
  }

  int top() const { return spec_.height * kIdentityRows / kGridRows; }
  int bottom() const { return spec_.height * (kGridRows - kSyncBandRows) / kGridRows; }

  void draw_slide(const Picture& picture, std::int64_t slide) const {
    base::Random random = base::Random::stream(spec_.seed, static_cast<std::uint64_t>(slide + 1));
    const Colour accent = kAccents[random.below(kAccents.size())];
    const int margin = spec_.width / 24;
    const int line = spec_.height / 27;
    fill_rect(picture, {0, 0, spec_.width, spec_.height}, kPaper);
    fill_rect(picture, {0, top(), spec_.width / 96, bottom() - top()}, accent);
    title_.draw(picture, margin, top() + line * 3 / 2, kTitles[random.below(kTitles.size())], kInk);
    fill_rect(picture, {margin, top() + line * 4, spec_.width / 6, std::max(2, line / 6)}, accent);
    draw_points(picture, random, accent, {margin, top() + line * 6});
    draw_chart(picture, random, accent);
    const std::string page = fmt::format("{}", slide + 1);
    text_.draw(picture, spec_.width - margin - text_.width_of(page), bottom() - line * 3 / 2, page, kRule);
  }

  void draw_points(const Picture& picture, base::Random& random, Colour accent, Rect at) const {
    std::array<std::size_t, kPoints.size()> order{};
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < 5; ++i) {
      std::swap(order[i], order[i + random.below(order.size() - i)]);
      const int y = at.y + static_cast<int>(i) * spec_.height / 12;
      fill_ellipse(picture, {at.x + text_.height() / 2.0, y + text_.height() / 2.0}, text_.height() / 4.0, text_.height() / 4.0, accent);
      text_.draw(picture, at.x + text_.height() * 3 / 2, y, kPoints[order[i]], kInk);
    }
  }

  void draw_chart(const Picture& picture, base::Random& random, Colour accent) const {
    const Rect area{spec_.width * 59 / 96, top() + spec_.height / 8, spec_.width * 32 / 96, bottom() - top() - spec_.height / 5};
    for (int i = 0; i <= 4; ++i)
      fill_rect(picture, {area.x, area.y + area.height * i / 4, area.width, std::max(1, spec_.height / 360)}, kRule);
    constexpr int kBars = 6;
    for (int i = 0; i < kBars; ++i) {
      const int height = static_cast<int>(area.height * random.uniform(0.25, 0.95));
      const int left = area.x + area.width * (2 * i + 1) / (2 * kBars + 1);
      fill_rect(picture, {left, area.y + area.height - height, area.width / (2 * kBars + 1) + 1, height}, mix(accent, kPaper, 0.12 * i));
    }
  }

  void draw_pointer(const Picture& picture, double seconds) const {
    const double middle = (top() + bottom()) / 2.0;
    const Point at{spec_.width * (0.45 + 0.28 * sine(seconds / 7.3)), middle + (bottom() - top()) * (0.30 * sine(seconds / 4.1 + 0.2))};
    const double size = spec_.height / 60.0;
    fill_ellipse(picture, at, size, size, rgb(220, 30, 40));
    fill_ellipse(picture, at, size / 2, size / 2, rgb(255, 190, 190));
  }

  VideoSpec spec_;
  PictureBuffer before_, current_;
  Lettering title_, text_;
  std::int64_t slide_ = 0;
};

}  // namespace

std::unique_ptr<Painter> make_slides_painter(const VideoSpec& spec) { return std::make_unique<SlidesPainter>(spec); }

}  // namespace generators
