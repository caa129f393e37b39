#include "server/ingest/rtmp/flv_writer.h"

#include <gtest/gtest.h>

#include <vector>

#include "media/rtmp/raw_text_for_test.h"

namespace server::rtmp {
namespace {

using namespace media::rtmp;

struct Queue final : FlvSink {
  bool push(std::span<const std::span<const char>> pieces) override {
    if (!has_room) return false;
    tags.emplace_back();
    for (const auto piece : pieces) tags.back().append(piece.data(), piece.size());
    return true;
  }
  std::vector<std::string> tags;
  bool has_room = true;
};

const std::string kFile = raw("FLV\1\5\0\0\0\11\0\0\0\0");
const std::string kAvcHeader = raw("\x17\0\0\0\0c"), kKeyframe = raw("\x17\1\0\0\0k"), kFrame = raw("\x27\1\0\0\0f");
const std::string kAacHeader = raw("\xAF\0a"), kSound = raw("\xAF\1s");

struct FlvWriterTest : testing::Test {
  void video(std::uint32_t at, const std::string& payload) { EXPECT_TRUE(writer.video(at, bytes_of(payload)).has_value()); }
  void audio(std::uint32_t at, const std::string& payload) { EXPECT_TRUE(writer.audio(at, bytes_of(payload)).has_value()); }
  // What the tags hold, without their headers.
  std::vector<std::string> data() const {
    std::vector<std::string> all;
    for (const std::string& tag : queue.tags) all.push_back(tag == kFile ? tag : tag.substr(11, tag.size() - 15));
    return all;
  }
  Queue queue;
  FlvWriter writer{queue};
};

TEST_F(FlvWriterTest, WritesWholeTags) {
  writer.metadata(bytes_of("meta"));
  video(0, kAvcHeader);
  video(0x12345678, kKeyframe);
  audio(0x12345678 + 0x02000000, kSound);
  const std::vector<std::string> expected{
      kFile, raw("\x12\0\0\4\0\x03\xE8\0\0\0\0meta\0\0\0\17"), raw("\x09\0\0\6\0\x03\xE8\0\0\0\0\x17\0\0\0\0c\0\0\0\x11"),
      raw("\x09\0\0\6\0\x03\xE8\0\0\0\0\x17\1\0\0\0k\0\0\0\x11"), raw("\x08\0\0\3\0\x03\xE8\2\0\0\0\xAF\1s\0\0\0\16")};
  EXPECT_EQ(queue.tags, expected);
}

TEST_F(FlvWriterTest, OwesAConfigurationThatFoundNoRoom) {
  queue.has_room = false;
  video(0, kAvcHeader);
  audio(0, raw("\xAF\0x"));
  audio(0, kAacHeader);
  audio(0, kSound);
  queue.has_room = true;
  audio(20, kSound);
  EXPECT_EQ(data(), (std::vector<std::string>{kFile, kAvcHeader, kAacHeader, kSound}));
}

TEST_F(FlvWriterTest, WaitsForAKeyframeAfterALostPicture) {
  video(0, kKeyframe);
  queue.has_room = false;
  video(40, kFrame);
  queue.has_room = true;
  video(80, kFrame);
  audio(80, kSound);
  video(120, kKeyframe);
  video(160, kFrame);
  EXPECT_EQ(data(), (std::vector<std::string>{kFile, kKeyframe, kSound, kKeyframe, kFrame}));
}

TEST_F(FlvWriterTest, LeavesOutWhatIsNoConfiguration) {
  video(0, raw("\x17\0\0\0\0") + std::string(70'000, 'c'));
  EXPECT_TRUE(queue.tags.empty());
}

TEST_F(FlvWriterTest, NamesACodecThatCannotBeUsed) {
  EXPECT_EQ(writer.audio(0, bytes_of("\x2F")).error().message, "the audio codec MP3 cannot be used; send AAC");
  EXPECT_EQ(writer.video(0, bytes_of("\x12")).error().message, "the video codec Sorenson H.263 cannot be used; send H.264");
}

}  // namespace
}  // namespace server::rtmp
