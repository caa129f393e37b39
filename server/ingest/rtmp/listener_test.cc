#include "server/ingest/rtmp/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "base/errors.h"
#include "media/rtmp/raw_text_for_test.h"
#include "server/ingest/rtmp/test_peer.h"
#include "server/ingest/taker_for_test.h"

namespace server::rtmp {
namespace {

using namespace media::rtmp;

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kStart = "NetStream.Publish.Start";

struct RtmpListenerTest : testing::Test {
  RtmpListenerTest() {
    points.open("main", {.protocol = PublishProtocol::kRtmp, .key = "key"}, taker);
    points.open("main/backup", {.protocol = PublishProtocol::kRtmp, .key = std::string(100, 'k')}, backup_taker);
    points.open("open", {.protocol = PublishProtocol::kRtmp}, open_taker);
    points.open("srt", {.protocol = PublishProtocol::kSrt}, open_taker);
  }
  std::vector<PublishPoints::Refused> refused() {
    const std::lock_guard lock{mutex};
    return refused_;
  }
  Taker taker, backup_taker, open_taker;
  std::mutex mutex;
  std::vector<PublishPoints::Refused> refused_;
  PublishPoints points{[this](const PublishPoints::Refused& one) {
    const std::lock_guard lock{mutex};
    refused_.push_back(one);
  }};
  RtmpListener listener{{}, points};
};

TEST_F(RtmpListenerTest, HandsAPublishersTagsToItsPoint) {
  TestPeer peer{listener.port()};
  ASSERT_THAT(peer.publish("main?key=key"), StartsWith(kStart));
  peer.say(MessageType::kVideo, raw("\x17\1\0\0\0k"), 777);
  EXPECT_EQ(read_exactly(*taker.connection(0), 34), raw("FLV\1\5\0\0\0\11\0\0\0\0\x09\0\0\6\0\x03\xE8\0\0\0\0\x17\1\0\0\0k\0\0\0\x11"));
}

TEST_F(RtmpListenerTest, RefusesWithTheReasonAndHangsUp) {
  const std::pair<const char*, const char*> rows[] = {
      {"main?key=wrong", "NetStream.Publish.Rejected: the publish key is wrong"},
      {"main", "NetStream.Publish.Rejected: the publish key is wrong"},
      {"none", "NetStream.Publish.Rejected: there is no such stream: 'none'"},
      {"srt", "NetStream.Publish.Rejected: there is no such stream: 'srt'"},
  };
  for (const auto& [name, says] : rows) {
    TestPeer peer{listener.port()};
    EXPECT_EQ(peer.publish(name), says);
    EXPECT_TRUE(peer.is_hung_up());
  }
  TestPeer peer{listener.port()};
  EXPECT_THAT(peer.publish("main?key=key", "app"), StartsWith("NetConnection.Connect.Rejected: "));
  EXPECT_TRUE(peer.is_hung_up());
  ASSERT_EQ(refused().size(), 5U);
  EXPECT_EQ(refused()[0].refusal, Refusal::kUnauthorized);
  EXPECT_EQ(refused()[0].point, "main");
  EXPECT_THAT(refused()[0].peer, StartsWith("127.0.0.1:"));
  EXPECT_EQ(refused()[2].refusal, Refusal::kNotFound);
  EXPECT_EQ(refused()[4].refusal, Refusal::kBadRequest);
  EXPECT_EQ(taker.refusals().size(), 2U);
}

TEST_F(RtmpListenerTest, LetsAReconnectingPublisherTakeOverItsGhost) {
  TestPeer ghost{listener.port()};
  ASSERT_THAT(ghost.publish("main?key=key"), StartsWith(kStart));
  TestPeer again{listener.port()};
  ASSERT_THAT(again.publish("main?key=key"), StartsWith(kStart));
  EXPECT_TRUE(has_ended(*taker.connection(0)));
  EXPECT_TRUE(ghost.is_hung_up());
  again.say(MessageType::kVideo, raw("\x17\1\0\0\0k"));
  EXPECT_EQ(read_exactly(*taker.connection(1), 34).size(), 34U);
}

TEST_F(RtmpListenerTest, RefusesAStrangerWhileAPublisherIsThere) {
  TestPeer first{listener.port()}, second{listener.port()};
  ASSERT_THAT(first.publish("open?key=me"), StartsWith(kStart));
  EXPECT_EQ(second.publish("open?key=you"), "NetStream.Publish.BadName: another publisher is sending");
}

TEST_F(RtmpListenerTest, TakesABackupBesideThePrimary) {
  TestPeer primary{listener.port()}, backup{listener.port()};
  EXPECT_THAT(primary.publish("main/primary?key=key"), StartsWith(kStart));
  EXPECT_THAT(backup.publish("backup?key=" + std::string(100, 'k'), "live/main"), StartsWith(kStart));
  EXPECT_NE(backup_taker.connection(0), nullptr);
}

TEST_F(RtmpListenerTest, EndsTheConnectionWhenThePublisherLeaves) {
  {
    TestPeer peer{listener.port()};
    ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  }
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
}

TEST_F(RtmpListenerTest, HangsUpWhenThePointCloses) {
  TestPeer peer{listener.port()};
  ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  points.close("open");
  EXPECT_TRUE(peer.is_hung_up());
}

TEST_F(RtmpListenerTest, HangsUpWhenItEnds) {
  std::optional<RtmpListener> other{std::in_place, RtmpListener::Options{}, points};
  TestPeer peer{other->port()}, silent{other->port()};
  ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  other.reset();
  EXPECT_TRUE(peer.is_hung_up());
  EXPECT_TRUE(silent.is_hung_up());
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
}

TEST_F(RtmpListenerTest, TellsWhichCodecCannotBeUsed) {
  TestPeer peer{listener.port()};
  ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  peer.say(MessageType::kVideo, "\x1Chevc");
  EXPECT_EQ(peer.answer(), "NetStream.Publish.Rejected: the video codec HEVC cannot be used; send H.264");
  EXPECT_TRUE(peer.is_hung_up());
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
  ASSERT_EQ(open_taker.refusals().size(), 1U);
  EXPECT_EQ(open_taker.refusals()[0].first, Refusal::kUnsupportedMedia);
  EXPECT_THAT(open_taker.refusals()[0].second, HasSubstr("HEVC"));
}

TEST_F(RtmpListenerTest, HangsUpOnWhoeverDoesNotPublishInTime) {
  const RtmpListener hasty{{.publish_timeout = 20ms}, points};
  EXPECT_TRUE(TestPeer{hasty.port()}.is_hung_up());
  TestPeer half{hasty.port()};
  half.send("\x03" + std::string(2 * kHandshakePart, 'p'));
  half.command("connect", 1, amf({{"app", amf("live")}}), amf_null());
  EXPECT_TRUE(half.is_hung_up());
  ASSERT_EQ(refused().size(), 2U);
  EXPECT_EQ(refused()[0].refusal, Refusal::kTimeout);
  EXPECT_EQ(refused()[0].reason, "it did not publish within 20ms");
}

TEST_F(RtmpListenerTest, HangsUpOnAPublisherThatFallsSilent) {
  const RtmpListener hasty{{.idle_timeout = 20ms}, points};
  TestPeer peer{hasty.port()};
  ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  EXPECT_TRUE(peer.is_hung_up());
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
}

TEST_F(RtmpListenerTest, LetsAPublisherInBesideManyThatNeverSpeak) {
  const RtmpListener full{{.most_connections = 500, .publish_timeout = 1h}, points};
  for (const int port : {listener.port(), full.port()}) {
    std::list<TestPeer> silent;
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(silent.emplace_back(port).is_connected());
    TestPeer peer{port};
    EXPECT_THAT(peer.publish("open?key=me"), StartsWith(kStart));
    EXPECT_TRUE(port == listener.port() || silent.front().is_hung_up()) << "the oldest gave way";
  }
}

TEST_F(RtmpListenerTest, KeepsItsPublishersWhenItIsFull) {
  const RtmpListener small{{.most_connections = 1}, points};
  TestPeer first{small.port()};
  ASSERT_THAT(first.publish("open"), StartsWith(kStart));
  EXPECT_TRUE(TestPeer{small.port()}.is_hung_up());
  first.say(MessageType::kVideo, raw("\x17\1\0\0\0k"));
  EXPECT_EQ(read_exactly(*open_taker.connection(0), 34).size(), 34U);
}

TEST_F(RtmpListenerTest, CutsOffGarbage) {
  for (const std::string& garbage :
       {std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string(100'000, '\xFF'), '\3' + std::string(100'000, '\xFF')}) {
    TestPeer peer{listener.port()};
    peer.send(garbage);
    EXPECT_TRUE(peer.is_hung_up());
    EXPECT_EQ(refused().back().refusal, Refusal::kBadRequest);
  }
}

TEST_F(RtmpListenerTest, CutsOffAPublisherThatReadsNothing) {
  TestPeer peer{listener.port()};
  ASSERT_THAT(peer.publish("open"), StartsWith(kStart));
  std::string pings;
  for (int i = 0; i < 1000; ++i)
    append_message(pings, 2, {.type = MessageType::kUserControl, .payload = bytes_of(raw("\0\6\1\2\3\4"))}, 128);
  for (int i = 0; i < 1000 && peer.send(pings); ++i) continue;  // more answers than the kernel keeps
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
  EXPECT_TRUE(peer.is_hung_up());
}

TEST_F(RtmpListenerTest, NamesThePortThatIsInUse) {
  try {
    const RtmpListener second{{.port = listener.port()}, points};
    FAIL() << "bound twice";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:" + std::to_string(listener.port())));
  }
}

}  // namespace
}  // namespace server::rtmp
