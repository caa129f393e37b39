#include <gtest/gtest.h>

#include "generators/feed/receivers_for_test.h"

namespace generators {
namespace {

class RtmpFeedTest : public FeedTest {
 protected:
  Feed::Options to(const RtmpReceiver& receiver) const { return {.file = file_, .to = {at(receiver)}}; }
};

TEST_F(RtmpFeedTest, PublishesPicturesAndSoundInStep) {
  RtmpReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.is_publishing(); }));
  receiver.serves(1500ms);
  const auto media = decoded(receiver.flv(), "flv");
  const auto video = only(media, true), audio = only(media, false);
  ASSERT_GT(video.size(), 25u);
  ASSERT_GT(audio.size(), 40u);
  for (std::size_t i = 1; i < video.size(); ++i) {
    EXPECT_NEAR(base::to_milliseconds(video[i].timestamp - video[i - 1].timestamp), 40, 1.1);
    ASSERT_TRUE(video[i].identity && video[i].timecode);
    EXPECT_EQ(*video[i].identity, (*video[i - 1].identity + 1) % 25);
  }
  EXPECT_GT(audio[20].peak, 0.01);
}

TEST_F(RtmpFeedTest, StopEndsThePublicationInOrder) {
  RtmpReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.serves_until([&] { return feed.stats().frames_sent > 0; }));
  feed.stop();
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.has_ended(); }));
  EXPECT_EQ(receiver.end(), 0);
  EXPECT_EQ(receiver.commands(),
            (std::vector<std::string>{"connect", "releaseStream", "FCPublish", "createStream", "publish", "FCUnpublish", "deleteStream"}));
}

TEST_F(RtmpFeedTest, KillResetsTheConnection) {
  RtmpReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.serves_until([&] { return feed.stats().frames_sent > 0; }));
  feed.apply(FeedKill{});
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.has_ended(); }));
  EXPECT_EQ(receiver.end(), ECONNRESET);
  EXPECT_EQ(receiver.commands().back(), "publish");
}

TEST_F(RtmpFeedTest, RestartBeginsAtZero) {
  RtmpReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.is_publishing(); }));
  receiver.serves(1200ms);
  EXPECT_GT(receiver.timestamps().back(), 700u);
  const std::size_t before = receiver.timestamps().size();
  feed.apply(FeedRestart{});
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.has_ended(); }));
  const std::size_t until = receiver.timestamps().size();
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.timestamps().size() > until + 10; }));
  EXPECT_GE(until, before);
  EXPECT_EQ(receiver.timestamps()[until], 0u);
}

TEST_F(RtmpFeedTest, OtherPicturesComeWithTheirOwnDescription) {
  RtmpReceiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.serves_until([&] { return receiver.is_publishing(); }));
  receiver.serves(400ms);
  feed.apply(FeedBlack{true});
  receiver.serves(600ms);
  feed.apply(FeedBlack{false});
  receiver.serves(1500ms);
  const auto video = only(decoded(receiver.flv(), "flv"), true);
  const auto is_black = [](const Decoded& picture) { return picture.luma < 20; };
  EXPECT_NEAR(static_cast<double>(std::count_if(video.begin(), video.end(), is_black)), 15, 6);
  EXPECT_FALSE(is_black(video.front()));
  EXPECT_FALSE(is_black(video.back()));
}

TEST_F(RtmpFeedTest, RefusalIsReported) {
  RtmpReceiver receiver{RtmpReceiver::Manner::kRefusesKey};
  Feed feed{to(receiver)};
  feed.start();
  const auto says = [&](const char* text) { return feed.stats().last_error.find(text) != std::string::npos; };
  EXPECT_TRUE(receiver.serves_until([&] { return says("/live: refused: wrong key (NetStream.Publish.BadName)"); }))
      << feed.stats().last_error;
  EXPECT_EQ(feed.stats().connects, 0u);
}

TEST_F(RtmpFeedTest, ServerOfAnotherProtocolIsReported) {
  RtmpReceiver receiver{RtmpReceiver::Manner::kSpeaksHttp};
  Feed feed{to(receiver)};
  feed.start();
  const auto says = [&](const char* text) { return feed.stats().last_error.find(text) != std::string::npos; };
  EXPECT_TRUE(receiver.serves_until([&] { return says("the server does not speak RTMP"); })) << feed.stats().last_error;
}

TEST_F(RtmpFeedTest, NobodyListeningIsReported) {
  RtmpDestination destination{.app = "live", .key = "main"};
  {
    const RtmpReceiver gone;
    destination.port = gone.port();
  }
  Feed feed{{.file = file_, .to = {destination}}};
  feed.start();
  EXPECT_TRUE(eventually([&] { return feed.stats().last_error.find("Connection refused") != std::string::npos; }))
      << feed.stats().last_error;
}

TEST_F(RtmpFeedTest, PeerThatReadsNothingHoldsNothingUp) {
  RtmpReceiver receiver{RtmpReceiver::Manner::kSaysNothing};
  Feed feed{to(receiver)};
  // Not each time, as others may have the processor; never, if it waited for the peer.
  EXPECT_TRUE(eventually([&] {
    feed.start();
    receiver.serves(300ms);
    const base::Instant before = base::steady_now();
    feed.stop();
    return base::steady_now() - before < 500ms;
  }));
}

}  // namespace
}  // namespace generators
