#include "generators/feed/timecode_sei.h"

#include <algorithm>
#include <chrono>

#include "generators/feed/feed.h"

namespace generators {
namespace {

constexpr std::uint8_t kSei = 6, kUserDataUnregistered = 5, kStopBit = 0x80;
constexpr int kFirstSlice = 1, kLastSlice = 5;  // NAL unit types that hold slices

// Where the start code of the first slice begins; the end when there is none.
std::size_t first_slice(std::span<const std::uint8_t> unit) {
  for (std::size_t i = 0; i + 3 < unit.size(); ++i) {
    if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
    const int type = unit[i + 3] & 0x1F;
    if (type >= kFirstSlice && type <= kLastSlice) return i > 0 && unit[i - 1] == 0 ? i - 1 : i;
  }
  return unit.size();
}

std::vector<std::uint8_t> message(base::UtcTime time) {
  std::vector<std::uint8_t> bytes{kUserDataUnregistered, kTimecodeUuid.size() + 8};
  bytes.insert(bytes.end(), kTimecodeUuid.begin(), kTimecodeUuid.end());
  const auto us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(us >> shift));
  bytes.push_back(kStopBit);
  return bytes;
}

// Emulation prevention (ITU-T H.264, 7.4.1): no 00 00 00 to 00 00 03 inside a NAL unit.
void append_escaped(std::vector<std::uint8_t>& to, std::span<const std::uint8_t> bytes) {
  int zeros = 0;
  for (const std::uint8_t byte : bytes) {
    if (zeros == 2 && byte <= 3) {
      to.push_back(3);
      zeros = 0;
    }
    to.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
}

}  // namespace

std::vector<std::uint8_t> with_timecode(std::span<const std::uint8_t> access_unit, base::UtcTime time) {
  const std::size_t slice = first_slice(access_unit);
  std::vector<std::uint8_t> result;
  result.reserve(access_unit.size() + 48);
  result.assign(access_unit.begin(), access_unit.begin() + static_cast<std::ptrdiff_t>(slice));
  result.insert(result.end(), {0, 0, 0, 1, kSei});
  append_escaped(result, message(time));
  result.insert(result.end(), access_unit.begin() + static_cast<std::ptrdiff_t>(slice), access_unit.end());
  return result;
}

}  // namespace generators
