#include "harness/behaviour/viewer_behaviour.h"

#include <gtest/gtest.h>

#include <set>

namespace harness {
namespace {

using namespace base::literals;

std::vector<Visit> visits(const Behaviour& behaviour, ViewerBehaviour::Bounds bounds, std::uint64_t seed = 1) {
  ViewerBehaviour viewer{behaviour, bounds, seed};
  std::vector<Visit> all;
  while (auto visit = viewer.next()) all.push_back(*visit);
  return all;
}

template <class What>
std::vector<base::Duration> instants(const Visit& visit) {
  std::vector<base::Duration> out;
  for (const TimedAction& action : visit.actions)
    if (std::holds_alternative<What>(action.what)) out.push_back(action.at);
  return out;
}

TEST(ViewerBehaviour, OfNothingStaysToTheEndWithoutAnAction) { EXPECT_EQ(visits({}, {.horizon = 60s}), (std::vector<Visit>{Visit{}})); }

TEST(ViewerBehaviour, PlansByFixedTimesExactly) {
  const Behaviour behaviour{.watch = Fixed{100s},
                            .patience = Fixed{8s},
                            .seek = Seeking{.every = Fixed{40s}, .by = Fixed{10s}, .back = 1},
                            .pause = Spells{Fixed{30s}, Fixed{5s}}};
  const std::vector<TimedAction> expected{{30s, PausePlay{}}, {35s, ResumePlay{}}, {40s, SeekBy{-10s}},
                                          {65s, PausePlay{}}, {70s, ResumePlay{}}, {80s, SeekBy{-10s}}};
  EXPECT_EQ(visits(behaviour, {.horizon = 200s}), (std::vector<Visit>{{.patience = 8s, .watch = 100s, .actions = expected}}));
}

TEST(ViewerBehaviour, PlansNothingBeyondTheEnd) {
  const Behaviour behaviour{.hide = Spells{Fixed{20s}, Fixed{15s}}};
  const std::vector<TimedAction> expected{{20s, HidePage{}}, {35s, ShowPage{}}, {55s, HidePage{}}};
  EXPECT_EQ(visits(behaviour, {.horizon = 60s}).at(0).actions, expected);
}

TEST(ViewerBehaviour, GivesTheSameSeedTheSameVisits) {
  const Behaviour behaviour{.watch = Exponential{600s}, .seek = Seeking{.every = Exponential{20s}}, .zap = Exponential{50s}};
  const ViewerBehaviour::Bounds bounds{.channels = 4, .horizon = 1h};
  EXPECT_EQ(visits(behaviour, bounds, 5), visits(behaviour, bounds, 5));
  EXPECT_NE(visits(behaviour, bounds, 5), visits(behaviour, bounds, 6));
}

TEST(ViewerBehaviour, SeeksAtTheSameInstantsWhetherOrNotItAlsoPauses) {
  Behaviour behaviour{.seek = Seeking{.every = Exponential{20s}}};
  const auto alone = instants<SeekTo>(visits(behaviour, {.horizon = 600s}).at(0));
  behaviour.pause = Spells{Exponential{30s}, Exponential{10s}};
  EXPECT_EQ(instants<SeekTo>(visits(behaviour, {.horizon = 600s}).at(0)), alone);
  EXPECT_GT(alone.size(), 10u);
}

TEST(ViewerBehaviour, SpreadsItsWatchTimeOverTheChannelsItTurnsTo) {
  const Behaviour behaviour{.watch = Fixed{100s}, .zap = Fixed{30s}};
  const std::vector<Visit> all = visits(behaviour, {.channels = 3, .horizon = 500s});
  ASSERT_EQ(all.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(all[i].watch, base::Duration{i < 3 ? 30s : 10s});
  EXPECT_EQ(all[0].channel, 0u);
}

TEST(ViewerBehaviour, AlwaysTurnsToAnotherChannelAndVisitsThemAll) {
  const std::vector<Visit> all = visits({.zap = Fixed{1s}}, {.channels = 4, .horizon = 200s});
  std::set<std::size_t> seen;
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_NE(all[i].channel, all[i - 1].channel);
    seen.insert(all[i].channel);
  }
  EXPECT_EQ(all.size(), 200u);
  EXPECT_EQ(all.back().watch, std::nullopt);
  EXPECT_EQ(seen.size(), 4u);
}

TEST(ViewerBehaviour, StaysWithTheOnlyChannel) { EXPECT_EQ(visits({.zap = Fixed{1s}}, {.horizon = 60s}).size(), 1u); }

TEST(ViewerBehaviour, KnowsWhetherAFurtherVisitComes) {
  const Behaviour behaviour{.zap = Fixed{30s}};
  ViewerBehaviour viewer{behaviour, {.channels = 2, .horizon = 50s}, 1};
  EXPECT_TRUE(viewer.has_next());
  viewer.next();
  EXPECT_TRUE(viewer.has_next());
  viewer.next();
  EXPECT_FALSE(viewer.has_next());
  EXPECT_FALSE(viewer.next());
}

// 2,000 viewers with exponential patience of mean 5 s: a share 1 - 1/e leaves within 5 s, known within 0.043 (4 deviations).
TEST(ViewerBehaviour, DrawsForEachViewerAnew) {
  int short_of_it = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed)
    short_of_it += *visits({.patience = Exponential{5s}}, {.horizon = 60s}, seed).at(0).patience < 5s ? 1 : 0;
  EXPECT_NEAR(short_of_it / 2000.0, 0.632, 0.043);
}

}  // namespace
}  // namespace harness
