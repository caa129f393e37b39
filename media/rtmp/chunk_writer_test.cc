#include "media/rtmp/chunk_writer.h"

#include <gtest/gtest.h>

namespace media::rtmp {
namespace {

std::string written(std::uint32_t timestamp, std::string_view payload, std::uint32_t chunk_size) {
  std::string out;
  append_message(out, 5, {.type = MessageType::kCommand, .timestamp = timestamp, .stream = 0x0102, .payload = bytes_of(payload)},
                 chunk_size);
  return out;
}

TEST(ChunkWriter, WritesAFullHeaderAndShortOnes) {
  EXPECT_EQ(written(0x123456, "abcde", 2), (std::string{"\x05\x12\x34\x56\0\0\5\x14\2\1\0\0ab\xC5"
                                                        "cd\xC5"
                                                        "e",
                                                        19}));
}

TEST(ChunkWriter, RepeatsAnExtendedTimestamp) {
  EXPECT_EQ(written(0x01FFFFFF, "abc", 2), (std::string{"\x05\xFF\xFF\xFF\0\0\3\x14\2\1\0\0\x01\xFF\xFF\xFF"
                                                        "ab\xC5\x01\xFF\xFF\xFF"
                                                        "c",
                                                        24}));
}

}  // namespace
}  // namespace media::rtmp
