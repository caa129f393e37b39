// Talk: one presenter before a still background, as in a studio or a video call. The head sways, the eyes blink, the mouth
// speaks; faint camera noise lies over everything.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "generators/video/frame_identity.h"
#include "generators/video/grain.h"
#include "generators/video/lettering.h"
#include "generators/video/painter.h"
#include "generators/video/sync_marks.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

constexpr Colour kSkin = rgb(214, 160, 128), kSkinShade = rgb(170, 116, 90), kHair = rgb(52, 38, 32), kJacket = rgb(34, 50, 82);
constexpr Colour kShirt = rgb(236, 238, 242), kTie = rgb(150, 32, 44), kLips = rgb(160, 84, 80), kMouth = rgb(70, 24, 26),
                 kIris = rgb(64, 92, 60);

class TalkPainter final : public Painter {
 public:
  explicit TalkPainter(const VideoSpec& spec)
      : spec_{spec}, studio_{spec.width, spec.height}, grain_{spec.seed, 3, spec.width}, name_{spec.height / 28}, role_{spec.height / 42} {
    base::Random random = base::Random::stream(spec.seed, "talk");
    for (double& phase : phases_) phase = random.uniform();
    draw_studio(random);
  }

  void paint(const Picture& picture, std::int64_t frame) override {
    const double seconds = static_cast<double>(frame) / spec_.fps;
    copy_columns(studio_.picture(), picture, 0, spec_.width);
    draw_presenter(picture, seconds);
    grain_.add_to(picture.y, frame, 0, picture.y.height);
    draw_caption(picture);
  }

 private:
  // One hundredth of the picture's height: all of the presenter is measured in it, so that he keeps his shape in any size.
  double unit() const { return spec_.height / 100.0; }

  void draw_studio(base::Random& random) {
    const Picture& picture = studio_.picture();
    for (int y = 0; y < spec_.height; ++y) {
      const Colour wall = mix(rgb(58, 74, 92), rgb(20, 26, 36), static_cast<double>(y) / spec_.height);
      fill_rect(picture, {0, y, spec_.width, 1}, wall);
    }
    for (int i = 0; i < 14; ++i) {  // lamps out of focus
      const Point at{spec_.width * random.uniform(), spec_.height * random.uniform(0.12, 0.75)};
      const double size = unit() * random.uniform(3, 8);
      const Colour lamp = mix(rgb(70, 110, 150), rgb(210, 150, 80), random.uniform());
      fill_ellipse(picture, at, size, size, mix(rgb(36, 48, 62), lamp, 0.45), -6);
    }
    draw_shelf(random, spec_.width * 3 / 48);
    draw_shelf(random, spec_.width * 36 / 48);
  }

  void draw_shelf(base::Random& random, int left) {
    const int width = spec_.width * 9 / 48;
    for (int board = 0; board < 3; ++board) {
      const int y = static_cast<int>(unit() * (38 + 19 * board));
      for (int x = left; x < left + width;) {
        const int thick = std::max(2, static_cast<int>(unit() * random.uniform(1.2, 2.6)));
        const int tall = static_cast<int>(unit() * random.uniform(8, 13));
        const Colour spine = mix(rgb(96, 60, 44), rgb(58, 90, 110), random.uniform());
        if (random.chance(0.85))
          fill_rect(studio_.picture(), {x, y - tall, std::min(thick, left + width - x), tall}, mix(spine, rgb(30, 36, 46), 0.35));
        x += thick + 1;
      }
      fill_rect(studio_.picture(), {left, y, width, std::max(2, static_cast<int>(unit()))}, rgb(74, 54, 40));
    }
  }

  double sway(double seconds, double period, std::size_t which) const { return sine(seconds / period + phases_[which]); }

  void draw_presenter(const Picture& picture, double seconds) const {
    const double u = unit();
    const Point body{spec_.width * 0.5 + u * 2.4 * sway(seconds, 6.1, 0), u * 87 + u * 0.8 * sway(seconds, 3.7, 1)};
    const Point head{body.x + u * (2.2 * sway(seconds, 4.3, 2) + 0.7 * sway(seconds, 1.3, 3)), u * 47 + u * 1.1 * sway(seconds, 2.1, 4)};
    fill_ellipse(picture, {body.x, body.y + u * 12}, u * 33, u * 30, kJacket, -8);
    fill_limb(picture, {head.x, head.y + u * 8}, {body.x, body.y - u * 14}, u * 10, kSkinShade);
    fill_ellipse(picture, {body.x, body.y - u * 10}, u * 7, u * 9, kShirt);
    fill_limb(picture, {body.x, body.y - u * 13}, {body.x, body.y + u * 6}, u * 3, kTie);
    fill_limb(picture, {body.x - u * 8, body.y - u * 17}, {body.x - u * 2.5, body.y + u * 8}, u * 5, kJacket);
    fill_limb(picture, {body.x + u * 8, body.y - u * 17}, {body.x + u * 2.5, body.y + u * 8}, u * 5, kJacket);
    draw_head(picture, head, seconds);
    for (const double side : {-1.0, 1.0}) draw_hand(picture, body, side, seconds);
  }

  // Each hand underlines the words now and then, from below the picture's edge.
  void draw_hand(const Picture& picture, Point body, double side, double seconds) const {
    const double u = unit();
    const std::size_t which = side < 0 ? 11 : 12;
    const double lift = std::max(0.0, sway(seconds, 3.3, which)), wave = sway(seconds, 0.9, which);
    const Point hand{body.x + side * u * (19 + 3 * lift + 1.5 * wave), u * (90 - 18 * lift + 1.5 * wave)};
    fill_limb(picture, {hand.x, hand.y + u * 2}, {body.x + side * u * 25, u * 104}, u * 8, mix(kJacket, kWhite, 0.06));
    fill_limb(picture, {hand.x, hand.y + u}, {hand.x + side * u * 0.8, hand.y + u * 4.5}, u * 5.6, kShirt);
    fill_ellipse(picture, hand, u * 3, u * 3.6, kSkin, -14);
    for (int finger = 0; finger < 4; ++finger) {
      const double x = hand.x + u * (1.4 * finger - 2.1);
      fill_limb(picture, {x * 0.9 + hand.x * 0.1 - side * u * 0.6 * wave, hand.y - u * (5.6 - 0.5 * std::abs(finger - 1.5))}, {x, hand.y},
                u * 1.15, kSkin);
    }
  }

  void draw_head(const Picture& picture, Point head, double seconds) const {
    const double u = unit();
    fill_ellipse(picture, {head.x, head.y - u * 4}, u * 12.6, u * 14, kHair, -6);
    for (const double side : {-1.0, 1.0}) fill_ellipse(picture, {head.x + side * u * 11.2, head.y + u}, u * 1.7, u * 3, kSkinShade);
    fill_ellipse(picture, head, u * 11, u * 14.5, kSkin, -22);
    fill_ellipse(picture, {head.x, head.y - u * 13}, u * 9.4, u * 4, kHair);
    const double turn = u * 0.8 * sway(seconds, 4.3, 2);
    for (const double side : {-1.0, 1.0}) draw_eye(picture, {head.x + turn + side * u * 4.3, head.y - u * 2}, seconds);
    fill_limb(picture, {head.x + turn * 1.3, head.y - u}, {head.x + turn * 1.6 + u * 0.4, head.y + u * 3.4}, u * 1.5,
              mix(kSkin, kSkinShade, 0.6));
    draw_mouth(picture, {head.x + turn, head.y + u * 7.4}, seconds);
  }

  void draw_eye(const Picture& picture, Point eye, double seconds) const {
    const double u = unit();
    fill_ellipse(picture, {eye.x, eye.y - u * 2.6 - u * 0.3 * sway(seconds, 2.9, 5)}, u * 2.4, u * 0.6, kHair);
    const double since_blink = seconds + 3 * phases_[6] - 3.4 * std::floor((seconds + 3 * phases_[6]) / 3.4);
    const double open = since_blink < 0.15 ? 0.12 : 1;
    fill_ellipse(picture, eye, u * 2, u * 1.15 * open, rgb(232, 232, 228));
    if (open < 1) return;
    fill_ellipse(picture, {eye.x + u * 0.5 * sway(seconds, 5.3, 7), eye.y}, u * 0.95, u * 0.95, kIris);
    fill_ellipse(picture, {eye.x + u * 0.5 * sway(seconds, 5.3, 7), eye.y}, u * 0.45, u * 0.45, kBlack);
  }

  // Syllables about five times a second, with pauses between the sentences.
  void draw_mouth(const Picture& picture, Point mouth, double seconds) const {
    const double u = unit();
    const bool speaking = sway(seconds, 5.7, 8) > -0.75;
    const double open = speaking ? std::abs(sway(seconds, 0.41, 9) * sway(seconds, 0.63, 10)) : 0;
    fill_ellipse(picture, mouth, u * (3.6 - open), u * (0.7 + 1.7 * open), kLips);
    if (open > 0.15) fill_ellipse(picture, mouth, u * (2.8 - open), u * 1.5 * open, kMouth);
  }

  void draw_caption(const Picture& picture) const {
    const int height = spec_.height * 5 / 54;
    const Rect plate{spec_.width / 24, spec_.height * (kGridRows - kSyncBandRows) / kGridRows - height * 5 / 4, spec_.width * 15 / 48,
                     height};
    tint_rect(picture, plate, rgb(10, 18, 32), 0.8);
    fill_rect(picture, {plate.x, plate.y, std::max(2, spec_.width / 160), height}, rgb(230, 150, 30));
    name_.draw(picture, plate.x + plate.width / 14, plate.y + height / 8, "PAT SAMPLE", kWhite);
    role_.draw(picture, plate.x + plate.width / 14, plate.y + height * 5 / 8, "TEST PRESENTER", rgb(200, 208, 220));
  }

  VideoSpec spec_;
  PictureBuffer studio_;
  Grain grain_;
  Lettering name_, role_;
  std::array<double, 13> phases_{};
};

}  // namespace

std::unique_ptr<Painter> make_talk_painter(const VideoSpec& spec) { return std::make_unique<TalkPainter>(spec); }

}  // namespace generators
