#include "media/call_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace media {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SrtUrl, NamesHostPortStreamAndLatency) {
  const auto url = parse_srt_url("srt://contribution.example:9000?mode=caller&streamid=%23!::r=main,m=request&latency=400");
  ASSERT_TRUE(url.has_value()) << url.error().message;
  EXPECT_EQ(url->host, "contribution.example");
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->streamid, "#!::r=main,m=request");
  EXPECT_EQ(url->latency_ms, 400);
  EXPECT_EQ(parse_srt_url("srt://[::1]:7")->host, "::1");
  EXPECT_EQ(parse_srt_url("srt://a:1/")->latency_ms, 120);
}

TEST(SrtUrl, SaysWhatIsWrongWithoutShowingTheStreamid) {
  const auto error_of = [](const std::string& url) {
    const std::string error = parse_srt_url(url).error().message;
    EXPECT_THAT(error, Not(HasSubstr("hush"))) << url;
    return error;
  };
  EXPECT_EQ(error_of("http://a:1?streamid=hush"), "does not begin with srt://");
  EXPECT_EQ(error_of("srt://a?streamid=hush"), "names no port");
  EXPECT_EQ(error_of("srt://[::1]"), "names no port");
  EXPECT_EQ(error_of("srt://a:b?streamid=hush"), "is not a URL with a host");
  EXPECT_EQ(error_of("srt://a:99999?streamid=hush"), "is not a URL with a host");
  EXPECT_EQ(error_of("srt://:1?streamid=hush"), "is not a URL with a host");
  EXPECT_EQ(error_of("srt://me:hush@a:1"), "has a user in front of the host");
  EXPECT_EQ(error_of("srt://a:1/hush"), "has a path; the stream stands in the streamid");
  EXPECT_EQ(error_of("srt://a:1?streamid=" + std::string(513, 'x')), "has a streamid of more than 512 bytes");
  EXPECT_EQ(error_of("srt://a:1?streamid=hush&latency=-3"), "has a latency that is not 0 to 60000 milliseconds");
  EXPECT_EQ(error_of("srt://a:1?streamid=hush&latency=60001"), "has a latency that is not 0 to 60000 milliseconds");
  EXPECT_EQ(error_of("srt://a:1?passphrase=hush-hush-hush"), "has a passphrase, which has a field of its own");
  EXPECT_EQ(error_of("srt://a:1?mode=listener"), "has parameters beside streamid and latency");
  EXPECT_EQ(error_of("srt://a:1?streamid=hush hush"), "holds a blank, a control character or a '#'");
}

TEST(CallUrl, SaysWhetherItNamesAPort) {
  EXPECT_EQ(parse_call_url("a:80/live/x?y=z")->port, 80);
  EXPECT_EQ(parse_call_url("a/live/x?y=z")->port, std::nullopt);
  EXPECT_EQ(parse_call_url("[::1]/live/x?y=z")->port, std::nullopt);
  EXPECT_EQ(parse_call_url("a/live/x?y=z")->path, "/live/x");
  EXPECT_EQ(parse_call_url("a/live/x?y=z")->query, "y=z");
}

}  // namespace
}  // namespace media
