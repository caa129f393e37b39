// One 8-bit plane of a picture, borrowed from whoever owns the pixels (an encoder's frame, a decoder's frame, a PictureBuffer).
#pragma once

#include <cstddef>
#include <cstdint>

namespace generators {

struct Plane {
  std::uint8_t* data = nullptr;
  int stride = 0;  // bytes from one row to the next
  int width = 0, height = 0;
  std::uint8_t* row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * stride; }
};

struct ConstPlane {
  ConstPlane() = default;
  ConstPlane(const std::uint8_t* pixels, int row_stride, int columns, int rows)
      : data{pixels}, stride{row_stride}, width{columns}, height{rows} {}
  ConstPlane(const Plane& plane) : ConstPlane{plane.data, plane.stride, plane.width, plane.height} {}
  const std::uint8_t* row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * stride; }
  const std::uint8_t* data = nullptr;
  int stride = 0;
  int width = 0, height = 0;
};

}  // namespace generators
