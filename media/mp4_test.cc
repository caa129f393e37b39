#include "media/mp4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "media/mp4_boxes.h"
#include "media/mp4_fragment.h"

namespace media {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The payload of the box at `path`, e.g. "moov/mvex/trex"; entered boxes are plain containers.
std::string_view find_box(std::string_view bytes, std::string_view path) {
  BoxWalk walk{bytes};
  for (auto found = walk.next(); found.has_value() && *found; found = walk.next()) {
    if ((*found)->type != path.substr(0, 4)) continue;
    return path.size() == 4 ? (*found)->payload : find_box((*found)->payload, path.substr(5));
  }
  return {};
}

std::vector<std::string> types_in(std::string_view bytes) {
  std::vector<std::string> types;
  BoxWalk walk{bytes};
  for (auto found = walk.next(); found.has_value() && *found; found = walk.next()) types.emplace_back((*found)->type);
  return types;
}

std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t width) {
  ByteReader reader{bytes.substr(offset)};
  return reader.take(width);
}

Mp4Track video_track() {
  return {.kind = TrackKind::kVideo,
          .timescale = 90000,
          .width = 640,
          .height = 360,
          .codec_config = std::string("\x01\x64\x00\x1f\xff\xe0\x00", 7),
          .average_bitrate = 800'000};
}
Mp4Track audio_track() {
  return {.kind = TrackKind::kAudio,
          .timescale = 48000,
          .sample_rate = 48000,
          .channels = 2,
          .codec_config = std::string("\x11\x90", 2),
          .average_bitrate = 128'000,
          .language = "deu"};
}

// A group of pictures as x264 makes it, composition offsets of both signs.
std::vector<Mp4Sample> video_samples() {
  return {{.bytes = "IIII", .duration = 3000, .composition = 0, .sync = true},
          {.bytes = "PPP", .duration = 3000, .composition = 6000, .sync = false},
          {.bytes = "BB", .duration = 3000, .composition = -3000, .sync = false}};
}
std::vector<Mp4Sample> audio_samples() { return {{.bytes = "aa", .duration = 1024}, {.bytes = "bbb", .duration = 1024}}; }

TEST(Mp4Init, HoldsWhatCmafAsksForAndNoEditList) {
  const std::string init = write_mp4_init(video_track());
  EXPECT_THAT(types_in(init), ElementsAre("ftyp", "moov"));
  EXPECT_THAT(types_in(find_box(init, "moov")), ElementsAre("mvhd", "trak", "mvex"));
  EXPECT_THAT(types_in(find_box(init, "moov/trak")), ElementsAre("tkhd", "mdia"));
  EXPECT_THAT(types_in(find_box(init, "moov/trak/mdia/minf")), ElementsAre("vmhd", "dinf", "stbl"));
  EXPECT_THAT(types_in(find_box(init, "moov/trak/mdia/minf/stbl")), ElementsAre("stsd", "stts", "stsc", "stsz", "stco"));
  EXPECT_EQ(find_box(init, "ftyp"), std::string_view("iso6\0\0\0\0iso6cmfcmp41", 20));
  EXPECT_EQ(number_at(find_box(init, "moov/mvex/trex"), 4, 4), 1u) << "track";
}

TEST(Mp4Init, DescribesVideoInItsSampleEntry) {
  const std::string init = write_mp4_init(video_track());
  const std::string_view entries = find_box(init, "moov/trak/mdia/minf/stbl/stsd").substr(8);
  const std::string_view avc1 = find_box(entries, "avc1");
  EXPECT_EQ(number_at(avc1, 24, 2), 640u);
  EXPECT_EQ(number_at(avc1, 26, 2), 360u);
  EXPECT_THAT(types_in(avc1.substr(78)), ElementsAre("avcC", "pasp", "btrt"));
  EXPECT_EQ(find_box(avc1.substr(78), "avcC"), video_track().codec_config);
  EXPECT_EQ(number_at(find_box(init, "moov/trak/tkhd"), 76, 2), 640u);
  EXPECT_EQ(number_at(find_box(init, "moov/trak/mdia/mdhd"), 12, 4), 90000u);
}

TEST(Mp4Init, DescribesAudioInItsSampleEntry) {
  const std::string init = write_mp4_init(audio_track());
  const std::string_view mp4a = find_box(find_box(init, "moov/trak/mdia/minf/stbl/stsd").substr(8), "mp4a");
  EXPECT_EQ(number_at(mp4a, 16, 2), 2u) << "channels";
  EXPECT_EQ(number_at(mp4a, 24, 2), 48000u);
  const std::string_view esds = find_box(mp4a.substr(28), "esds");
  EXPECT_THAT(std::string{esds}, HasSubstr(std::string("\x05\x80\x80\x80\x02\x11\x90", 7))) << "DecoderSpecificInfo";
  EXPECT_EQ(number_at(find_box(init, "moov/trak/mdia/mdhd"), 20, 2), (4u << 10 | 5u << 5 | 21u)) << "deu";
  EXPECT_EQ(find_box(init, "moov/trak/mdia/hdlr").substr(8, 4), "soun");
}

TEST(Mp4Init, LeavesOutTheBitRateWhenItIsUnknown) {
  Mp4Track track = video_track();
  track.average_bitrate = 0;
  EXPECT_EQ(write_mp4_init(track).find("btrt"), std::string::npos);
}

TEST(Mp4Init, WritesAnUnusableLanguageAsUndetermined) {
  Mp4Track track = audio_track();
  const auto language_of = [&] { return number_at(find_box(write_mp4_init(track), "moov/trak/mdia/mdhd"), 20, 2); };
  for (const char* language : {"", "de", "DEU", "d\xC3\xA9"}) {
    track.language = language;
    EXPECT_EQ(language_of(), (21u << 10 | 14u << 5 | 4u)) << language;
  }
}

TEST(Mp4Fragment, IsASegmentOfOneFragment) {
  const std::string fragment = write_mp4_fragment(7, 900'000, video_samples());
  EXPECT_THAT(types_in(fragment), ElementsAre("styp", "moof", "mdat"));
  EXPECT_THAT(types_in(find_box(fragment, "moof/traf")), ElementsAre("tfhd", "tfdt", "trun"));
  EXPECT_EQ(number_at(find_box(fragment, "moof/mfhd"), 4, 4), 7u);
  EXPECT_EQ(number_at(find_box(fragment, "moof/traf/tfdt"), 0, 1), 1u) << "version";
  EXPECT_EQ(number_at(find_box(fragment, "moof/traf/tfdt"), 4, 8), 900'000u);
  EXPECT_NE(number_at(find_box(fragment, "moof/traf/tfhd"), 0, 4) & kDefaultBaseIsMoof, 0u);
  EXPECT_EQ(find_box(fragment, "mdat"), "IIIIPPPBB");
}

TEST(Mp4Fragment, PointsFromMoofToItsFirstSample) {
  const std::string fragment = write_mp4_fragment(1, 0, video_samples());
  const std::size_t moof = fragment.find("moof") - 4;
  EXPECT_EQ(fragment.substr(moof + number_at(find_box(fragment, "moof/traf/trun"), 8, 4), 4), "IIII");
}

TEST(Mp4Fragment, WritesSignedCompositionOffsetsAndSyncFlagsPerSample) {
  const std::string fragment = write_mp4_fragment(1, 0, video_samples());
  const std::string_view run = find_box(fragment, "moof/traf/trun");
  EXPECT_EQ(number_at(run, 0, 4), 0x01000000 | kDataOffset | kSampleSize | kSampleFlags | kSampleComposition);
  EXPECT_EQ(number_at(run, 12, 4), 4u) << "size";
  EXPECT_EQ(number_at(run, 16, 4), kSyncSampleFlags);
  EXPECT_EQ(number_at(run, 28, 4), kDependentSampleFlags);
  EXPECT_EQ(static_cast<std::int32_t>(number_at(run, 44, 4)), -3000);
}

TEST(Mp4Fragment, StatesWhatAllSamplesShareOnce) {
  const std::string fragment = write_mp4_fragment(1, 0, audio_samples());
  EXPECT_EQ(number_at(find_box(fragment, "moof/traf/tfhd"), 0, 4), kDefaultBaseIsMoof | kDefaultDuration | kDefaultFlags);
  EXPECT_EQ(find_box(fragment, "moof/traf/trun").size(), 12 + 2 * 4u) << "only sizes are left per sample";
}

TEST(Mp4Segment, ReadsBackWhatWasWritten) {
  base::Random random{8};
  for (int i = 0; i < 200; ++i) {
    std::vector<Mp4Sample> samples;
    Mp4SegmentFacts expected{.decode_time = random.next() >> random.below(64)};
    for (std::uint64_t n = 1 + random.below(50); n > 0; --n)
      samples.push_back({.bytes = std::string_view{"0123456789"}.substr(0, random.below(11)),
                         .duration = static_cast<std::uint32_t>(1 + random.below(3)),
                         .composition = static_cast<std::int32_t>(random.below(7)) - 3,
                         .sync = random.chance(0.5)});
    for (const Mp4Sample& sample : samples) expected.duration += sample.duration;
    expected.samples = samples.size();
    const auto facts = read_mp4_segment(write_mp4_fragment(1, expected.decode_time, samples));
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->decode_time, expected.decode_time);
    EXPECT_EQ(facts->duration, expected.duration);
    EXPECT_EQ(facts->samples, expected.samples);
    EXPECT_EQ(facts->starts_with_sync, samples.front().sync);
  }
}

TEST(Mp4Segment, SumsOverItsFragmentsBehindAnInitSegment) {
  const auto facts = read_mp4_segment(write_mp4_init(video_track()) + write_mp4_fragment(1, 9000, video_samples()) +
                                      write_mp4_fragment(2, 18000, video_samples()));
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->decode_time, 9000u);
  EXPECT_EQ(facts->duration, 18000u);
  EXPECT_EQ(facts->samples, 6u);
  EXPECT_TRUE(facts->starts_with_sync);
}

std::string fragment_with(const std::string& tfhd, const std::string& trun, const std::string& mdat) {
  return box("moof", box("traf", tfhd + full_box("tfdt", 0, 0, u32(5)) + trun)) + box("mdat", mdat);
}

TEST(Mp4Segment, TakesDefaultsFromTrackHeaderAndFirstSampleFlags) {
  const std::string tfhd = full_box("tfhd", 0, kBaseDataOffset | kSampleDescription | kDefaultDuration | kDefaultSize | kDefaultFlags,
                                    u32(1) + u64(0) + u32(1) + u32(10) + u32(2) + u32(kDependentSampleFlags));
  const auto facts =
      read_mp4_segment(fragment_with(tfhd, full_box("trun", 0, kFirstSampleFlags, u32(3) + u32(kSyncSampleFlags)), "aabbcc"));
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->decode_time, 5u);
  EXPECT_EQ(facts->duration, 30u);
  EXPECT_TRUE(facts->starts_with_sync);
}

TEST(Mp4Segment, RefusesDamagedBytesAndSaysWhatIsWrong) {
  const std::string good = write_mp4_fragment(1, 0, video_samples());
  const std::string tfhd = full_box("tfhd", 0, 0, u32(1));
  struct Row {
    std::string bytes;
    const char* reason;
  };
  const Row rows[] = {
      {"", "no moof with samples"},
      {write_mp4_init(video_track()), "no moof with samples"},
      {good.substr(0, good.size() - 1), "box mdat at offset"},
      {good.substr(0, good.find("mdat") - 4), "no mdat for its last moof"},
      {"abc", "3 stray bytes"},
      {u32(7) + "moof", "smaller than its own header"},
      {"<html>404 Not Found</html>", "is cut short"},
      {fragment_with(tfhd, full_box("trun", 0, 0, u32(1)), "x"), "sample durations"},
      {fragment_with("", full_box("trun", 0, 0, u32(1)), "x"), "trun stands before tfhd"},
      {fragment_with(tfhd, full_box("trun", 0, kSampleDuration, u32(5) + u32(1)), "x"), "trun is too short"},
      {fragment_with(tfhd, full_box("trun", 0, kSampleDuration, u32(UINT32_MAX)), "x"), "trun announces 4294967295 samples"},
      {fragment_with(tfhd, full_box("trun", 0, kSampleDuration | kSampleSize, u32(1) + u32(9) + u32(9)), "x"),
       "mdat holds 1 bytes, its samples need 9"},
  };
  for (const Row& row : rows) {
    const auto facts = read_mp4_segment(row.bytes);
    ASSERT_FALSE(facts.has_value()) << row.reason;
    EXPECT_THAT(facts.error().message, HasSubstr(row.reason));
  }
}

TEST(Mp4Segment, SurvivesTruncationAndFlippedBytes) {
  const std::string good = write_mp4_fragment(1, 77, video_samples());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(read_mp4_segment(std::string{good, 0, n}).has_value()) << n;
  base::Random random{9};
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes = good;
    bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    refused += read_mp4_segment(bytes).has_value() ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace media
