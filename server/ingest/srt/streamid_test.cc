#include "server/ingest/srt/streamid.h"

#include <gtest/gtest.h>

namespace server {
namespace {

TEST(StreamId, ReadsTheAccessControlForm) {
  const auto id = parse_streamid("#!::r=main,m=publish,u=secret");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(*id, (StreamId{.resource = "main", .user = "secret", .mode = "publish", .type = "stream"}));
}

TEST(StreamId, ReadsTheFormWithAnEscapedHash) {
  const auto id = parse_streamid("%23!::u=k,r=main");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(*id, (StreamId{.resource = "main", .user = "k"}));
}

TEST(StreamId, TakesFreeFormAsTheStreamsName) {
  const auto id = parse_streamid("main");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(*id, (StreamId{.resource = "main"}));
}

TEST(StreamId, KeepsWhatAPublisherAsksFor) {
  EXPECT_EQ(parse_streamid("#!::r=main,m=request")->mode, "request");
  EXPECT_EQ(parse_streamid("#!::r=main,t=file")->type, "file");
}

TEST(StreamId, IgnoresKeysItDoesNotKnow) { EXPECT_EQ(parse_streamid("#!::h=host,r=main,user_tag=a=b,")->resource, "main"); }

struct Wrong {
  const char* text;
  const char* says;
};

TEST(StreamId, SaysWhatIsWrongWithABadOne) {
  const std::string long_one = "#!::r=" + std::string(600, 'x');
  const Wrong rows[] = {{"", "empty"},
                        {"#!::", "names no stream"},
                        {"#!::m=publish", "names no stream"},
                        {"#!::r=", "names no stream"},
                        {"#!::main", "'main' is not KEY=VALUE"},
                        {"#!::=main", "'=main' is not KEY=VALUE"},
                        {"#!::r=a,,m=publish", "'' is not KEY=VALUE"},
                        {"#!:{r=main}", "only the form"},
                        {long_one.c_str(), "606 bytes"}};
  for (const Wrong& row : rows) {
    const auto id = parse_streamid(row.text);
    ASSERT_TRUE(id.has_error()) << row.text;
    EXPECT_NE(id.error().message.find(row.says), std::string::npos) << id.error().message;
  }
}

}  // namespace
}  // namespace server
