// What a contribution says of a track that cannot be decoded: a feed's MPEG-TS whose tables name another codec.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "generators/feed/ts_muxer.h"
#include "generators/video/video.h"
#include "server/ingest/media_reader.h"

extern "C" {
#include <libavutil/bswap.h>
#include <libavutil/crc.h>
}

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPacket = 188;
constexpr std::uint8_t kH264 = 0x1B, kAac = 0x0F, kAvs3 = 0xD4;  // stream types; FFmpeg as Debian 12 has it knows AVS3 but cannot decode it

// A second of it.
std::vector<std::uint8_t> transport_stream() {
  const std::string file = testing::TempDir() + "unusable-track-" + std::to_string(getpid()) + ".mp4";
  generators::generate_video(
      {.pattern = generators::Pattern::kTalk, .width = 160, .height = 120, .fps = 25, .duration = 1s, .bitrate = {}, .file = file}, {});
  std::vector<std::uint8_t> stream;
  {
    generators::Clip clip{file};
    clip.seek(0s);
    generators::TsMuxer muxer{clip,
                              [&](std::span<const std::uint8_t> payload) { stream.insert(stream.end(), payload.begin(), payload.end()); }};
    for (generators::Unit unit = clip.next(); unit.dts < 1s; unit = clip.next()) muxer.write(unit);
  }
  std::remove(file.c_str());
  return stream;
}

// In every program map table (ISO/IEC 13818-1, 2.4.4.8), which lies within one packet here.
void rename_codec(std::vector<std::uint8_t>& stream, std::uint8_t from, std::uint8_t to) {
  constexpr std::size_t kHeader = 5;  // of a packet without adaptation field, pointer field included
  for (std::size_t at = 0; at + kPacket <= stream.size(); at += kPacket) {
    std::uint8_t* section = &stream[at + kHeader];
    const bool starts = (stream[at + 1] & 0x40) != 0 && (stream[at + 3] & 0x30) == 0x10 && stream[at + 4] == 0;
    if (!starts || section[0] != 2) continue;
    const std::size_t length = (section[1] & 0x0FU) << 8 | section[2];
    const std::size_t end = 3 + length - 4;  // of what the checksum covers
    for (std::size_t entry = 12 + ((section[10] & 0x0FU) << 8 | section[11]); entry + 5 <= end;
         entry += 5 + ((section[entry + 3] & 0x0FU) << 8 | section[entry + 4])) {
      if (section[entry] == from) section[entry] = to;
    }
    const std::uint32_t sum = av_bswap32(av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0xFFFFFFFF, section, end));
    for (std::size_t i = 0; i < 4; ++i) section[end + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
  }
}

struct Read {
  int pictures = 0, blocks = 0;
  std::vector<std::string> notices;
};

Read read(const std::vector<std::uint8_t>& stream) {
  server::ByteQueue queue{stream.size()};
  queue.push({reinterpret_cast<const char*>(stream.data()), stream.size()});
  queue.close();
  Read found;
  const auto reader = server::MediaReader::open_stream(
      queue, server::Container::kMpegTs, [](std::span<const std::uint8_t>) {}, {},
      [&](const std::string& notice) { found.notices.push_back(notice); });
  while (const auto media = reader->next()) ++(std::holds_alternative<server::VideoFrame>(*media) ? found.pictures : found.blocks);
  return found;
}

TEST(UnusableTrack, IsSaidOnceAndTheOtherPlays) {
  const std::vector<std::uint8_t> stream = transport_stream();
  std::vector<std::uint8_t> no_video = stream, no_sound = stream;
  rename_codec(no_video, kH264, kAvs3);
  rename_codec(no_sound, kAac, kAvs3);

  const Read whole = read(stream);
  EXPECT_EQ(whole.pictures, 25);
  EXPECT_GT(whole.blocks, 40);
  EXPECT_THAT(whole.notices, testing::IsEmpty());

  const Read sound = read(no_video);
  EXPECT_EQ(sound.pictures, 0);
  EXPECT_EQ(sound.blocks, whole.blocks);
  EXPECT_THAT(sound.notices, testing::ElementsAre("its video comes as avs3, which cannot be decoded here; send H.264"));

  const Read pictures = read(no_sound);
  EXPECT_EQ(pictures.pictures, 25);
  EXPECT_EQ(pictures.blocks, 0);
  EXPECT_THAT(pictures.notices, testing::IsEmpty()) << "a second video track is no news";
}

}  // namespace
