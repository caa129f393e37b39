// Sports: the camera follows a ball along a football pitch with 22 runners, fine grass, a crowd and running letters on the
// boards: motion everywhere, in rows of different speed, with camera noise on top.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "generators/video/grain.h"
#include "generators/video/painter.h"
#include "generators/video/pitch.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

struct Runner {
  double home_x, home_z;  // place in the formation, metres
  double follows;         // how much of the ball's way along the pitch
  double phase_x, phase_z, phase_step;
  Colour shirt, shorts, skin;
};

struct Ground {
  double x, z;
};

constexpr std::array<Ground, 11> kFormation{
    {{-50, 64}, {-36, 40}, {-38, 56}, {-38, 72}, {-36, 88}, {-18, 44}, {-20, 64}, {-18, 84}, {-4, 48}, {-2, 64}, {-4, 82}}};

class SportsPainter final : public Painter {
 public:
  explicit SportsPainter(const VideoSpec& spec)
      : fps_{spec.fps}, pitch_{spec.width, spec.height, spec.seed}, grain_{spec.seed, 3, spec.width} {
    base::Random random = base::Random::stream(spec.seed, "runners");
    start_ = random.uniform(0, 1000);
    for (const double side : {1.0, -1.0})
      for (const Ground& place : kFormation) runners_.push_back(runner(random, side, place, &place == kFormation.data()));
  }

  void paint(const Picture& picture, std::int64_t frame) override {
    const double seconds = static_cast<double>(frame) / fps_;
    const Ground ball = ball_at(seconds);
    const double camera = std::clamp(ball_at(seconds - 0.4).x * 0.62, -Pitch::kCameraReach, Pitch::kCameraReach);
    pitch_.paint(picture, camera, seconds, grain_, frame);
    std::vector<std::pair<Ground, const Runner*>> order;
    for (const Runner& runner : runners_) order.emplace_back(place_of(runner, seconds, ball), &runner);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first.z > b.first.z; });
    for (const auto& [place, runner] : order) draw_runner(picture, *runner, place, camera, seconds);
    draw_ball(picture, ball, camera, seconds);
  }

 private:
  static Runner runner(base::Random& random, double side, const Ground& place, bool keeper) {
    const Colour team = side > 0 ? rgb(200, 30, 40) : rgb(240, 240, 246);
    return {.home_x = side * place.x,
            .home_z = place.z,
            .follows = keeper ? 0.06 : 0.55,
            .phase_x = random.uniform(),
            .phase_z = random.uniform(),
            .phase_step = random.uniform(),
            .shirt = keeper ? (side > 0 ? rgb(240, 200, 40) : rgb(60, 190, 200)) : team,
            .shorts = side > 0 ? rgb(240, 240, 240) : rgb(28, 40, 110),
            .skin = mix(rgb(232, 184, 152), rgb(96, 62, 44), random.uniform())};
  }

  Ground ball_at(double seconds) const {
    const double t = seconds + start_;
    return {31 * sine(t / 13.7) + 9 * sine(t / 4.9), 64 + 17 * sine(t / 9.1) + 8 * sine(t / 3.3)};
  }

  static Ground place_of(const Runner& runner, double seconds, const Ground& ball) {
    return {
        runner.home_x * 0.8 + runner.follows * ball.x + 4.5 * sine(seconds / 4.7 + runner.phase_x),
        std::clamp(runner.home_z + 0.25 * (ball.z - 64) + 3.5 * sine(seconds / 5.3 + runner.phase_z), Pitch::kNear + 1, Pitch::kFar - 1)};
  }

  void draw_runner(const Picture& picture, const Runner& runner, const Ground& place, double camera, double seconds) const {
    const Point foot = pitch_.place_of(place.x, place.z, camera);
    const double m = pitch_.scale_at(place.z) * 1.35;  // larger than life, to be seen on small pictures
    const double step = sine(seconds * 1.45 + runner.phase_step), lift = 0.06 * std::abs(step);
    const auto at = [&](double x, double up) { return Point{foot.x + x * m, foot.y - (up + lift) * m}; };
    fill_ellipse(picture, {foot.x + 0.25 * m, foot.y}, 0.6 * m, 0.16 * m, rgb(34, 70, 26));
    for (const double side : {1.0, -1.0}) {
      fill_limb(picture, at(0, 0.9), at(0.34 * step * side, 0.45), 0.2 * m, runner.skin);
      fill_limb(picture, at(0.34 * step * side, 0.45), at(0.5 * step * side - 0.08, 0.0), 0.15 * m, runner.shorts);
    }
    fill_limb(picture, at(0, 1.0), at(0, 0.68), 0.42 * m, runner.shorts);
    fill_limb(picture, at(0, 1.52), at(0, 0.95), 0.46 * m, runner.shirt);
    for (const double side : {1.0, -1.0})
      fill_limb(picture, at(0.24 * side, 1.46), at(0.24 * side - 0.3 * step * side, 0.98), 0.12 * m, runner.skin);
    fill_ellipse(picture, at(0, 1.7), 0.15 * m, 0.18 * m, runner.skin);
    fill_ellipse(picture, at(-0.02, 1.79), 0.14 * m, 0.11 * m, rgb(44, 32, 26));
  }

  void draw_ball(const Picture& picture, const Ground& ball, double camera, double seconds) const {
    const Point ground = pitch_.place_of(ball.x, ball.z, camera);
    const double m = pitch_.scale_at(ball.z);
    const double height = 2.2 * std::abs(sine(seconds / 2.6));
    fill_ellipse(picture, ground, 0.4 * m, 0.14 * m, rgb(34, 70, 26));
    fill_ellipse(picture, {ground.x, ground.y - (height + 0.3) * m}, 0.34 * m, 0.34 * m, rgb(250, 250, 250));
  }

  int fps_;
  Pitch pitch_;
  Grain grain_;
  double start_ = 0;
  std::vector<Runner> runners_;
};

}  // namespace

std::unique_ptr<Painter> make_sports_painter(const VideoSpec& spec) { return std::make_unique<SportsPainter>(spec); }

}  // namespace generators
