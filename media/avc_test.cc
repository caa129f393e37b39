#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/mp4.h"

namespace media {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

// As x264 writes them for High profile, level 3.0, 640x360: parameter sets in Annex B.
const std::string kSps = "\x67\x64\x00\x1e\xac\xd9\x40\xa0\x2f\xf9\x70\x11\x00\x00\x03\x00\x01\x00\x00\x03\x00\x3c\x0f\x16\x2d\x96"s;
const std::string kPps = "\x68\xeb\xe3\xcb\x22\xc0"s;
const std::string kLong = "\0\0\0\1"s;
const std::string kShort = "\0\0\1"s;

TEST(AvcConfig, RepeatsTheParameterSets) {
  const auto config = avc_config_from_annex_b(kLong + kSps + kShort + kPps);
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(*config, "\x01\x64\x00\x1e\xff\xe1\x00\x1a"s + kSps + "\x01\x00\x06"s + kPps + "\xfd\xf8\xf8\x00"s);
}

TEST(AvcConfig, LeavesOutChromaFieldsOutsideTheHighProfiles) {
  const std::string baseline = "\x67\x42\xc0\x1e\xd9\x00\xa0"s;
  const auto config = avc_config_from_annex_b(kLong + baseline + kLong + kPps);
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(config->ends_with(kPps));
}

TEST(AvcConfig, SkipsOtherUnitsAndRepetitions) {
  const std::string sei = "\x06\x05\x01\x02\x80"s;
  EXPECT_EQ(*avc_config_from_annex_b(kLong + kSps + kLong + sei + kLong + kPps + kLong + kSps),
            *avc_config_from_annex_b(kShort + kSps + kShort + kPps));
}

TEST(AvcConfig, NamesTheMissingParameterSet) {
  EXPECT_THAT(avc_config_from_annex_b("").error().message, HasSubstr("SPS"));
  EXPECT_THAT(avc_config_from_annex_b(kLong + kPps).error().message, HasSubstr("SPS"));
  EXPECT_THAT(avc_config_from_annex_b(kLong + kSps).error().message, HasSubstr("PPS"));
  EXPECT_THAT(avc_config_from_annex_b(kLong + kSps.substr(0, 4) + kLong + kPps).error().message, HasSubstr("SPS"));
  EXPECT_THAT(avc_config_from_annex_b(kLong + "\x67\x64\x00\x1e\x01"s + kLong + kPps).error().message, HasSubstr("damaged"));
}

TEST(AnnexB, BecomesLengthPrefixedWithoutParameterSets) {
  const std::string delimiter = "\x09\xf0"s, slice = "\x65\x88\x84\x00\x00\x03\x01"s, sei = "\x06\x01\x80"s;
  EXPECT_EQ(annex_b_to_length_prefixed(kLong + delimiter + kLong + kSps + kLong + kPps + kShort + sei + kShort + slice),
            "\0\0\0\3"s + sei + "\0\0\0\7"s + slice);
}

TEST(AnnexB, DropsPaddingBehindAUnit) {
  EXPECT_EQ(annex_b_to_length_prefixed(kLong + "\x41\x9a"s + "\0\0\0"s + kLong + "\x41\x9b\0"s), "\0\0\0\2\x41\x9a\0\0\0\2\x41\x9b"s);
}

TEST(AnnexB, GivesNothingForBytesWithoutAStartCode) {
  EXPECT_EQ(annex_b_to_length_prefixed(""), "");
  EXPECT_EQ(annex_b_to_length_prefixed("no start code"), "");
  EXPECT_EQ(annex_b_to_length_prefixed(kLong), "");
  EXPECT_EQ(annex_b_to_length_prefixed(kShort + kShort), "");
}

TEST(CodecString, NamesProfileAndLevelOfH264) {
  EXPECT_EQ(*avc_codec_string("\x01\x64\x00\x1f\xff\xe1\x00"s), "avc1.64001f");
  EXPECT_EQ(*avc_codec_string(*avc_config_from_annex_b(kLong + kSps + kLong + kPps)), "avc1.64001e");
  EXPECT_FALSE(avc_codec_string("").has_value());
  EXPECT_FALSE(avc_codec_string("\0\0\0\1\x67\x64\x00"s).has_value());
}

TEST(CodecString, NamesTheObjectTypeOfAac) {
  EXPECT_EQ(*aac_codec_string("\x11\x90"s), "mp4a.40.2");
  EXPECT_EQ(*aac_codec_string("\x2b\x11\x88\x00"s), "mp4a.40.5");
  EXPECT_EQ(*aac_codec_string("\xf9\x46\x40"s), "mp4a.40.42") << "behind the escape value";
  EXPECT_FALSE(aac_codec_string("").has_value());
  EXPECT_FALSE(aac_codec_string("\x11"s).has_value());
  EXPECT_FALSE(aac_codec_string("\0\0"s).has_value());
}

}  // namespace
}  // namespace media
