#include "generators/video/frame_identity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/ensure.h"

namespace generators {
namespace {

constexpr std::uint8_t kLumaWhite = 235;
constexpr std::uint8_t kLumaBlack = 16;
constexpr int kBitRows = 3;
constexpr int kBitColumns = 16;
constexpr int kColumns = kBitColumns + 2;  // with the references
constexpr double kMargin = 0.5;            // of a cell
constexpr double kLeastContrast = 40;

std::uint16_t crc16(std::uint32_t word) {
  std::uint32_t crc = 0xFFFF;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint32_t feedback = ((crc >> 15) ^ (word >> bit)) & 1;
    crc = ((crc << 1) & 0xFFFF) ^ (feedback * 0x1021);
  }
  return static_cast<std::uint16_t>(crc);
}

// Edges of the part [from, to] of a cell in pixels.
struct Span {
  int begin, end;
};
Span span_of(int cell, double from, double to, int pixels, int grid) {
  const double size = static_cast<double>(pixels) / grid;
  return {static_cast<int>(std::lround((cell + kMargin + from) * size)), static_cast<int>(std::lround((cell + kMargin + to) * size))};
}

void fill(const Plane& luma, Span columns, Span rows, std::uint8_t value) {
  for (int y = rows.begin; y < rows.end; ++y) std::fill(luma.row(y) + columns.begin, luma.row(y) + columns.end, value);
}

double mean_of_middle(const ConstPlane& luma, int column, int row) {
  Span across = span_of(column, 0.25, 0.75, luma.width, kGridColumns);
  Span down = span_of(row, 0.25, 0.75, luma.height, kGridRows);
  across.end = std::max(across.end, across.begin + 1);
  down.end = std::max(down.end, down.begin + 1);
  double sum = 0;
  for (int y = down.begin; y < down.end; ++y)
    for (int x = across.begin; x < across.end; ++x) sum += luma.row(y)[x];
  return sum / ((across.end - across.begin) * (down.end - down.begin));
}

double reference(const ConstPlane& luma, int column) {
  double sum = 0;
  for (int row = 0; row < kBitRows; ++row) sum += mean_of_middle(luma, column, row);
  return sum / kBitRows;
}

}  // namespace

void draw_frame_identity(const Plane& luma, const FrameIdentity& identity) {
  ENSURE(identity.frame < kFrameNumbers && luma.width >= 160 && luma.height >= 120);
  const std::uint32_t word = (static_cast<std::uint32_t>(identity.source) << 24) | identity.frame;
  const std::uint64_t bits = (static_cast<std::uint64_t>(word) << 16) | crc16(word);
  fill(luma, {0, span_of(kIdentityColumns, -kMargin, 0, luma.width, kGridColumns).begin},
       {0, span_of(kIdentityRows, -kMargin, 0, luma.height, kGridRows).begin}, kLumaBlack);
  for (int row = 0; row < kBitRows; ++row) {
    const Span down = span_of(row, 0, 1, luma.height, kGridRows);
    fill(luma, span_of(0, 0, 1, luma.width, kGridColumns), down, kLumaWhite);
    for (int column = 0; column < kBitColumns; ++column) {
      const int bit = kBitRows * kBitColumns - 1 - (row * kBitColumns + column);
      if ((bits >> bit) & 1) fill(luma, span_of(column + 1, 0, 1, luma.width, kGridColumns), down, kLumaWhite);
    }
  }
}

std::optional<FrameIdentity> read_frame_identity(const ConstPlane& luma) {
  if (luma.width < kGridColumns * 2 || luma.height < kGridRows * 2) return std::nullopt;
  const double white = reference(luma, 0);
  const double black = reference(luma, kColumns - 1);
  if (white - black < kLeastContrast) return std::nullopt;
  std::uint64_t bits = 0;
  for (int row = 0; row < kBitRows; ++row)
    for (int column = 1; column <= kBitColumns; ++column)
      bits = (bits << 1) | (mean_of_middle(luma, column, row) > (white + black) / 2 ? 1u : 0u);
  const auto word = static_cast<std::uint32_t>(bits >> 16);
  if (crc16(word) != (bits & 0xFFFF)) return std::nullopt;
  return FrameIdentity{.source = static_cast<std::uint8_t>(word >> 24), .frame = word & (kFrameNumbers - 1)};
}

}  // namespace generators
