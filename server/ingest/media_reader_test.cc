#include "server/ingest/media_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "server/ingest/encoder_for_test.h"

namespace server {
namespace {

// Two seconds of an encoder's, as a connection's bytes.
struct MediaReaderTest : testing::Test {
  ~MediaReaderTest() override {
    std::filesystem::remove(log);
    std::filesystem::remove(file);
  }
  void encode(const std::string& format) {
    base::Subprocess recorder = encoder(kGood, "2", {"-f", format, file}, log);
    ASSERT_EQ(exit_status(recorder), 0) << text_of_file(log);
    ASSERT_TRUE(bytes.push(text_of_file(file)));
    bytes.close();
  }
  const std::string log = encoder_log();
  const std::string file = log + ".media";
  ByteQueue bytes{8 << 20};
};

// ffmpeg's muxer puts up to 0.7 s of sound into one PES packet, with one timestamp.
TEST_F(MediaReaderTest, DecodesEveryFrameOfATransportStreamsPackets) {
  encode("mpegts");
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

}  // namespace
}  // namespace server
