#include "harness/engine/shaka_engine.h"

#include <gtest/gtest.h>

#include <utility>

#include "harness/engine/fake_view.h"
#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;

std::size_t rendition_of(const Next& next) { return std::get<Load>(next).rendition; }

// The manifest is loaded again.
void reload(ShakaEngine& engine, test::FakeView& view, std::vector<LadderRung> rungs) {
  const LadderChange change{std::exchange(view.rungs, std::move(rungs)), view.rungs};
  engine.on_ladder(change, view);
}

TEST(ShakaEngine, ChoosesAmongWhatAReloadedManifestNames) {
  test::FakeView view;
  view.player.protocol = StreamingProtocol::kDash;
  view.player.buffer_target = 10s;
  view.player.initial_estimate = 9_Mbps;
  ShakaEngine engine{view.player};
  EXPECT_EQ(engine.start_rendition(view), 3u);
  reload(engine, view, {view.rungs[0], view.rungs[1]});
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 1u);
  // What failed was asked for before the reload.
  const Remedy remedy =
      engine.remedy({.kind = RequestKind::kVideo, .track = TrackKind::kVideo, .rendition = 3, .status = 404, .failures = 2}, view);
  EXPECT_EQ(remedy.what, Remedy::What::kRetry);
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 1u);
}

TEST(ShakaEngine, LeavesAFailedRenditionAloneAcrossReloads) {
  test::FakeView view;
  view.player.protocol = StreamingProtocol::kDash;
  view.player.initial_estimate = 9_Mbps;
  ShakaEngine engine{view.player};
  EXPECT_EQ(engine.start_rendition(view), 3u);
  engine.remedy({.kind = RequestKind::kVideo, .track = TrackKind::kVideo, .rendition = 2, .status = 404, .failures = 2}, view);
  reload(engine, view, {view.rungs[1], view.rungs[2]});
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 0u);
}

// Its estimate is lower by now, but the switch interval is not over.
TEST(ShakaEngine, LoadsOnTheSameRenditionWhenALowerOneGoes) {
  test::FakeView view;
  view.player.protocol = StreamingProtocol::kDash;
  view.player.initial_estimate = 9_Mbps;
  view.audio = false;
  ShakaEngine engine{view.player};
  EXPECT_EQ(engine.start_rendition(view), 3u);
  const auto receives = [&](base::ByteCount size, base::Duration took) {
    engine.on_download({.rendition = 3, .duration = 2s, .asked = view.time - took, .latest = view.time, .received = size}, view);
    view.time += 1s;
  };
  receives(2'000'000_B, 1s);
  receives(200'000_B, 10s);
  reload(engine, view, {view.rungs[1], view.rungs[2], view.rungs[3]});
  EXPECT_FALSE(engine.gives_up({.rendition = 2}, view));
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 2u);
}

}  // namespace
}  // namespace harness
