#include "generators/feed/destination.h"

#include <gtest/gtest.h>

namespace generators {
namespace {

using namespace std::chrono_literals;

std::string refusal(const char* url) {
  const auto parsed = parse_destination(url);
  return parsed.has_value() ? "accepted" : parsed.error().message;
}

TEST(Destination, SchemeSaysTheProtocol) {
  EXPECT_EQ(*parse_destination("srt://example.net:9000"), Destination(SrtDestination{.host = "example.net", .port = 9000}));
  EXPECT_EQ(*parse_destination("rtmp://example.net/live/key"),
            Destination(RtmpDestination{.host = "example.net", .app = "live", .key = "key"}));
}

TEST(Destination, SrtTakesItsParametersPercentEncodedOrNot) {
  const SrtDestination expected{
      .host = "::1", .port = 9000, .streamid = "#!::r=main,m=publish", .passphrase = "correct horse", .latency = 250ms};
  EXPECT_EQ(*parse_destination("srt://[::1]:9000?streamid=#!::r=main,m=publish&passphrase=correct%20horse&latency=250"),
            Destination(expected));
  EXPECT_EQ(*parse_destination("srt://[::1]:9000/?mode=caller&streamid=%23!::r%3Dmain,m%3Dpublish&passphrase=correct horse&latency=250ms"),
            Destination(expected));
}

TEST(Destination, RtmpKeyGoesOnToTheEnd) {
  EXPECT_EQ(*parse_destination("rtmp://10.0.0.1:1936/live/main/hd?token=a/b"),
            Destination(RtmpDestination{.host = "10.0.0.1", .port = 1936, .app = "live", .key = "main/hd?token=a/b"}));
}

TEST(Destination, WhatIsWrongIsNamed) {
  EXPECT_EQ(refusal("udp://h:1"), "\"udp://h:1\": a feed sends to srt://HOST:PORT or rtmp://HOST/APP/KEY");
  EXPECT_EQ(refusal("srt://h"), "\"srt://h\": names no port; SRT has no usual one");
  EXPECT_EQ(refusal("srt://h:99999"), "\"srt://h:99999\": port \"99999\": must be 1 to 65535");
  EXPECT_EQ(refusal("srt://:9"), "\"srt://:9\": names no host");
  EXPECT_EQ(refusal("srt://h:9?mode=listener"),
            "\"srt://h:9?mode=listener\": parameter mode=listener: known are streamid, passphrase, latency and mode=caller");
  EXPECT_EQ(refusal("rtmp://h/live"), "\"rtmp://h/live\": must name application and key: rtmp://HOST/APP/KEY");
  EXPECT_NE(refusal("srt://h:9?latency=soon"), "accepted");
  EXPECT_NE(refusal("srt://[::1:9"), "accepted");
}

TEST(Destination, NameHoldsNothingSecret) {
  EXPECT_EQ(name_of(*parse_destination("srt://[::1]:9000?passphrase=correct%20horse")), "srt://[::1]:9000");
  EXPECT_EQ(name_of(*parse_destination("rtmp://h/live/secret")), "rtmp://h:1935/live");
}

}  // namespace
}  // namespace generators
