#include "server/forwarding/track_shaper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace server {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

const Bytes kSps{0x67, 66, 0, 30, 0xF4, 0x05, 0x01, 0xE8}, kOtherSps{0x67, 66, 0, 31, 0xF4, 0x05, 0x01, 0xE8}, kPps{0x68, 0xCE, 0x3C, 0x80};
const Bytes kSlice{0x65, 0x88, 0x84, 0x00, 0x33};

Bytes annex_b(const std::vector<Bytes>& units) {
  Bytes all;
  for (const Bytes& unit : units) {
    all.insert(all.end(), {0, 0, 0, 1});
    all.insert(all.end(), unit.begin(), unit.end());
  }
  return all;
}

// An ADTS header of AAC-LC at 48 kHz, and a payload.
Bytes adts(int channels, const Bytes& payload) {
  const std::size_t size = 7 + payload.size();
  Bytes all{0xFF,
            0xF1,
            static_cast<std::uint8_t>(0x4C | channels >> 2),
            static_cast<std::uint8_t>((channels & 3) << 6),
            static_cast<std::uint8_t>(size >> 3),
            static_cast<std::uint8_t>((size & 7) << 5 | 0x1F),
            0xFC};
  all.insert(all.end(), payload.begin(), payload.end());
  return all;
}

std::shared_ptr<const AVCodecParameters> parameters_of(AVMediaType type, AVCodecID codec, const Bytes& extradata = {}) {
  AvParametersPtr made{avcodec_parameters_alloc()};
  made->codec_type = type;
  made->codec_id = codec;
  set_extradata(*made, extradata);
  return share(std::move(made));
}

MediaPacket packet_of(std::shared_ptr<const AVCodecParameters> parameters, const Bytes& bytes, bool key = true) {
  AvPacketPtr packet{av_packet_alloc()};
  av_new_packet(packet.get(), static_cast<int>(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), packet->data);
  const bool is_video = parameters->codec_type == AVMEDIA_TYPE_VIDEO;
  return {.track = is_video ? PacketTrack::kVideo : PacketTrack::kAudio,
          .key = key,
          .packet = share(std::move(packet)),
          .parameters = std::move(parameters)};
}

Bytes bytes_of(const AvPacketPtr& packet) { return packet == nullptr ? Bytes{} : Bytes{packet->data, packet->data + packet->size}; }
Bytes extradata_of(const TrackShaper& shaper) {
  const AVCodecParameters& parameters = shaper.parameters();
  return {parameters.extradata, parameters.extradata + parameters.extradata_size};
}

bool holds(const Bytes& all, const Bytes& part) { return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end(); }

const auto kH264 = parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264);
const auto kAac = parameters_of(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC);

TEST(TrackShaper, TakesTheParameterSetsOutOfTheFirstKeyFrame) {
  const MediaPacket key = packet_of(kH264, annex_b({kSps, kPps, kSlice}));
  auto shaper = TrackShaper::make(key, ForwardProtocol::kSrt);
  ASSERT_TRUE(shaper.has_value()) << shaper.error().message;
  EXPECT_TRUE(holds(extradata_of(*shaper), kSps));
  EXPECT_TRUE(holds(extradata_of(*shaper), kPps));
  EXPECT_FALSE(holds(extradata_of(*shaper), kSlice));
  EXPECT_THAT(bytes_of(shaper->shape(key)), ElementsAreArray(annex_b({kSps, kPps, kSlice})));
}

TEST(TrackShaper, FitsUntilTheParameterSetsChange) {
  const auto shaper = TrackShaper::make(packet_of(kH264, annex_b({kSps, kPps, kSlice})), ForwardProtocol::kSrt);
  ASSERT_TRUE(shaper.has_value()) << shaper.error().message;
  EXPECT_TRUE(shaper->fits(packet_of(kH264, annex_b({kSps, kPps, kSlice}))));
  EXPECT_TRUE(shaper->fits(packet_of(kH264, annex_b({kSlice})))) << "those of before";
  EXPECT_FALSE(shaper->fits(packet_of(kH264, annex_b({kOtherSps, kPps, kSlice}))));
  EXPECT_TRUE(shaper->fits(packet_of(kH264, annex_b({kOtherSps, kPps, kSlice}), false))) << "looked for in key frames only";
  EXPECT_FALSE(shaper->fits(packet_of(parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_HEVC), annex_b({kSlice}))));
}

TEST(TrackShaper, FitsUntilTheDescriptionBesideThePacketsChanges) {
  const Bytes one{1, 66, 0, 30, 0xFF, 0xE1, 0, 4, 0x67, 66, 0, 30, 1, 0, 4, 0x68, 0xCE, 0x3C, 0x80};
  Bytes other = one;
  other[3] = 31;
  const auto shaper =
      TrackShaper::make(packet_of(parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264, one), kSlice), ForwardProtocol::kRtmp);
  ASSERT_TRUE(shaper.has_value()) << shaper.error().message;
  EXPECT_THAT(extradata_of(*shaper), ElementsAreArray(one));
  EXPECT_TRUE(shaper->fits(packet_of(parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264, one), kSlice)));
  EXPECT_FALSE(shaper->fits(packet_of(parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264, other), kSlice)));
  EXPECT_FALSE(shaper->fits(packet_of(kH264, annex_b({kSps, kPps, kSlice})))) << "in band from now on";
}

TEST(TrackShaper, TakesAdtsHeadersOff) {
  const Bytes sound{0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C};
  auto shaper = TrackShaper::make(packet_of(kAac, adts(2, sound)), ForwardProtocol::kRtmp);
  ASSERT_TRUE(shaper.has_value()) << shaper.error().message;
  EXPECT_THAT(extradata_of(*shaper), ElementsAre(0x11, 0x90)) << "AAC-LC, 48 kHz, stereo";
  EXPECT_THAT(bytes_of(shaper->shape(packet_of(kAac, adts(2, sound)))), ElementsAreArray(sound));
  EXPECT_TRUE(shaper->fits(packet_of(kAac, adts(2, sound))));
  EXPECT_FALSE(shaper->fits(packet_of(kAac, adts(1, sound)))) << "mono";
  EXPECT_FALSE(shaper->fits(packet_of(kAac, sound))) << "no header";
  EXPECT_EQ(shaper->shape(packet_of(kAac, {0xFF, 0xF1})), nullptr) << "broken";
}

TEST(TrackShaper, LeavesBareAacAsItIs) {
  const Bytes sound{0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C};
  const auto parameters = parameters_of(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC, {0x11, 0x90});
  auto shaper = TrackShaper::make(packet_of(parameters, sound), ForwardProtocol::kSrt);
  ASSERT_TRUE(shaper.has_value()) << shaper.error().message;
  EXPECT_THAT(bytes_of(shaper->shape(packet_of(parameters, sound))), ElementsAreArray(sound));
}

TEST(TrackShaper, SaysWhyATrackCannotBeSent) {
  const auto error_of = [](const MediaPacket& packet, ForwardProtocol protocol) {
    return TrackShaper::make(packet, protocol).error().message;
  };
  EXPECT_EQ(error_of(packet_of(kH264, annex_b({kSlice})), ForwardProtocol::kSrt), "the key frame comes without parameter sets");
  EXPECT_THAT(error_of(packet_of(parameters_of(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_HEVC), kSlice), ForwardProtocol::kRtmp),
              HasSubstr("the source sends hevc"));
}

}  // namespace
}  // namespace server
