#include "server/delivery/header_fields.h"

#include <gtest/gtest.h>

#include "base/gzip.h"
#include "server/delivery/message.h"
#include "server/delivery/target.h"

namespace server {
namespace {

// "first+count", "whole" or "out".
std::string choice(std::string_view range, std::size_t size = 100) {
  const RangeChoice chosen = choose_range(range, size);
  if (const auto* part = std::get_if<BytesOf>(&chosen)) return std::to_string(part->first) + '+' + std::to_string(part->count);
  return std::holds_alternative<WholeBody>(chosen) ? "whole" : "out";
}

TEST(ByteRange, FollowsTheRfc) {
  const std::pair<const char*, const char*> rows[] = {
      {"bytes=0-0", "0+1"},
      {"bytes=10-19", "10+10"},
      {"bytes=90-", "90+10"},
      {"bytes=-5", "95+5"},
      {"bytes=-500", "0+100"},
      {"bytes=50-500", "50+50"},
      {"bytes=100-", "out"},
      {"bytes=-0", "out"},
      {"bytes=5-4", "whole"},
      {"bytes=0-1,3-4", "whole"},
      {"items=0-1", "whole"},
      {"bytes=", "whole"},
      {"bytes=-", "whole"},
      {"bytes=a-b", "whole"},
      {"bytes=1", "whole"},
      {"", "whole"},
      {"bytes=--1", "whole"},
      {"BYTES=0-1", "0+2"},
      {"bytes= 0-1 ", "0+2"},
      {"bytes=18446744073709551616-", "whole"},
      {"bytes=18446744073709551615-", "out"},
  };
  for (const auto& [range, expected] : rows) EXPECT_EQ(choice(range), expected) << range;
  EXPECT_EQ(choice("bytes=0-", 0), "out");
}

TEST(HeaderFields, ReadCookies) {
  EXPECT_EQ(cookie_value("a=1; token=x.y ;b=2", "token"), "x.y");
  EXPECT_EQ(cookie_value("mytoken=1", "token"), std::nullopt);
  EXPECT_EQ(cookie_value(";;=", "token"), std::nullopt);
}

TEST(HeaderFields, JudgeAcceptEncoding) {
  for (const char* yes : {"gzip", "deflate, gzip;q=0.5", "*", "GZIP", "gzip;q=1.000"}) EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "gzip;q=0, *", "*;q=0", "xgzip"}) EXPECT_FALSE(accepts_gzip(no)) << no;
}

TEST(Target, TakesTheQueryApart) {
  EXPECT_EQ(query_value("a=1&token=x%2Ey&token=z", "token"), "x.y");
  EXPECT_EQ(query_value("token", "token"), std::nullopt);
  EXPECT_EQ(query_value("&&=&token=", "token"), "");
  EXPECT_EQ(query_value("token=%", "token"), std::nullopt);
}

TEST(Target, RefusesMoreElementsThanAnyPathHas) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "/a";
  EXPECT_FALSE(parse_target(deep).has_value());
}

TEST(FieldLine, HoldsNoLineEndOfAnothers) {
  EXPECT_EQ(field_line("ETag", "\"x\""), "ETag: \"x\"\r\n");
  for (const std::string_view value : {std::string_view{"x\r\nA: b"}, {"x\nA: b"}, {"x\r"}, {"x\0y", 3}})
    EXPECT_EQ(field_line("Set-Cookie", value), "") << value;
}

}  // namespace
}  // namespace server
