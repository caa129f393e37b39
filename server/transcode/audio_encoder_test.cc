#include "server/transcode/audio_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "server/ingest/av_handles.h"
#include "server/transcode/slot_geometry.h"

namespace server {
namespace {

constexpr base::Bitrate kRate = base::Bitrate::bits_per_second(128'000);

std::vector<float> tone(std::size_t samples) {
  std::vector<float> out(samples);
  for (std::size_t i = 0; i < samples; ++i) out[i] = 0.5F * static_cast<float>(std::sin(0.13 * static_cast<double>(i)));
  return out;
}

// The left channel as a player hears it, each frame at the place its number says; the first one starts at index 0.
std::vector<float> heard(const AudioEncoder& encoder, const std::vector<EncodedSample>& samples) {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
  AvCodecContextPtr decoder{avcodec_alloc_context3(codec)};
  const std::string& config = encoder.codec_config();
  decoder->extradata = static_cast<std::uint8_t*>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  decoder->extradata_size = static_cast<int>(config.size());
  std::copy(config.begin(), config.end(), decoder->extradata);
  EXPECT_EQ(avcodec_open2(decoder.get(), codec, nullptr), 0);
  std::vector<float> out(samples.size() * 1024);
  AvFramePtr frame{av_frame_alloc()};
  for (const EncodedSample& sample : samples) {
    AvPacketPtr packet{av_packet_alloc()};
    av_new_packet(packet.get(), static_cast<int>(sample.bytes.size()));
    std::copy(sample.bytes.begin(), sample.bytes.end(), packet->data);
    EXPECT_EQ(avcodec_send_packet(decoder.get(), packet.get()), 0);
    EXPECT_EQ(avcodec_receive_frame(decoder.get(), frame.get()), 0);
    const auto* left = reinterpret_cast<const float*>(frame->data[0]);
    std::copy(left, left + 1024, out.begin() + (sample.frame - samples.front().frame) * 1024);
  }
  return out;
}

TEST(AudioEncoder, PutsSoundWhereItWas) {
  AudioEncoder encoder{kRate};
  encoder.start_at(100);
  std::vector<EncodedSample> out = encoder.encode_silence(10'000);
  const std::vector<float> sound = tone(30'000);
  std::ranges::move(encoder.encode(sound, sound), std::back_inserter(out));
  const std::vector<float> got = heard(encoder, out);
  EXPECT_EQ(out.front().frame, 100);
  const auto onset = std::find_if(got.begin(), got.end(), [](float x) { return std::abs(x) > 0.25F; }) - got.begin();
  EXPECT_NEAR(static_cast<double>(onset), 10'000, 64);
}

TEST(AudioEncoder, LetsAFrameOutTwoFramesLater) {
  AudioEncoder encoder{kRate};
  encoder.start_at(0);
  EXPECT_EQ(encoder.encode_silence(7 * 1024).size(), 5U);
  EXPECT_EQ(encoder.encode_silence(1023).size(), 0U);
  EXPECT_EQ(encoder.encode_silence(1).size(), 1U);
}

TEST(AudioEncoder, ForgetsWhatWasInsideWhenItStartsAgain) {
  AudioEncoder encoder{kRate};
  encoder.start_at(0);
  encoder.encode_silence(5 * 1024 + 500);
  encoder.start_at(5);
  const std::vector<EncodedSample> out = encoder.encode_silence(6 * 1024);
  ASSERT_EQ(out.size(), 4U);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i].frame, 5 + static_cast<std::int64_t>(i));
}

}  // namespace
}  // namespace server
