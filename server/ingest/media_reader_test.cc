#include "server/ingest/media_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/errors.h"
#include "server/ingest/av_handles.h"
#include "server/ingest/encoder_for_test.h"

namespace server {
namespace {

// Two seconds of an encoder's, as a connection's bytes.
struct MediaReaderTest : testing::Test {
  ~MediaReaderTest() override {
    std::filesystem::remove(log);
    std::filesystem::remove(file);
  }
  // Returns what it makes of them.
  std::string encode(const std::string& format, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> options = more;
    options.insert(options.end(), {"-f", format, "-y", file});
    base::Subprocess recorder = encoder(kGood, "2", options, log);
    EXPECT_EQ(exit_status(recorder), 0) << text_of_file(log);
    return text_of_file(file);
  }
  void send(const std::string& sent) {
    ASSERT_TRUE(bytes.push(sent));
    bytes.close();
  }
  static std::size_t count_pictures(MediaReader& reader) {
    std::size_t pictures = 0;
    while (const auto media = reader.next()) pictures += std::holds_alternative<VideoFrame>(*media) ? 1 : 0;
    return pictures;
  }
  static std::pair<int, int> size_of_first(MediaReader& reader) {
    while (const auto media = reader.next())
      if (const auto* frame = std::get_if<VideoFrame>(&*media)) return {frame->picture->width, frame->picture->height};
    return {};
  }
  std::unique_ptr<MediaReader> reader_of(Container container) {
    return MediaReader::open_stream(bytes, container, [](std::span<const std::uint8_t>) {});
  }
  std::size_t pictures_of_stream() { return count_pictures(*reader_of(Container::kMpegTs)); }
  const std::string log = encoder_log();
  const std::string file = log + ".media";
  ByteQueue bytes{8 << 20};
};

// ffmpeg's muxer puts up to 0.7 s of sound into one PES packet, with one timestamp.
TEST_F(MediaReaderTest, DecodesEveryFrameOfATransportStreamsPackets) {
  send(encode("mpegts"));
  std::size_t pictures = 0, samples = 0;
  std::optional<base::Duration> sound_end;
  std::vector<base::Duration> passed_on;
  const auto reader = MediaReader::open_stream(
      bytes, Container::kMpegTs, [](std::span<const std::uint8_t>) {},
      [&](const MediaPacket& packet) {
        if (packet.track == PacketTrack::kAudio) passed_on.push_back(packet.present);
      });
  while (const auto media = reader->next()) {
    const auto* block = std::get_if<AudioBlock>(&*media);
    if (block == nullptr) ++pictures;
    if (block == nullptr) continue;
    EXPECT_LT(std::chrono::abs(block->timestamp - sound_end.value_or(block->timestamp)), std::chrono::milliseconds{1});
    sound_end = block->timestamp + base::from_seconds(static_cast<double>(block->left.size()) / kSampleRate);
    samples += block->left.size();
  }
  EXPECT_EQ(pictures, 50U);
  EXPECT_GE(samples, 2U * kSampleRate - 2048);
  EXPECT_EQ(passed_on.size(), samples / 1024) << "packets of AAC";
  EXPECT_TRUE(std::is_sorted(passed_on.begin(), passed_on.end()));
}

TEST_F(MediaReaderTest, GoesOnBehindBytesThatAreNoTransportStream) {
  const std::string good = encode("mpegts");
  send(good + std::string(200'000, 'x') + good);
  EXPECT_GE(pictures_of_stream(), 95U);
}

TEST_F(MediaReaderTest, FailsWhereATransportStreamDoesNotComeBack) {
  send(encode("mpegts") + std::string(2'000'000, 'x'));
  EXPECT_THROW(pictures_of_stream(), base::RunFailed);
}

TEST_F(MediaReaderTest, FailsOnWhatIsNoTransportStream) {
  send(encode("flv"));
  EXPECT_THROW(pictures_of_stream(), base::RunFailed);
}

TEST_F(MediaReaderTest, FailsOnWhatIsNoFlv) {
  send(encode("mpegts"));
  EXPECT_THROW(count_pictures(*reader_of(Container::kFlv)), base::RunFailed);
}

TEST_F(MediaReaderTest, EndsWhereNothingWasSent) {
  bytes.close();
  EXPECT_EQ(pictures_of_stream(), 0U);
}

// The demuxer has a picture only when the next one begins, and the decoder may keep some. A connection that is silent for long before it is
// over has sent them long before.
TEST_F(MediaReaderTest, SaysOfTheLastPicturesThatTheyCameWithThoseBefore) {
  send(encode("mpegts"));
  std::vector<base::Instant> arrived;
  const auto reader = reader_of(Container::kMpegTs);
  while (const auto media = reader->next())
    if (const auto* frame = std::get_if<VideoFrame>(&*media)) arrived.push_back(frame->arrived);
  ASSERT_GE(arrived.size(), 3U);
  EXPECT_EQ(arrived.back(), arrived.end()[-2]);
  EXPECT_GT(arrived.back(), arrived.front());
}

TEST_F(MediaReaderTest, FollowsASenderThatGoesOnInOtherStreams) {
  const std::string before = encode("mpegts");
  send(before + encode("mpegts", {"-g", "5", "-mpegts_start_pid", "0x300", "-output_ts_offset", "2"}));
  EXPECT_GE(pictures_of_stream(), 50U + 15U);
}

TEST_F(MediaReaderTest, StaysWithItsStreamsWhileTheySend) {
  send(encode("mpegts", {"-map", "0:v", "-map", "1:a", "-map", "0:v", "-map", "1:a"}));
  EXPECT_EQ(pictures_of_stream(), 50U);
}

TEST_F(MediaReaderTest, StaysWithPicturesThatPauseBesideOthers) {
  send(encode("mpegts", {"-map", "0:v", "-map", "1:a", "-map", "0:v", "-filter:v:0", "select=not(between(t\\,1\\,2.49))", "-t", "4"}));
  EXPECT_EQ(pictures_of_stream(), 100U - 38U);
}

// A key frame is larger than what may come before the first packet is found.
TEST_F(MediaReaderTest, ReadsPacketsWithATime) {
  send(encode("mpegts", {"-mpegts_m2ts_mode", "1", "-vf", "noise=alls=100", "-qp", "0"}));
  EXPECT_EQ(pictures_of_stream(), 50U);
}

TEST_F(MediaReaderTest, PassesOverAFilesCover) {
  encode("mp4", {"-map", "0:v", "-map", "1:a", "-map", "0:v", "-c:v:1", "mjpeg", "-pix_fmt:v:1", "yuvj420p", "-bf:v:1", "0", "-frames:v:1",
                 "1", "-disposition:v:1", "attached_pic"});
  EXPECT_EQ(count_pictures(*MediaReader::open_file(file)), 50U);
}

// As a telephone that is held upright writes it, and as one sends it.
TEST_F(MediaReaderTest, TurnsPicturesAsTheyAreToBeShown) {
  encode("mp4");
  const std::string turned = file + ".mp4";
  base::Subprocess copier{
      {.command = {"ffmpeg", "-loglevel", "error", "-y", "-i", file, "-c", "copy", "-metadata:s:v", "rotate=90", turned},
       .output_file = log}};
  ASSERT_EQ(exit_status(copier), 0) << text_of_file(log);
  EXPECT_EQ(size_of_first(*MediaReader::open_file(turned)), (std::pair{180, 320}));
  std::filesystem::remove(turned);
  send(encode("mpegts", {"-bsf:v", "h264_metadata=display_orientation=insert:rotate=90"}));
  EXPECT_EQ(size_of_first(*reader_of(Container::kMpegTs)), (std::pair{180, 320}));
}

}  // namespace
}  // namespace server
