#include "server/ingest/publish_points.h"

#include <gtest/gtest.h>

#include <vector>

namespace server {
namespace {

struct Taken final : ConnectionTaker {
  void take(std::shared_ptr<ByteQueue> bytes, Container container) override {
    queues.push_back(std::move(bytes));
    last = container;
  }
  void refused(Refusal refusal, const std::string&) override { refusals.push_back(refusal); }
  std::vector<Refusal> refusals;
  std::vector<std::shared_ptr<ByteQueue>> queues;
  Container last = Container::kMpegTs;
};

struct PublishPointsTest : testing::Test {
  PublishPointsTest() {
    points.open("main", {.key = "k"}, taken);
    points.open("main/backup", {.protocol = PublishProtocol::kRtmp, .passphrase = "secret words"}, backup);
  }
  std::unique_ptr<Publication> enter(const std::string& point, const std::string& key, PublishProtocol protocol = PublishProtocol::kSrt) {
    auto entered = points.enter({.protocol = protocol, .point = point, .key = key}, Container::kFlv);
    if (const auto* refused = std::get_if<Refusal>(&entered)) {
      refusal = *refused;
      return nullptr;
    }
    return std::get<std::unique_ptr<Publication>>(std::move(entered));
  }
  Taken taken, backup;
  std::optional<Refusal> refusal;
  PublishPoints points;
};

TEST_F(PublishPointsTest, HandsBytesOnUntilThePublicationIsLetGo) {
  auto publication = enter("main", "k");
  ASSERT_NE(publication, nullptr);
  ASSERT_EQ(taken.queues.size(), 1U);
  EXPECT_EQ(taken.last, Container::kFlv);
  publication->push(std::string_view{"abc"});
  EXPECT_FALSE(publication->is_over());
  publication.reset();
  std::array<std::uint8_t, 8> into{};
  EXPECT_EQ(taken.queues[0]->read(into), 3U);
  EXPECT_EQ(taken.queues[0]->read(into), 0U);
}

TEST_F(PublishPointsTest, KnowsThePrimaryByBothItsNames) { EXPECT_NE(enter("main/primary", "k"), nullptr); }

TEST_F(PublishPointsTest, FindsAPointByItsOwnProtocolOnly) {
  EXPECT_EQ(enter("main/backup", ""), nullptr);
  EXPECT_EQ(refusal, Refusal::kNotFound);
  EXPECT_NE(enter("main/backup", "", PublishProtocol::kRtmp), nullptr);
  EXPECT_EQ(backup.queues.size(), 1U);
}

TEST_F(PublishPointsTest, LetsThePublisherTakeItsPlaceFromItsGhost) {
  const auto ghost = enter("main", "k");
  const auto again = enter("main", "k");
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(ghost->is_over());
  EXPECT_FALSE(again->is_over());
}

TEST_F(PublishPointsTest, RefusesAStrangerWhileThePublisherIsThereButNotAfterwards) {
  points.open("open", {}, taken);
  auto first = enter("open", "me");
  EXPECT_EQ(points.consider({.point = "open", .key = "you"}), Refusal::kConflict);
  EXPECT_EQ(enter("open", "you"), nullptr);
  first.reset();
  EXPECT_EQ(points.consider({.point = "open", .key = "you"}), std::nullopt);
}

TEST_F(PublishPointsTest, EndsThePublicationWhenThePointCloses) {
  const auto publication = enter("main", "k");
  points.close("main");
  EXPECT_TRUE(publication->is_over());
  EXPECT_EQ(points.consider({.point = "main", .key = "k"}), Refusal::kNotFound);
}

TEST_F(PublishPointsTest, TellsRefusalsToItsTakerAndItsObserver) {
  std::vector<PublishPoints::Refused> observed;
  PublishPoints watched{[&](const PublishPoints::Refused& one) { observed.push_back(one); }};
  Taken theirs;
  watched.open("main", {.key = "k"}, theirs);
  EXPECT_TRUE(watched.consider({.point = "main", .key = "x", .peer = "192.0.2.7:4000"}));
  EXPECT_TRUE(std::holds_alternative<Refusal>(watched.enter({.point = std::string(100, 'n')}, Container::kFlv)));
  watched.turn_away({.protocol = PublishProtocol::kRtmp}, Refusal::kTimeout, "it did not publish");
  watched.turn_away({.point = "main"}, Refusal::kUnsupportedMedia, "HEVC cannot be used");
  EXPECT_FALSE(watched.consider({.point = "main", .key = "k"}));
  ASSERT_EQ(observed.size(), 4U);
  EXPECT_EQ(observed[0].refusal, Refusal::kUnauthorized);
  EXPECT_EQ(observed[0].reason, "the publish key is wrong");
  EXPECT_EQ(observed[0].peer, "192.0.2.7:4000");
  EXPECT_EQ(observed[1].refusal, Refusal::kNotFound);
  EXPECT_EQ(observed[1].point.size(), 64U) << "no more is kept of a name that does not exist";
  EXPECT_EQ(observed[2].protocol, PublishProtocol::kRtmp);
  EXPECT_EQ(observed[3].reason, "HEVC cannot be used");
  EXPECT_EQ(theirs.refusals, (std::vector{Refusal::kUnauthorized, Refusal::kUnsupportedMedia}));
}

TEST_F(PublishPointsTest, TellsThePassphrase) {
  EXPECT_EQ(points.passphrase({.protocol = PublishProtocol::kRtmp, .point = "main/backup", .key = ""}), "secret words");
  EXPECT_EQ(points.passphrase({.point = "main/backup", .key = ""}), "");
}

}  // namespace
}  // namespace server
