#include "server/ingest/rtmp/codec.h"

#include <gtest/gtest.h>

#include "media/rtmp/raw_text_for_test.h"

namespace server::rtmp {
namespace {

using namespace media::rtmp;

// As a classic tag's data.
std::string tag(const base::Result<MediaPayload>& media) {
  return std::string{text_of(Bytes{media->head}.first(media->head_size))} + std::string{text_of(media->body)};
}

struct Payload {
  std::string sent;
  MediaKind kind;
  std::string tag;
};

TEST(Codec, KnowsAvc) {
  const Payload rows[] = {{raw("\x17\0\0\0\0conf"), MediaKind::kHeader, raw("\x17\0\0\0\0conf")},
                          {raw("\x17\1\0\0\5nalu"), MediaKind::kKeyframe, raw("\x17\1\0\0\5nalu")},
                          {raw("\x27\1\xFF\xFF\xF0nalu"), MediaKind::kFrame, raw("\x27\1\xFF\xFF\xF0nalu")},
                          {raw("\x17\2\0\0\0"), MediaKind::kNothing, ""},  // the end of the sequence
                          {raw("\x57\0"), MediaKind::kNothing, ""},        // a command frame
                          {raw("\x17\1\0\0"), MediaKind::kNothing, ""},    // cut off
                          {"", MediaKind::kNothing, ""}};
  for (const Payload& row : rows) {
    const auto media = read_video(bytes_of(row.sent));
    ASSERT_TRUE(media.has_value());
    EXPECT_EQ(media->kind, row.kind);
    EXPECT_EQ(tag(media), row.tag);
  }
}

TEST(Codec, KnowsAac) {
  const Payload rows[] = {{raw("\xAF\0\x11\x90"), MediaKind::kHeader, raw("\xAF\0\x11\x90")},
                          {raw("\xAF\1raw"), MediaKind::kFrame, raw("\xAF\1raw")},
                          {raw("\xAF"), MediaKind::kNothing, ""},
                          {raw("\xAF\7"), MediaKind::kNothing, ""},
                          {"", MediaKind::kNothing, ""}};
  for (const Payload& row : rows) {
    const auto media = read_audio(bytes_of(row.sent));
    ASSERT_TRUE(media.has_value());
    EXPECT_EQ(media->kind, row.kind);
    EXPECT_EQ(tag(media), row.tag);
  }
}

TEST(Codec, TurnsEnhancedTagsIntoClassicOnes) {
  const Payload video[] = {{raw("\x90"
                                "avc1conf"),
                            MediaKind::kHeader, raw("\x17\0\0\0\0conf")},
                           {raw("\x91"
                                "avc1\0\0\5nalu"),
                            MediaKind::kKeyframe, raw("\x17\1\0\0\5nalu")},
                           {raw("\xA3"
                                "avc1nalu"),
                            MediaKind::kFrame, raw("\x27\1\0\0\0nalu")},
                           {raw("\x92"
                                "avc1"),
                            MediaKind::kNothing, ""},
                           {raw("\x91"
                                "avc1\0"),
                            MediaKind::kNothing, ""},
                           {raw("\x90"
                                "av"),
                            MediaKind::kNothing, ""}};
  for (const Payload& row : video) {
    const auto media = read_video(bytes_of(row.sent));
    ASSERT_TRUE(media.has_value());
    EXPECT_EQ(media->kind, row.kind);
    EXPECT_EQ(tag(media), row.tag);
  }
  EXPECT_EQ(tag(read_audio(bytes_of(raw("\x90mp4a\x11\x90")))), raw("\xAF\0\x11\x90"));
  EXPECT_EQ(tag(read_audio(bytes_of("\x91mp4araw"))), raw("\xAF\1raw"));
}

TEST(Codec, NamesWhatCannotBeUsed) {
  const std::pair<std::string, const char*> video[] = {{"\x12", "the video codec Sorenson H.263 cannot be used; send H.264"},
                                                       {"\x1C\1", "the video codec HEVC cannot be used; send H.264"},
                                                       {"\x1F", "the video codec 15 cannot be used; send H.264"},
                                                       {"\x90hvc1", "the video codec HEVC cannot be used; send H.264"},
                                                       {raw("\x90\x01x\n "), "the video codec '?x? ' cannot be used; send H.264"},
                                                       {"\x96", "multitrack video cannot be used; send one H.264 track"}};
  for (const auto& [sent, says] : video) EXPECT_EQ(read_video(bytes_of(sent)).error().message, says);
  const std::pair<std::string, const char*> audio[] = {{"\x2F\xFF", "the audio codec MP3 cannot be used; send AAC"},
                                                       {"\xB2", "the audio codec Speex cannot be used; send AAC"},
                                                       {"\x90Opus", "the audio codec Opus cannot be used; send AAC"},
                                                       {"\x95", "multitrack audio cannot be used; send one AAC track"}};
  for (const auto& [sent, says] : audio) EXPECT_EQ(read_audio(bytes_of(sent)).error().message, says);
}

}  // namespace
}  // namespace server::rtmp
