#include "harness/engine/shaka_engine.h"

#include <gtest/gtest.h>

#include "harness/engine/fake_view.h"

namespace harness {
namespace {

using namespace base::literals;

std::size_t rendition_of(const Next& next) { return std::get<Load>(next).rendition; }

TEST(ShakaEngine, ChoosesAmongWhatAReloadedManifestNames) {
  test::FakeView view;
  view.player.protocol = StreamingProtocol::kDash;
  view.player.buffer_target = 10s;
  view.player.initial_estimate = 9_Mbps;
  ShakaEngine engine{view.player};
  EXPECT_EQ(engine.start_rendition(view), 3u);
  engine.on_manifest(view);
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 3u);
  view.rungs.resize(2);
  engine.on_manifest(view);
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
  view.rungs.pop_back();
  engine.on_manifest(view);
  EXPECT_EQ(rendition_of(engine.next(TrackKind::kVideo, view)), 1u);
}

}  // namespace
}  // namespace harness
