#include "server/transcode/encoded_packets.h"

#include <gtest/gtest.h>

#include "server/ingest/av_handles.h"
#include "server/switching/grey_picture.h"

namespace server {
namespace {

using namespace base::literals;

TEST(EncodedPackets, AreOfTheHighestRungAndTheSoundOnTheFrameGrid) {
  constexpr FrameRate kThirty{30, 1};
  std::vector<std::pair<std::size_t, EncodedSample>> told;
  const base::Bitrate rate = base::Bitrate::bits_per_second(200'000);
  const Picture picture = grey_picture(90);
  EncoderSet encoders{{{.height = 240, .bitrate = rate}, {.height = 120, .bitrate = rate}},
                      kThirty,
                      *picture,
                      [&](std::size_t track, const EncodedSample& sample) { told.emplace_back(track, sample); }};
  encoders.start_at(47);
  for (int i = 0; i < 3; ++i) {
    encoders.encode(picture, 30 + i, i == 0);
    encoders.encode_silence(2048);
  }
  const EncodedPackets packets{encoders.tracks(), SlotGeometry{kThirty}};
  std::vector<MediaPacket> video, sound;
  for (const auto& [track, sample] : told) {
    const auto packet = packets.packet_of(track, sample);
    EXPECT_EQ(packet.has_value(), track != 1) << "the lower rung is not sent on";
    if (packet) (packet->track == PacketTrack::kVideo ? video : sound).push_back(*packet);
  }
  ASSERT_EQ(video.size(), 3U);
  EXPECT_TRUE(video[0].key);
  EXPECT_FALSE(video[1].key);
  EXPECT_EQ(video[0].decode, 1s);
  EXPECT_EQ(video[1].present, 1s + 33'333'333ns);
  EXPECT_EQ(video[0].parameters->width, 320);
  EXPECT_EQ(video[0].parameters->extradata[0], 1) << "avcC";
  EXPECT_EQ(video[0].packet->size, static_cast<int>(told[0].second.bytes.size()));
  ASSERT_GE(sound.size(), 4U);
  EXPECT_EQ(sound[0].decode, 1'002'666'666ns + 1ns);  // 47 x 1024 / 48000 s
  EXPECT_NEAR(base::to_seconds(sound[1].decode - sound[0].decode), 1024 / 48000.0, 1e-8);
  EXPECT_EQ(sound[0].parameters->sample_rate, 48000);
  // What is tapped is taken all the same.
  EXPECT_EQ(encoders.take(0, 33).size(), 3U);
}

}  // namespace
}  // namespace server
