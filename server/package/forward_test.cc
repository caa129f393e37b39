#include "server/package/forward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ForwardUrl, NamesAnSrtListenerAndItsStream) {
  const auto url = parse_forward_url("srt://cdn.example:9000?mode=caller&streamid=%23!::r=main,m=publish,u=hush&latency=400");
  ASSERT_TRUE(url.has_value()) << url.error().message;
  EXPECT_EQ(url->protocol, ForwardProtocol::kSrt);
  EXPECT_EQ(url->host, "cdn.example");
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->streamid, "#!::r=main,m=publish,u=hush");
  EXPECT_EQ(url->latency_ms, 400);
  EXPECT_EQ(without_key(*url), "srt://cdn.example:9000");
  EXPECT_EQ(without_key(*parse_forward_url("srt://[::1]:7")), "srt://[::1]:7");
}

TEST(ForwardUrl, NamesAnRtmpApplicationAndItsKey) {
  const auto url = parse_forward_url("rtmp://live.example/app/instance/hush?token=x");
  ASSERT_TRUE(url.has_value()) << url.error().message;
  EXPECT_EQ(url->protocol, ForwardProtocol::kRtmp);
  EXPECT_EQ(url->host, "live.example");
  EXPECT_EQ(url->port, 1935);
  EXPECT_EQ(url->app, "app/instance");
  EXPECT_EQ(url->key, "hush?token=x");
  EXPECT_EQ(without_key(*url), "rtmp://live.example:1935/app/instance/…");
  EXPECT_EQ(parse_forward_url("rtmp://live.example:80/app/key")->port, 80);
  EXPECT_EQ(parse_forward_url("rtmp://[::1]/app/key")->port, 1935);
}

TEST(ForwardUrl, SaysWhatIsWrongWithoutShowingTheKey) {
  const auto error_of = [](const std::string& url) {
    const std::string error = parse_forward_url(url).error().message;
    EXPECT_THAT(error, Not(HasSubstr("hush"))) << url;
    EXPECT_THAT(error, HasSubstr("; write srt://HOST:PORT")) << url;
    return error;
  };
  EXPECT_THAT(error_of("http://a/live/hush"), HasSubstr("begins with neither"));
  EXPECT_THAT(error_of("srt://a?streamid=hush"), HasSubstr("names no port"));
  EXPECT_THAT(error_of("srt://a:1/hush"), HasSubstr("has a path"));
  EXPECT_THAT(error_of("srt://a:1?streamid=" + std::string(513, 'x')), HasSubstr("more than 512"));
  EXPECT_THAT(error_of("srt://a:1?latency=-3&streamid=hush"), HasSubstr("latency"));
  EXPECT_THAT(error_of("srt://a:1?passphrase=hush-hush-hush"), HasSubstr("field of its own"));
  EXPECT_THAT(error_of("srt://a:1?mode=listener"), HasSubstr("parameters"));
  EXPECT_THAT(error_of("srt://a:1?streamid=hush hush"), HasSubstr("blank"));
  EXPECT_THAT(error_of("rtmp://a/hush"), HasSubstr("application"));
  EXPECT_THAT(error_of("rtmp://a/live/"), HasSubstr("application"));
  EXPECT_THAT(error_of("rtmp://me:hush@a/live/x"), HasSubstr("user"));
  EXPECT_THAT(error_of("rtmp:///live/hush"), HasSubstr("host"));
  EXPECT_THAT(error_of("rtmp://a:99999/live/hush"), HasSubstr("not a URL"));
}

TEST(ForwardCheck, NamesTheFieldThatCannotBe) {
  const auto error_of = [](const ForwardSpec& spec, bool has_backup = false) { return check_forward(spec, has_backup).error().message; };
  const std::string srt = "srt://a:1", rtmp = "rtmp://a/live/hush";
  EXPECT_TRUE(check_forward({.name = "cdn", .url = srt, .passphrase = "ten-letters"}, false).has_value());
  EXPECT_TRUE(check_forward({.name = "cdn", .url = rtmp, .what = ForwardWhat::kBackup}, true).has_value());
  EXPECT_THAT(error_of({.name = "Cdn", .url = srt}), HasSubstr("name: 'Cdn'"));
  EXPECT_THAT(error_of({.name = "cdn", .url = "a"}), HasSubstr("url: begins"));
  EXPECT_THAT(error_of({.name = "cdn", .url = rtmp, .passphrase = "ten-letters"}), HasSubstr("passphrase: is for SRT"));
  EXPECT_THAT(error_of({.name = "cdn", .url = srt, .passphrase = "short"}), HasSubstr("passphrase: has 5 characters"));
  EXPECT_THAT(error_of({.name = "cdn", .url = srt, .what = ForwardWhat::kBackup}), HasSubstr("what: the stream has no backup"));
}

}  // namespace
}  // namespace server
