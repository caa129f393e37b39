#include "harness/delivery/edge_cache.h"

#include <gtest/gtest.h>

#include "harness/delivery/delivery_script.h"

namespace harness {
namespace {

using namespace base::literals;
using Found = EdgeCache::Found;

constexpr ObjectId kA{0}, kB{1}, kC{2};

SharedReply megabytes(int n) { return std::make_shared<const ModelReply>(ModelReply{.bytes = base::ByteCount::bytes(n * 1'000'000)}); }

EdgeCache small_cache(bool coalesce = true, base::Duration while_revalidate = {}, base::Duration if_error = {}) {
  return EdgeCache{{.capacity = base::ByteCount::bytes(10'000'000),
                    .coalesce = coalesce,
                    .stale_while_revalidate = while_revalidate,
                    .stale_if_error = if_error}};
}

TEST(EdgeCache, MissesThenWaitsThenHits) {
  EdgeCache cache = small_cache();
  EXPECT_EQ(cache.look(at_second(0), kA).found, Found::kNothing);
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(0.1), .fresh_for = 10s, .age = 2s});
  const EdgeCache::Finding waiting = cache.look(at_second(0.04), kA);
  EXPECT_EQ(waiting.found, Found::kUnderWay);
  EXPECT_EQ(waiting.wait, 60ms);
  EXPECT_EQ(waiting.age, 2s);
  const EdgeCache::Finding hit = cache.look(at_second(0.1), kA);
  EXPECT_EQ(hit.found, Found::kFresh);
  EXPECT_EQ(hit.age, 2s);
  EXPECT_EQ(cache.look(at_second(5.1), kA).age, 7s);
}

// Fresh for 10 s from the arrival at 0.1 s.
TEST(EdgeCache, ExpiresAtTheEndOfItsFreshness) {
  EdgeCache cache = small_cache();
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(0.1), .fresh_for = 10s});
  EXPECT_EQ(cache.look(at_second(10.099), kA).found, Found::kFresh);
  const EdgeCache::Finding expired = cache.look(at_second(10.1), kA);
  EXPECT_EQ(expired.found, Found::kExpired);
  EXPECT_NE(expired.reply, nullptr);
}

TEST(EdgeCache, ServesStaleWhileItIsRevalidated) {
  EdgeCache cache = small_cache(true, 5s);
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(0), .fresh_for = 10s});
  EXPECT_EQ(cache.look(at_second(12), kA).found, Found::kRevalidate);
  cache.fetched(at_second(12), kA, {.reply = megabytes(2), .arrives = at_second(12.5), .fresh_for = 10s});
  const EdgeCache::Finding stale = cache.look(at_second(12.2), kA);
  EXPECT_EQ(stale.found, Found::kStale);
  EXPECT_EQ(stale.reply->bytes.count(), 1'000'000);
  EXPECT_EQ(cache.look(at_second(12.5), kA).reply->bytes.count(), 2'000'000);
  EXPECT_EQ(cache.look(at_second(28), kA).found, Found::kExpired);  // 22.5 + 5 have passed
}

TEST(EdgeCache, KeepsTheOldOneWhereTheNewOneIsAnError) {
  EdgeCache cache = small_cache(true, {}, 1min);
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(0), .fresh_for = 10s});
  EXPECT_EQ(cache.look(at_second(20), kA).found, Found::kExpired);
  EXPECT_TRUE(cache.may_serve_on_error(at_second(20), kA));
  cache.fetched(at_second(20), kA, {.reply = megabytes(0), .arrives = at_second(20.1), .fresh_for = 10s, .storable = false});
  const EdgeCache::Finding again = cache.look(at_second(21), kA);
  EXPECT_EQ(again.found, Found::kExpired);
  EXPECT_EQ(again.reply->bytes.count(), 1'000'000);
  EXPECT_FALSE(cache.may_serve_on_error(at_second(70), kA));  // 10 + 60
}

TEST(EdgeCache, PassesErrorsToThoseWhoWaitedAndKeepsNone) {
  EdgeCache cache = small_cache();
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(1), .storable = false});
  EXPECT_EQ(cache.look(at_second(0.5), kA).found, Found::kUnderWay);
  EXPECT_EQ(cache.look(at_second(1), kA).found, Found::kNothing);
  EXPECT_EQ(cache.held().count(), 0);
}

TEST(EdgeCache, HandsOnWhatIsLargerThanItselfToThoseWhoWait) {
  EdgeCache cache = small_cache();
  cache.fetched(at_second(0), kB, {.reply = megabytes(9), .arrives = at_second(0), .fresh_for = 1h});
  cache.fetched(at_second(0), kA, {.reply = megabytes(11), .arrives = at_second(1), .fresh_for = 1h});
  const EdgeCache::Finding waiting = cache.look(at_second(0.4), kA);
  EXPECT_EQ(waiting.found, Found::kUnderWay);
  EXPECT_EQ(waiting.wait, 600ms);
  EXPECT_EQ(cache.look(at_second(1), kA).found, Found::kNothing);
  EXPECT_EQ(cache.look(at_second(1), kB).found, Found::kFresh);  // nothing made room for it
}

TEST(EdgeCache, WithoutCoalescingSendsEveryRequestOn) {
  EdgeCache cache = small_cache(false);
  cache.fetched(at_second(0), kA, {.reply = megabytes(1), .arrives = at_second(1), .fresh_for = 10s});
  EXPECT_EQ(cache.look(at_second(0.5), kA).found, Found::kNothing);
  cache.fetched(at_second(0.5), kA, {.reply = megabytes(2), .arrives = at_second(1.5), .fresh_for = 10s});
  EXPECT_EQ(cache.look(at_second(1), kA).reply->bytes.count(), 1'000'000);  // the first to arrive
}

TEST(EdgeCache, EvictsWhatWasUsedLongestAgo) {
  EdgeCache cache = small_cache();
  for (const ObjectId id : {kA, kB}) cache.fetched(at_second(0), id, {.reply = megabytes(4), .arrives = at_second(0), .fresh_for = 1h});
  EXPECT_EQ(cache.look(at_second(1), kA).found, Found::kFresh);  // B is now the older one
  cache.fetched(at_second(2), kC, {.reply = megabytes(4), .arrives = at_second(2), .fresh_for = 1h});
  EXPECT_EQ(cache.held().count(), 8'000'000);
  EXPECT_EQ(cache.evictions(), 1u);
  EXPECT_EQ(cache.look(at_second(3), kA).found, Found::kFresh);
  EXPECT_EQ(cache.look(at_second(3), kB).found, Found::kNothing);
  EXPECT_EQ(cache.look(at_second(3), kC).found, Found::kFresh);
}

TEST(EdgeCache, DoesNotKeepWhatIsLargerThanItself) {
  EdgeCache cache = small_cache();
  cache.fetched(at_second(0), kA, {.reply = megabytes(11), .arrives = at_second(0), .fresh_for = 1h});
  EXPECT_EQ(cache.look(at_second(1), kA).found, Found::kNothing);
  EXPECT_EQ(cache.held().count(), 0);
}

}  // namespace
}  // namespace harness
