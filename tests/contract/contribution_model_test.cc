// ContributionModel and ModelStream against the server's own SourceSelector and SlotGrid, which get the pictures of feeds that come and go:
// the same slots are gaps, and each is there at the same time.
#include "harness/run/contribution_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "base/virtual_timeline.h"
#include "harness/transport/model_stream.h"
#include "server/switching/source_selector.h"
#include "server/transcode/slot_grid.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kStart = base::VirtualTimeline::kStart;
constexpr base::Duration kSlot = 2s, kLength = 120s, kTick = 10ms;
constexpr base::Duration kClose = 150ms;  // some pictures

struct Loss {
  int feed;                            // 0: primary
  std::optional<base::Duration> ends;  // its connection, after
  base::Duration from, until;
};

struct Case {
  base::Duration switch_after, failback_after;
  bool backup, slate;
  std::vector<Loss> losses;
};

// Losses begin and end, and the server waits, at times that keep apart from one another, so that a picture more or less decides nothing.
Case some_case(std::uint64_t seed) {
  base::Random random{seed};
  constexpr base::Duration kStep = 1600ms;
  constexpr std::array<base::Duration, 2> kBegins{100ms, 400ms}, kEnds{1350ms, 1450ms};
  Case drawn{.switch_after = random.chance(0.5) ? 400ms : kStep * (1 + random.below(4)),
             .failback_after = kStep * random.below(5),
             .backup = random.chance(0.7),
             .slate = random.chance(0.4),
             .losses = {}};
  for (std::size_t feed = 0; feed < (drawn.backup ? 2 : 1); ++feed)
    for (std::int64_t step = 6 + random.below(5); step * kStep < kLength - 30s;) {
      const std::int64_t end = step + random.below(random.chance(0.3) ? 10 : 2);
      const std::optional<base::Duration> ends = std::array<std::optional<base::Duration>, 3>{std::nullopt, 0s, 5s}[random.below(3)];
      drawn.losses.push_back({static_cast<int>(feed), ends, step * kStep + kBegins[feed], end * kStep + kEnds[feed]});
      step = end + 1 + random.below(8);
    }
  return drawn;
}

struct Slot {
  base::Duration at;  // when it is known
  bool gap;
};
using Slots = std::map<std::int64_t, Slot>;

bool sends(const Case& drawn, int feed, base::Duration at) {
  if (feed == 1 && !drawn.backup) return false;
  return std::none_of(drawn.losses.begin(), drawn.losses.end(),
                      [&](const Loss& loss) { return loss.feed == feed && at >= loss.from && at < loss.until; });
}

// What stands by is kept, and goes on from where the last one broke off.
Slots slots_of_server(const Case& drawn) {
  const server::FailoverSpec failover{.switch_after = drawn.switch_after, .failback_after = drawn.failback_after};
  const base::Duration slate_after = std::max<base::Duration>(500ms, drawn.switch_after + 100ms);
  const base::Duration loss_after = drawn.slate    ? slate_after + 300ms
                                    : drawn.backup ? std::max<base::Duration>(500ms, drawn.switch_after + 300ms)
                                                   : base::Duration{500ms};
  server::SourceSelector selector{
      {.failover = failover, .backup = drawn.backup, .slate_after = drawn.slate ? std::optional{slate_after} : std::nullopt}};
  const server::SlotGeometry geometry{{.numerator = 25}};
  server::SlotGrid grid{{.geometry = geometry, .loss_after = loss_after}};
  Slots slots;
  base::Duration now{};
  const auto act = [&](const server::GridActions& actions) {
    for (const server::GridAction& action : actions) {
      if (const auto* complete = std::get_if<server::CompleteSlot>(&action)) slots.emplace(complete->slot, Slot{now, false});
      if (const auto* gap = std::get_if<server::GapSlot>(&action)) slots.emplace(gap->slot, Slot{now, true});
    }
  };
  constexpr std::array kFeeds{server::Feed::kPrimary, server::Feed::kBackup};
  std::array<std::vector<base::Duration>, 2> kept;
  for (; now < kLength; now += kTick) {
    for (const Loss& loss : drawn.losses) {
      if (!loss.ends || now != std::min(loss.from + *loss.ends, loss.until)) continue;
      selector.ended(kFeeds[static_cast<std::size_t>(loss.feed)]);
      selector.tick(kStart + now);
      kept[static_cast<std::size_t>(loss.feed)].clear();
    }
    const bool picture = now % 40ms == 0ns;
    for (std::size_t feed = 0; picture && feed < 2; ++feed) {
      if (!sends(drawn, static_cast<int>(feed), now)) continue;
      selector.picture(kFeeds[feed], kStart + now);
      kept[feed].push_back(now);
    }
    selector.tick(kStart + now);
    if (selector.on_air() == server::Feed::kSlate) {
      if (picture) act(grid.video(now, now));
    } else if (selector.on_air() != server::Feed::kNone) {
      const base::Duration from = std::max(now - drawn.switch_after - 1s, grid.position() - geometry.frame_time(1) / 2);
      for (const base::Duration at : std::exchange(kept[selector.on_air() == server::Feed::kPrimary ? 0 : 1], {}))
        if (at >= from) act(grid.video(now, at));
    }
    act(grid.tick(now));
  }
  return slots;
}

Slots slots_of_model(const Case& drawn) {
  ContributionModel model{
      {.switch_after = drawn.switch_after, .failback_after = drawn.failback_after, .backup = drawn.backup, .slate = drawn.slate}};
  ModelStream stream{{.segment_duration = kSlot, .loss_after = model.loss_after(), .wall = {.at = kStart, .utc = {}}}};
  Slots slots;
  for (base::Duration elapsed{}; elapsed < kLength; elapsed += kTick) {
    const base::Instant now = kStart + elapsed;
    for (const Loss& loss : drawn.losses) {
      const auto feed = loss.feed == 0 ? ContributionModel::Feed::kPrimary : ContributionModel::Feed::kBackup;
      if (loss.until == elapsed) model.regain(feed, now);
      if (loss.from == elapsed) model.lose(feed, loss.ends, now, kStart + loss.until);
    }
    model.advance(now);
    switch (model.output()) {
      case ContributionModel::Output::kFlows:
        stream.resume(now);
        break;
      case ContributionModel::Output::kHalted:
        stream.halt(model.halted_at(), {model.halted_until(), model.is_lost_next()});
        break;
      case ContributionModel::Output::kLost:
        stream.lose(model.halted_at(), now);
        break;
    }
    for (auto slot = static_cast<std::int64_t>(slots.size()); slot < stream.version(now); ++slot)
      slots.emplace(slot, Slot{elapsed, !stream.segment_size(now, *stream.find_track("audio"), slot)});
  }
  return slots;
}

std::string told(const Case& drawn) {
  std::string text = fmt::format("switch_after {}, failback_after {}{}{}", base::to_text(drawn.switch_after),
                                 base::to_text(drawn.failback_after), drawn.backup ? ", backup" : "", drawn.slate ? ", slate" : "");
  for (const Loss& loss : drawn.losses)
    text +=
        fmt::format("\n{} {} {}-{}", loss.feed == 0 ? "primary" : "backup",
                    loss.ends ? "ends after " + base::to_text(*loss.ends) : "stalls", base::to_text(loss.from), base::to_text(loss.until));
  return text;
}

class ContributionModelContract : public testing::TestWithParam<std::uint64_t> {};

void expect_equal(const Case& drawn) {
  const Slots server = slots_of_server(drawn), model = slots_of_model(drawn);
  ASSERT_GT(server.size(), 50u);
  for (const auto& [slot, there] : server) {
    if (there.at > kLength - kClose) continue;  // it is there a picture before its slot has passed
    const auto here = model.find(slot);
    ASSERT_NE(here, model.end()) << "slot " << slot << '\n' << told(drawn);
    EXPECT_EQ(here->second.gap, there.gap) << "slot " << slot << '\n' << told(drawn);
    EXPECT_LE(base::Duration{std::chrono::abs(here->second.at - there.at)}, kClose)
        << "slot " << slot << ": " << base::to_text(here->second.at) << ", the server's " << base::to_text(there.at) << '\n'
        << told(drawn);
  }
}

TEST_P(ContributionModelContract, LeavesOfTheOutputWhatTheServerLeaves) {
  constexpr std::uint64_t kEach = 50;
  for (std::uint64_t seed = GetParam() * kEach; seed < (GetParam() + 1) * kEach; ++seed) {
    SCOPED_TRACE(seed);
    expect_equal(some_case(seed));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, ContributionModelContract, testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace harness
