#include "generators/video/picture.h"

#include <algorithm>
#include <cmath>

namespace generators {
namespace {

std::uint8_t blended(int under, int over, double share) { return static_cast<std::uint8_t>(std::lround(under + (over - under) * share)); }

// The columns [from, to) of one row, the end pixels by the share of them that is covered.
void fill_span(const Plane& plane, int y, double from, double to, std::uint8_t value) {
  from = std::max(from, 0.0);
  to = std::min(to, static_cast<double>(plane.width));
  if (y < 0 || y >= plane.height || to <= from) return;
  std::uint8_t* row = plane.row(y);
  const int first = static_cast<int>(from), last = static_cast<int>(to);
  if (first == last) {
    row[first] = blended(row[first], value, to - from);
    return;
  }
  row[first] = blended(row[first], value, first + 1 - from);
  std::fill(row + first + 1, row + last, value);
  if (last < plane.width) row[last] = blended(row[last], value, to - last);
}

void fill_plane_ellipse(const Plane& plane, Point centre, double radius_x, double radius_y, std::uint8_t value) {
  const int top = std::max(0, static_cast<int>(std::floor(centre.y - radius_y)));
  const int bottom = std::min(plane.height - 1, static_cast<int>(std::ceil(centre.y + radius_y)));
  for (int y = top; y <= bottom; ++y) {
    const double height = (y + 0.5 - centre.y) / radius_y;
    if (height * height >= 1) continue;
    const double half = radius_x * std::sqrt(1 - height * height);
    fill_span(plane, y, centre.x - half, centre.x + half, value);
  }
}

void fill_plane_limb(const Plane& plane, Point from, Point to, double thickness, std::uint8_t value) {
  if (from.y > to.y) std::swap(from, to);
  const double rise = std::max(to.y - from.y, 1e-6);
  const double slant = (to.x - from.x) / rise;
  const double half = thickness / 2 * std::sqrt(1 + slant * slant);
  for (int y = std::max(0, static_cast<int>(from.y)); y <= std::min(plane.height - 1, static_cast<int>(to.y)); ++y) {
    const double centre = from.x + slant * (std::clamp(y + 0.5, from.y, to.y) - from.y);
    fill_span(plane, y, centre - half, centre + half, value);
  }
}

Rect clipped(Rect area, const Plane& plane) {
  const int left = std::clamp(area.x, 0, plane.width), top = std::clamp(area.y, 0, plane.height);
  return {left, top, std::clamp(area.x + area.width, left, plane.width) - left, std::clamp(area.y + area.height, top, plane.height) - top};
}

Rect halved(Rect area) {
  const int left = area.x / 2, top = area.y / 2;
  return {left, top, (area.x + area.width + 1) / 2 - left, (area.y + area.height + 1) / 2 - top};
}

void fill_plane(const Plane& plane, Rect area, std::uint8_t value) {
  const Rect inside = clipped(area, plane);
  for (int y = inside.y; y < inside.y + inside.height; ++y) std::fill_n(plane.row(y) + inside.x, inside.width, value);
}

void tint_plane(const Plane& plane, Rect area, int value, int share) {
  const Rect inside = clipped(area, plane);
  for (int y = inside.y; y < inside.y + inside.height; ++y) {
    std::uint8_t* row = plane.row(y) + inside.x;
    for (int x = 0; x < inside.width; ++x) row[x] = static_cast<std::uint8_t>(row[x] + (((value - row[x]) * share) >> 8));
  }
}

Point halved(Point p) { return {p.x / 2, p.y / 2}; }

}  // namespace

Colour mix(Colour from, Colour to, double share) {
  return {blended(from.y, to.y, share), blended(from.u, to.u, share), blended(from.v, to.v, share)};
}

void fill_rect(const Picture& picture, Rect area, Colour colour) {
  fill_plane(picture.y, area, colour.y);
  fill_plane(picture.u, halved(area), colour.u);
  fill_plane(picture.v, halved(area), colour.v);
}

void tint_rect(const Picture& picture, Rect area, Colour colour, double share) {
  const int part = static_cast<int>(share * 256);
  tint_plane(picture.y, area, colour.y, part);
  tint_plane(picture.u, halved(area), colour.u, part);
  tint_plane(picture.v, halved(area), colour.v, part);
}

void fill_ellipse(const Picture& picture, Point centre, double radius_x, double radius_y, Colour colour, int rim) {
  constexpr int kSteps = 10;
  const int steps = rim == 0 ? 1 : kSteps;
  for (int step = 0; step < steps; ++step) {  // from the edge inwards
    const double size = std::sqrt(1 - static_cast<double>(step) / steps);
    const int luma = std::clamp(colour.y + rim * (steps - 1 - step) / std::max(1, steps - 1), 16, 235);
    fill_plane_ellipse(picture.y, centre, radius_x * size, radius_y * size, static_cast<std::uint8_t>(luma));
  }
  fill_plane_ellipse(picture.u, halved(centre), radius_x / 2, radius_y / 2, colour.u);
  fill_plane_ellipse(picture.v, halved(centre), radius_x / 2, radius_y / 2, colour.v);
}

void fill_limb(const Picture& picture, Point from, Point to, double thickness, Colour colour) {
  fill_plane_limb(picture.y, from, to, thickness, colour.y);
  fill_plane_limb(picture.u, halved(from), halved(to), thickness / 2, colour.u);
  fill_plane_limb(picture.v, halved(from), halved(to), thickness / 2, colour.v);
}

void set_pixel(const Picture& picture, int x, int y, Colour colour) {
  picture.y.row(y)[x] = colour.y;
  picture.u.row(y / 2)[x / 2] = colour.u;
  picture.v.row(y / 2)[x / 2] = colour.v;
}

void copy_columns(const Picture& source, const Picture& target, int from, int to) {
  for (int y = 0; y < target.y.height; ++y) std::copy(source.y.row(y) + from, source.y.row(y) + to, target.y.row(y) + from);
  for (int y = 0; y < target.u.height; ++y) {
    std::copy(source.u.row(y) + from / 2, source.u.row(y) + to / 2, target.u.row(y) + from / 2);
    std::copy(source.v.row(y) + from / 2, source.v.row(y) + to / 2, target.v.row(y) + from / 2);
  }
}

PictureBuffer::PictureBuffer(int width, int height) {
  const int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  const std::size_t quarter = static_cast<std::size_t>(half_width) * static_cast<std::size_t>(half_height);
  pixels_.resize(quarter * 6);
  picture_.y = {pixels_.data(), half_width * 2, half_width * 2, half_height * 2};
  picture_.u = {pixels_.data() + quarter * 4, half_width, half_width, half_height};
  picture_.v = {pixels_.data() + quarter * 5, half_width, half_width, half_height};
}

}  // namespace generators
