#include "media/rtmp/amf0.h"

#include <gtest/gtest.h>

#include "media/rtmp/raw_text_for_test.h"

namespace media::rtmp {
namespace {

std::vector<AmfValue> parsed(const std::string& bytes) {
  auto values = parse_amf(bytes_of(bytes));
  EXPECT_TRUE(values.has_value()) << values.error().message;
  return values.has_value() ? *values : std::vector<AmfValue>{};
}

std::string problem(const std::string& bytes) {
  const auto values = parse_amf(bytes_of(bytes));
  return values.has_error() ? values.error().message : "";
}

const std::string kOne = raw("\0\x3F\xF0\0\0\0\0\0\0");  // the number 1

TEST(Amf0, ReadsACommand) {
  const auto values = parsed(raw("\2\0\7connect") + kOne + raw("\3\0\3app\2\0\4live\0\4fast\1\1\0\0\11"));
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(*values[0].text(), "connect");
  EXPECT_EQ(*values[1].number(), 1);
  EXPECT_EQ(*values[2].find("app")->text(), "live");
  EXPECT_EQ(std::get<bool>(values[2].find("fast")->value), true);
  EXPECT_EQ(values[2].find("none"), nullptr);
  EXPECT_EQ(values[0].find("app"), nullptr);
}

TEST(Amf0, ReadsEveryType) {
  const auto values =
      parsed(raw("\5\6\15") + raw("\7\0\1") + raw("\10\0\0\0\0\0\1a\5\0\0\11") + raw("\12\0\0\0\2\5\1\0") +
             raw("\13\x3F\xF0\0\0\0\0\0\0\0\0") + raw("\14\0\0\0\3abc") + raw("\17\0\0\0\1x") + raw("\20\0\1C\0\1b\5\0\0\11"));
  ASSERT_EQ(values.size(), 10U);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(std::holds_alternative<std::monostate>(values[static_cast<std::size_t>(i)].value));
  EXPECT_NE(values[4].find("a"), nullptr) << "an ECMA array, whose count is wrong";
  EXPECT_EQ(std::get<AmfArray>(values[5].value).items.size(), 2U);
  EXPECT_EQ(*values[6].number(), 1) << "a date";
  EXPECT_EQ(*values[7].text(), "abc");
  EXPECT_EQ(*values[8].text(), "x");
  EXPECT_NE(values[9].find("b"), nullptr) << "a typed object";
}

TEST(Amf0, WritesWhatItReads) {
  const AmfValue object = amf({{"code", amf("ok")}, {"n", amf(31.0)}, {"none", amf_null()}, {"yes", AmfValue{true}}});
  const AmfValue array{AmfArray{{amf(1.0), amf("two")}}};
  const std::string bytes = amf_payload({amf("_result"), object, array});
  EXPECT_EQ(bytes, raw("\2\0\7_result\3\0\4code\2\0\2ok\0\1n\0\x40\x3F\0\0\0\0\0\0\0\4none\5\0\3yes\1\1\0\0\11\12\0\0\0\2") + kOne +
                       raw("\2\0\3two"));
  std::string again;
  for (const AmfValue& value : parsed(bytes)) append_amf(again, value);
  EXPECT_EQ(again, bytes);
}

TEST(Amf0, TakesATextOffTheFront) {
  const std::string bytes = raw("\2\0\2ab\5");
  Bytes rest = bytes_of(bytes);
  EXPECT_EQ(take_amf_text(rest), "ab");
  EXPECT_EQ(rest.size(), 1U);
  EXPECT_EQ(take_amf_text(rest), std::nullopt);
  EXPECT_EQ(rest.size(), 1U);
}

TEST(Amf0, RefusesAnyTruncation) {
  const std::string whole = raw("\2\0\7connect") + kOne + raw("\3\0\3app\2\0\4live\0\1x\12\0\0\0\1\5\0\0\11");
  const std::size_t ends[] = {10, 19};  // between values
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const bool between = size == ends[0] || size == ends[1];
    EXPECT_EQ(problem(whole.substr(0, size)), between ? "" : "AMF0: it ends within a value") << size;
  }
}

TEST(Amf0, RefusesWhatIsTooDeepOrTooMuch) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += raw("\12\0\0\0\1");
  EXPECT_EQ(problem(deep), "AMF0: more than 16 values within each other");
  EXPECT_EQ(problem(raw("\12\xFF\xFF\xFF\xFF") + std::string(100'000, '\5')), "AMF0: more than 1024 values");
  EXPECT_EQ(problem(std::string(100'000, '\5')), "AMF0: more than 1024 values");
}

TEST(Amf0, RefusesTypesItDoesNotKnow) {
  EXPECT_EQ(problem("\x11"), "AMF0: a value of type 17");
  EXPECT_EQ(problem("\x09"), "AMF0: a value of type 9");
}

}  // namespace
}  // namespace media::rtmp
