#include "server/library/refused_publishers.h"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace server {
namespace {

PublishPoints::Refused from(const std::string& peer, const std::string& point, Refusal refusal) {
  return {.when = {}, .protocol = PublishProtocol::kRtmp, .point = point, .peer = peer, .refusal = refusal, .reason = to_text(refusal)};
}

struct RefusedPublishersTest : testing::Test {
  prometheus::Registry registry;
  RefusedPublishers refused{registry};
};

TEST_F(RefusedPublishersTest, KeepsOneEntryOfThoseThatAreAlike) {
  refused.add(from("a:1", "main", Refusal::kUnauthorized));
  refused.add(from("b:1", "none", Refusal::kNotFound));
  refused.add(from("a:2", "main", Refusal::kUnauthorized));
  const auto list = refused.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].point, "none");
  EXPECT_EQ(list[1].point, "main");
  EXPECT_EQ(list[1].peer, "a:2");
  EXPECT_EQ(list[1].times, 2);
  EXPECT_EQ(list[1].reason, "the publish key is wrong");
}

TEST_F(RefusedPublishersTest, ForgetsTheOldest) {
  for (int i = 0; i < 100; ++i) refused.add(from("a:1", std::to_string(i), Refusal::kNotFound));
  ASSERT_EQ(refused.list().size(), 64U);
  EXPECT_EQ(refused.list().front().point, "36");
}

TEST_F(RefusedPublishersTest, CountsByProtocolAndReason) {
  for (int i = 0; i < 100; ++i) refused.add(from("a:1", std::to_string(i), Refusal::kNotFound));
  const std::string page = prometheus::TextSerializer{}.Serialize(registry.Collect());
  EXPECT_NE(page.find(R"(rehearsal_publishers_refused_total{protocol="rtmp",reason="not-found"} 100)"), std::string::npos) << page;
}

}  // namespace
}  // namespace server
