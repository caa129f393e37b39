// The machine-readable identity of a frame: its number and its source, as black and white cells that survive scaling down to
// 160x120 and strong compression. Pure: draws into and reads from a luma plane of any size; the picture must be shown whole.
//
// Layout, in a grid of 48 columns and 27 rows laid over the whole picture (a cell is width/48 by height/27, not rounded):
//
//   column 0        1 … 18                         19
//   row 0  quiet zone (black, half a cell used; the cells start at column 0.5, row 0.5)
//          W b b b b b b b b b b b b b b b b B      W: white reference, B: black reference,
//          W b b b b b b b b b b b b b b b b B      b: 48 bits, row by row, left to right, first bit first; 1 is white
//          W b b b b b b b b b b b b b b b b B
//   row 4  end of the quiet zone                    (the block covers columns 0 to 19 and rows 0 to 4)
//
// Bits, most significant first: source (8), frame number (24), CRC-16 of those four bytes (polynomial 0x1021, initial value
// 0xFFFF, not reflected). White is luma 235, black 16. A reader averages the middle half of each cell in both directions and
// compares it with the middle between the averages of the white and of the black references; it gives up when these differ by
// less than 40 levels or when the CRC does not match.
#pragma once

#include <cstdint>
#include <optional>

#include "generators/video/plane.h"

namespace generators {

struct FrameIdentity {
  std::uint8_t source = 0;  // lowest byte of the video's seed
  std::uint32_t frame = 0;  // counts from 0, modulo 2^24
  friend bool operator==(const FrameIdentity&, const FrameIdentity&) = default;
};

inline constexpr std::uint32_t kFrameNumbers = 1u << 24;
inline constexpr int kGridColumns = 48;
inline constexpr int kGridRows = 27;
inline constexpr int kIdentityColumns = 19;  // columns and rows of the grid that the block covers, from the top left corner
inline constexpr int kIdentityRows = 4;

// Requires: identity.frame < kFrameNumbers; the plane is at least 160x120.
void draw_frame_identity(const Plane& luma, const FrameIdentity& identity);
// Nothing when the block is missing, too small or damaged.
std::optional<FrameIdentity> read_frame_identity(const ConstPlane& luma);

}  // namespace generators
