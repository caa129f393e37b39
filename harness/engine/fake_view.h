// For tests of engines: a player of 2 s segments whose state a test writes down.
#pragma once

#include <array>

#include "harness/engine/engine.h"

namespace harness::test {

using namespace base::literals;

struct FakeView final : PlayerView {
  base::Instant time{1000s};
  Device player{.name = "test", .buffer_target = 18s, .initial_estimate = 1_Mbps};
  std::vector<LadderRung> rungs{{.peak = 302_kbps, .average = 302_kbps, .height = 240},
                                {.peak = 700_kbps, .average = 700_kbps, .height = 360},
                                {.peak = 1496_kbps, .average = 1496_kbps, .height = 480},
                                {.peak = 2999_kbps, .average = 2999_kbps, .height = 720}};
  PlayerState doing = PlayerState::kPlaying;
  base::Duration position{};                         // of the playhead
  std::array<base::Duration, 2> ends{}, nexts{};     // of the media, of the last segment asked for
  std::optional<std::size_t> at_playhead;            // rendition
  std::optional<base::Duration> content_end = 300s;  // nothing: live
  bool audio = true;

  base::Instant now() const override { return time; }
  const Device& device() const override { return player; }
  const std::vector<LadderRung>& ladder() const override { return rungs; }
  std::size_t first_listed() const override { return 0; }
  PlayerState state() const override { return doing; }
  base::Duration playhead() const override { return position; }
  double rate() const override { return 1; }
  bool has(TrackKind kind) const override { return kind == TrackKind::kVideo || audio; }
  base::Duration level(TrackKind kind) const override { return ends[index_of(kind)] - position; }
  base::Duration next(TrackKind kind) const override { return nexts[index_of(kind)]; }
  const Download* running(TrackKind) const override { return nullptr; }
  base::Duration segment_duration(TrackKind) const override { return 2s; }
  std::optional<base::Duration> segment_start(TrackKind, base::Duration at) const override { return at - at % 2s; }
  base::Duration buffered_end(TrackKind kind) const override { return ends[index_of(kind)]; }
  std::optional<std::size_t> buffered_rendition(base::Duration) const override { return at_playhead; }
  bool is_live() const override { return !content_end; }
  bool is_listed(std::size_t) const override { return true; }
  base::Duration target_duration() const override { return 2s; }
  std::optional<base::Duration> end(TrackKind) const override { return content_end; }
  std::optional<base::Duration> live_delay() const override { return content_end ? std::nullopt : std::optional<base::Duration>{6s}; }
};

}  // namespace harness::test
