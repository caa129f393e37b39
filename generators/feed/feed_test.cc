#include "generators/feed/feed.h"

#include <gtest/gtest.h>

#include "base/errors.h"
#include "generators/feed/receivers_for_test.h"

namespace generators {
namespace {

TEST_F(FeedTest, TimestampsGrowEvenlyOverTheLoop) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  const auto packets = demux(receiver.receive_pictures(45));
  const auto video = only(packets, true), audio = only(packets, false);
  ASSERT_GT(video.size(), 30u);
  for (std::size_t i = 1; i < video.size(); ++i) EXPECT_NEAR(base::to_milliseconds(video[i].dts - video[i - 1].dts), 40, 0.1);
  ASSERT_GT(audio.size(), 50u);
  for (std::size_t i = 1; i < audio.size(); ++i) EXPECT_GE(base::to_milliseconds(audio[i].dts - audio[i - 1].dts), 21.2);
  EXPECT_LE(receiver.largest_payload(), 1316);
}

TEST_F(FeedTest, EveryPictureCarriesTheWallClock) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  const base::UtcTime before = std::chrono::floor<std::chrono::microseconds>(base::utc_now());  // as exact as the wall clock is sent
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  const auto video = only(demux(receiver.receive_pictures(15)), true);
  const base::UtcTime now = base::utc_now();
  ASSERT_GT(video.size(), 8u);
  for (const Packet& picture : video) {
    ASSERT_TRUE(picture.timecode);
    EXPECT_LT(*picture.timecode, now);
    EXPECT_GE(*picture.timecode, before);
    EXPECT_NEAR(base::to_milliseconds((*picture.timecode - *video[0].timecode) - (picture.dts - video[0].dts)), 0, 0.1);
  }
}

TEST_F(FeedTest, PicturesAreSentInRealTime) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  const base::Instant before = base::steady_now();
  feed.start();
  ASSERT_TRUE(eventually([&] { return feed.stats().frames_sent >= 50; }));
  const double seconds = base::to_seconds(base::steady_now() - before);
  EXPECT_GE(seconds, 49 * 0.04);
}

TEST_F(FeedTest, StreamidReachesTheListener) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  EXPECT_EQ(receiver.streamid(), "#!::r=main,m=publish");
}

TEST_F(FeedTest, StopDropsTheConnection) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  ASSERT_TRUE(eventually([&] { return feed.stats().frames_sent > 0; }));
  feed.stop();
  EXPECT_FALSE(feed.stats().connected);
  EXPECT_TRUE(eventually([&] { return !receiver.is_connected(); }));
}

TEST_F(FeedTest, RestartGoesOnWhereTheWallClockIs) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  const auto before = only(demux(receiver.receive_pictures(8)), true);
  feed.stop();
  eventually([] { return false; }, 600ms);
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed, 0, 2));
  const auto after = only(demux(receiver.receive_pictures(2)), true);
  ASSERT_TRUE(!before.empty() && !after.empty());
  const base::Duration jump = after.front().dts - before.back().dts;
  EXPECT_GT(jump, 400ms);  // the outage, or what is left of it when the next picture to start with is a key frame
  ASSERT_TRUE(before.back().timecode && after.front().timecode);
  EXPECT_NEAR(base::to_milliseconds(jump), base::to_milliseconds(*after.front().timecode - *before.back().timecode), 20);
}

TEST_F(FeedTest, TotalDegradationLeavesOnlySound) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.apply(FeedLoss{1});
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  const auto packets = demux(receiver.receive_until([](const Bytes& all) { return only(demux(all), false).size() > 30; }));
  EXPECT_TRUE(only(packets, true).empty());
  EXPECT_FALSE(only(packets, false).empty());
  EXPECT_EQ(feed.stats().frames_sent, 0u);
}

TEST_F(FeedTest, WrongPassphraseIsReportedAndTriedAgain) {
  SrtReceiver receiver{kSecret};
  SrtDestination destination = at(receiver);
  destination.passphrase = "battery staple";
  Feed feed{{.file = file_, .to = {destination}}};
  feed.start();
  EXPECT_TRUE(eventually([&] { return feed.stats().last_error.find("the passphrase is wrong") != std::string::npos; }));
  EXPECT_TRUE(eventually([&] { return receiver.attempts() >= 2; }));
  EXPECT_EQ(feed.stats().connects, 0u);
}

TEST_F(FeedTest, RightPassphraseIsAccepted) {
  SrtReceiver receiver{kSecret};
  SrtDestination destination = at(receiver);
  destination.passphrase = kSecret;
  Feed feed{{.file = file_, .to = {destination}}};
  feed.start();
  ASSERT_TRUE(receiver.accepts(feed));
  EXPECT_FALSE(only(demux(receiver.receive_pictures(1)), true).empty());
  EXPECT_EQ(feed.stats().last_error, "");
}

TEST_F(FeedTest, KeepsTryingUntilSomebodyListens) {
  SrtReceiver receiver{"", false};
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(eventually([&] { return !feed.stats().last_error.empty(); }));
  EXPECT_NE(feed.stats().last_error.find("nobody answers"), std::string::npos) << feed.stats().last_error;
  receiver.listen();
  EXPECT_TRUE(receiver.accepts(feed));
  EXPECT_TRUE(eventually([&] { return feed.stats().last_error.empty(); }));
}

TEST_F(FeedTest, ConnectsAgainAfterALoss) {
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  for (std::uint64_t connects = 1; connects <= 2; ++connects) {
    ASSERT_TRUE(receiver.accepts(feed, 0, connects));
    receiver.drop();
  }
}

TEST_F(FeedTest, StopWhileConnectingReturnsPromptly) {
  SrtReceiver receiver{"", false};
  Feed feed{to(receiver)};
  // Not each time, as others may have the processor; never, if it waited for an answer.
  EXPECT_TRUE(eventually([&] {
    feed.start();
    const base::Instant before = base::steady_now();
    feed.stop();
    return base::steady_now() - before < 500ms;
  }));
}

TEST_F(FeedTest, OptionsThatCannotWorkAreNamed) {
  const auto refusal = [](const std::string& file, std::vector<Destination> to) -> std::string {
    try {
      Feed{{.file = file, .to = std::move(to)}};
      return "accepted";
    } catch (const base::RunFailed& failure) {
      return failure.what();
    }
  };
  EXPECT_EQ(refusal(file_, {}), "feed: names no destination");
  EXPECT_EQ(refusal(file_, {SrtDestination{.port = 0}}), "feed port 0: must be 1 to 65535");
  EXPECT_EQ(refusal(file_, {SrtDestination{.port = 9, .passphrase = "short"}}), "feed passphrase of 5 characters: must be 10 to 79");
  EXPECT_EQ(refusal(file_, {RtmpDestination{.app = "live", .key = ""}}), "feed over RTMP: application and key must not be empty");
  EXPECT_NE(refusal("/nowhere.mp4", {SrtDestination{.port = 9}}).find("/nowhere.mp4"), std::string::npos);
}

}  // namespace
}  // namespace generators
