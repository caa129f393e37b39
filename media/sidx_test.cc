#include "media/sidx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/mp4_boxes.h"
#include "media/unsupported.h"

namespace media {
namespace {

using testing::HasSubstr;

SegmentIndex two_segments() {
  return {.timescale = 90000,
          .start = 1800,
          .first_byte = 100,
          .entries = {{.bytes = 5000, .duration = 180000}, {.bytes = 4000, .duration = 90000}}};
}

std::string sidx_error_of(std::string_view bytes) {
  const auto index = read_sidx(bytes);
  return index.has_value() ? "accepted" : index.error().message;
}

// Version 0 with one reference of `first` (its type bit included) bytes.
std::string version_0(std::uint64_t timescale, std::uint64_t count, std::uint64_t first, std::uint64_t duration = 1) {
  return full_box("sidx", 0, 0, u32(1) + u32(timescale) + u32(7) + u32(20) + u16(0) + u16(count) + u32(first) + u32(duration) + u32(0));
}

TEST(ReadSidx, GivesBackWhatWasWritten) { EXPECT_EQ(*read_sidx(write_sidx(two_segments())), two_segments()); }

TEST(ReadSidx, CountsFromTheFirstByteItWasGiven) {
  const std::string before = box("free", "12345678");
  EXPECT_EQ(read_sidx(before + write_sidx(two_segments()))->first_byte, 116);
}

TEST(ReadSidx, ReadsVersion0) {
  const auto index = read_sidx(version_0(1000, 1, 50, 4000));
  EXPECT_EQ(*index, (SegmentIndex{.timescale = 1000, .start = 7, .first_byte = 44 + 20, .entries = {{.bytes = 50, .duration = 4000}}}));
}

TEST(ReadSidx, RefusesNonsense) {
  struct Row {
    std::string bytes;
    const char* message;
  };
  const Row rows[] = {
      {"", "no sidx box"},
      {"<html>not found</html>", "is cut short"},
      {box("moov", ""), "no sidx box"},
      {version_0(0, 1, 50), "timescale of 0"},
      {version_0(1, 0, 50), "lists no segment"},
      {version_0(1, 2, 50), "too short"},
      {version_0(1, 1, 0), "reference 1 of the sidx has no bytes"},
      {version_0(1, 1, 50, 0), "reference 1 of the sidx has no duration"},
      {version_0(1, 1, 0x8000'0001), "a segment index of segment indexes (sidx, reference 1): not supported"},
      {full_box("sidx", 1, 0, u32(1) + u32(1) + u64(UINT64_MAX) + u64(0) + u16(0) + u16(0)), "lists no segment"},
      {full_box("sidx", 1, 0, u32(1) + u32(1) + u64(UINT64_MAX) + u64(0) + u16(0) + u16(1) + zeros(12)), "beyond any file"},
  };
  for (const Row& row : rows) EXPECT_THAT(sidx_error_of(row.bytes), HasSubstr(row.message));
}

TEST(ReadSidx, SurvivesATruncatedBox) {
  const std::string whole = write_sidx(two_segments());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(read_sidx(std::string(whole, 0, n)).has_value()) << n;
}

}  // namespace
}  // namespace media
