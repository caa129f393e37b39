#include "harness/run/representatives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr base::Instant kShown{};
constexpr Representatives::Kind kTv{.cohort = 0, .edge = 1, .channel = 0}, kPhone{.cohort = 1, .edge = 1, .channel = 0};

struct RepresentativesTest : testing::Test {
  Representatives book{30s};
  std::vector<std::size_t> due(base::Duration at) {
    std::vector<std::size_t> seats;
    for (const Representatives::Candidate& each : book.take_due(kShown + at)) seats.push_back(each.seat);
    return seats;
  }
  void follow(std::size_t seat, std::size_t representative) { book.follow(representative, {.seat = seat}); }
};

TEST_F(RepresentativesTest, LooksAtWhoHasPlayedForAWhile) {
  book.started(kShown, 4, 4);
  book.started(kShown + 1s, 9, 9);
  EXPECT_THAT(due(29s), IsEmpty());
  EXPECT_THAT(due(30s), ElementsAre(4u));
  EXPECT_THAT(due(31s), ElementsAre(9u));
  EXPECT_THAT(due(1h), IsEmpty());
}

TEST_F(RepresentativesTest, LooksAgainAtWhoCouldNotFollow) {
  book.not_yet(kShown, 4, 4);
  EXPECT_THAT(due(4s), IsEmpty());
  EXPECT_THAT(due(5s), ElementsAre(4u));
}

TEST_F(RepresentativesTest, OffersThoseOfAKindWhileTheyHaveRoom) {
  book.open(kTv, 3, 0);
  book.open(kTv, 3, 1);
  EXPECT_THAT(book.with_room(kPhone), IsEmpty());
  EXPECT_THAT(book.with_room(kTv), ElementsAre(1u, 0u));
  follow(2, 1);
  EXPECT_THAT(book.with_room(kTv), ElementsAre(1u, 0u));
  follow(3, 1);
  EXPECT_THAT(book.with_room(kTv), ElementsAre(0u));
  EXPECT_EQ(book.weight_of(1), 3);
  EXPECT_EQ(book.weight_of(0), 1);
  EXPECT_EQ(book.representative_of(3), 1u);
  EXPECT_EQ(book.representative_of(1), std::nullopt);
  EXPECT_EQ(book.following(), 2u);
}

TEST_F(RepresentativesTest, OffersOneAgainWhomAFollowerHasLeft) {
  book.open(kTv, 3, 1);
  follow(2, 1);
  follow(3, 1);
  EXPECT_EQ(book.take(2).seat, 2u);
  EXPECT_THAT(book.with_room(kTv), ElementsAre(1u));
  EXPECT_EQ(book.weight_of(1), 2);
  EXPECT_EQ(book.representative_of(2), std::nullopt);
}

TEST_F(RepresentativesTest, GivesUpAllWhoFollowedOneThatEnds) {
  book.open(kTv, 3, 1);
  follow(2, 1);
  follow(3, 1);
  EXPECT_EQ(book.close(1).size(), 2u);
  EXPECT_THAT(book.with_room(kTv), IsEmpty());
  EXPECT_THAT(book.close(1), IsEmpty());
  EXPECT_EQ(book.following(), 0u);
  EXPECT_EQ(book.have_followed(), 2u);
  EXPECT_EQ(book.have_stood(), 1u);
}

TEST(RepresentativesTotals, ArePutTogetherOfOnesOwnAndWhatTheOtherWentThroughSince) {
  const PlayerTotals own{
      .startup_time = 2s, .played = 10s, .stalls = 1, .requests = 20, .bytes = base::ByteCount::bytes(500), .bitrate_seconds = 100};
  const PlayerTotals then{
      .startup_time = 1s, .played = 40s, .stalls = 3, .requests = 70, .bytes = base::ByteCount::bytes(900), .bitrate_seconds = 300};
  const PlayerTotals later{
      .startup_time = 1s, .played = 45s, .stalls = 4, .requests = 75, .bytes = base::ByteCount::bytes(1000), .bitrate_seconds = 350};
  const PlayerTotals all = plus(less(own, then), later);
  EXPECT_EQ(all.startup_time, 2s);
  EXPECT_EQ(all.played, 15s);
  EXPECT_EQ(all.stalls, 2u);
  EXPECT_EQ(all.requests, 25u);
  EXPECT_EQ(all.bytes.count(), 600);
  EXPECT_DOUBLE_EQ(all.bitrate_seconds, 150);
}

}  // namespace
}  // namespace harness
