#include "server/ingest/rtmp/publish_name.h"

#include <gtest/gtest.h>

namespace server::rtmp {
namespace {

struct Row {
  Application application;
  const char* name;
  PublishName means;
  const char* why;
};

TEST(PublishName, ReadsWhatEncodersSend) {
  const Row rows[] = {
      {{"live", "rtmp://h/live"}, "main?key=k", {"main", "k"}, "ffmpeg and OBS"},
      {{"live", "rtmp://h/live"}, "main", {"main", ""}, "an open point"},
      {{"live/", "rtmp://h/live/"}, "/main", {"main", ""}, "slashes"},
      {{"live", ""}, "main/backup?key=k", {"main/backup", "k"}, "OBS: the path as the stream key"},
      {{"live/main", "rtmp://h/live/main"}, "backup?key=k", {"main/backup", "k"}, "ffmpeg: the second name belongs to the app"},
      {{"live/main?key=k", ""}, "backup", {"main/backup", "k"}, "the query with the server"},
      {{"live", "rtmp://h/live?key=k"}, "main", {"main", "k"}, "the query in the tcUrl alone"},
      {{"live?key=app", ""}, "main?key=own", {"main", "own"}, "the name's own key first"},
      {{"live", ""}, "main?a=b&key=k&c", {"main", "k"}, "other parameters"},
      {{"live", ""}, "main?nokey=x", {"main", ""}, "another parameter's name"},
      {{"live", ""}, "main?key=a%26b%3fc%25%C3%A4+", {"main", "a&b?c%\xC3\xA4+"}, "escapes"},
      {{"live", ""}, "main?key=a=b", {"main", "a=b"}, "an equals sign"},
  };
  for (const Row& row : rows) {
    ASSERT_TRUE(check_application(row.application).has_value()) << row.why;
    const auto name = publish_name(row.application, row.name);
    ASSERT_TRUE(name.has_value()) << row.why << ": " << name.error().message;
    EXPECT_EQ(*name, row.means) << row.why;
  }
}

TEST(PublishName, TakesLongKeysUpToALimit) {
  const std::string key(kLongestKey, 'k');
  EXPECT_EQ(publish_name({"live", ""}, "main?key=" + key)->key, key);
  std::string escaped;
  for (std::size_t i = 0; i < kLongestKey; ++i) escaped += "%41";
  EXPECT_EQ(publish_name({"live", ""}, "main?key=" + escaped)->key, std::string(kLongestKey, 'A'));
}

std::string problem(const Application& application, const std::string& name) {
  const auto result = publish_name(application, name);
  return result.has_error() ? result.error().message : "";
}

TEST(PublishName, SaysWhatIsWrong) {
  const Application live{"live", ""};
  EXPECT_EQ(problem(live, ""), "no stream is named; write rtmp://HOST/live/NAME?key=KEY");
  EXPECT_EQ(problem(live, "?key=k"), "no stream is named; write rtmp://HOST/live/NAME?key=KEY");
  EXPECT_EQ(problem(live, "main?key=100%"), "the key holds a '%' without two hexadecimal digits; write %25 for a percent sign");
  EXPECT_EQ(problem(live, "main?key=%4"), "the key holds a '%' without two hexadecimal digits; write %25 for a percent sign");
  EXPECT_EQ(problem(live, "ma%zzin"), "the stream's name holds a '%' without two hexadecimal digits; write %25 for a percent sign");
  EXPECT_EQ(problem(live, "main?key=" + std::string(257, 'k')), "the key is 257 bytes long; at most 256 are allowed");
  EXPECT_EQ(problem(live, std::string(129, 'm')), "the stream's name is 129 bytes long; at most 128 are allowed");
  EXPECT_EQ(problem(live, std::string(2000, 'm')), "the stream's name is longer than 1024 bytes; write rtmp://HOST/live/NAME?key=KEY");
}

TEST(PublishName, KnowsOneApplication) {
  for (const char* app : {"", "/", "app", "lives", "?live", "main/live"}) {
    const auto checked = check_application({app, ""});
    ASSERT_TRUE(checked.has_error()) << app;
    EXPECT_EQ(checked.error().message, "there is no application of that name; write rtmp://HOST/live/NAME?key=KEY");
  }
  EXPECT_TRUE(check_application({"live/" + std::string(1024, 'a'), ""}).has_error());
}

}  // namespace
}  // namespace server::rtmp
