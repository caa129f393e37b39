// ffmpeg as a publisher: what it is told, and what is decoded of what it sends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "server/ingest/encoder_for_test.h"
#include "server/ingest/publisher_source.h"
#include "server/ingest/rtmp/listener.h"
#include "server/ingest/rtmp/test_peer.h"

namespace server::rtmp {
namespace {

using testing::HasSubstr;

struct RtmpEncoderTest : testing::Test {
  ~RtmpEncoderTest() override { std::filesystem::remove(log); }

  base::Subprocess ffmpeg(const std::string& path, const std::vector<std::string>& codecs, const std::string& length = "") const {
    return encoder(codecs, length, {"-f", "flv", "rtmp://127.0.0.1:" + std::to_string(listener.port()) + path}, log);
  }
  std::string told(base::Subprocess refused) const { return told_when_failed(std::move(refused), log); }

  const std::string log = encoder_log();
  PublishPoints points;
  CountingSink sink;
  PublisherSource source{points, "main", {.protocol = PublishProtocol::kRtmp, .key = "k"}, sink};
  RtmpListener listener{{}, points};
};

TEST_F(RtmpEncoderTest, IsDecoded) {
  const auto encoder = ffmpeg("/live/main?key=k", kGood, "2");
  EXPECT_TRUE(sink.gets(50, 2 * 48'000 - 2048, 1));
  EXPECT_EQ(sink.pictures(), 50U);
  EXPECT_DOUBLE_EQ(sink.rate(), 25);
}

TEST_F(RtmpEncoderTest, MaySendPicturesAlone) {
  const auto encoder = ffmpeg("/live/main?key=k", {"-map", "0", "-c:v", "libx264", "-preset", "ultrafast"}, "1");
  EXPECT_TRUE(sink.gets(25, 0, 1));
}

TEST_F(RtmpEncoderTest, MaySendSoundAlone) {
  const auto encoder = ffmpeg("/live/main?key=k", {"-map", "1", "-c:a", "aac"}, "1");
  EXPECT_TRUE(sink.gets(0, 48'000 - 2048, 1));
}

TEST_F(RtmpEncoderTest, FindsABackup) {
  CountingSink backup_sink;
  const PublisherSource backup{points, "main/backup", {.protocol = PublishProtocol::kRtmp, .key = "b"}, backup_sink};
  const auto encoder = ffmpeg("/live/main/backup?key=b", kGood, "1");
  EXPECT_TRUE(backup_sink.gets(25, 0, 1));
}

TEST_F(RtmpEncoderTest, TakesOverItsGhost) {
  TestPeer ghost{listener.port()};
  ASSERT_THAT(ghost.publish("main?key=k"), HasSubstr("NetStream.Publish.Start"));
  const auto encoder = ffmpeg("/live/main?key=k", kGood, "1");
  EXPECT_TRUE(sink.gets(25, 0, 2));
}

TEST_F(RtmpEncoderTest, IsToldThatItsKeyIsWrong) {
  EXPECT_THAT(told(ffmpeg("/live/main?key=wrong", kGood)), HasSubstr("the publish key is wrong"));
  EXPECT_EQ(sink.pictures(), 0U);
}

TEST_F(RtmpEncoderTest, IsToldThatThereIsNoSuchStream) {
  EXPECT_THAT(told(ffmpeg("/live/other?key=k", kGood)), HasSubstr("there is no such stream: 'other'"));
}

TEST_F(RtmpEncoderTest, IsToldWhatToWrite) {
  EXPECT_THAT(told(ffmpeg("/app/main?key=k", kGood)), HasSubstr("write rtmp://HOST/live/NAME?key=KEY"));
}

TEST_F(RtmpEncoderTest, IsToldWhichCodecCannotBeUsed) {
  EXPECT_THAT(told(ffmpeg("/live/main?key=k", {"-c:v", "flv1", "-c:a", "aac"})),
              HasSubstr("the video codec Sorenson H.263 cannot be used; send H.264"));
}

}  // namespace
}  // namespace server::rtmp
