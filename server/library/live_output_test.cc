#include "server/library/live_output.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/library/decoded_track.h"
#include "server/switching/grey_picture.h"

namespace server {
namespace {

using namespace base::literals;
using testing::ElementsAre;

const SlotGeometry kGrid30{FrameRate{30, 1}};
constexpr int kNames = 16;

// Pictures are named by their brightness, in turn.
int luma_of(std::int64_t picture) { return 40 + static_cast<int>(picture % kNames) * 12; }
int name_of(int luma) { return (luma - 40 + 6) / 12; }

// Sources of 30 pictures a second that show the same, picture for picture: what happened at their common camera when the time was
// k / 30 s. Each has a delay and timestamps of its own. The harness steps through time.
struct Studio {
  struct Camera {
    bool sends = true, stamps = true, black = false;
    base::Duration delay = 50ms;
    base::Duration timestamps = 1000s;  // of the moment 0
    std::int64_t next = 0;
    int width = 320;
    base::Duration tick{1};  // timestamps are multiples of it
  };
  static base::Duration rounded(const Camera& camera, base::Duration time) { return time / camera.tick * camera.tick; }

  explicit Studio(StreamSpec given = {}) : spec{std::move(given)} {
    spec.name = "main";
    spec.ladder = {{240, 800_kbps}};
    output.connected(Feed::kPrimary, begin);
    if (spec.backup) output.connected(Feed::kBackup, begin);
  }
  static StreamSpec with_backup() { return {.backup = SourceSpec{}}; }

  void run_to(base::Duration until) {
    for (; now < until; now += 5ms) {
      send(Feed::kPrimary);
      if (spec.backup) send(Feed::kBackup);
      output.tick(begin + now);
    }
  }
  void send(Feed feed) {
    Camera& camera = cameras[feed];
    for (; kGrid30.frame_time(camera.next) + camera.delay <= now; ++camera.next) {
      if (!camera.sends) continue;
      const base::Duration at = kGrid30.frame_time(camera.next);
      VideoFrame frame{.picture = grey_picture(camera.black ? 16 : luma_of(camera.next), camera.width),
                       .timestamp = rounded(camera, at + camera.timestamps),
                       .arrived = begin + now,
                       .captured = {},
                       .frames_per_second = 30};
      if (camera.stamps) frame.captured = base::UtcTime{} + 1'800'000'000s + at;
      output.video(feed, std::move(frame), begin + now);
      output.audio(
          feed, {.left = std::vector<float>(1600), .right = std::vector<float>(1600), .timestamp = at + camera.timestamps, .arrived = {}},
          begin + now);
    }
  }
  // As names of pictures, of the segments that are there; every track decodes.
  std::vector<int> shown() const {
    std::vector<int> names;
    const SnapshotPtr stream = output.presentation()->snapshot();
    for (const TrackSnapshot& track : stream->tracks) EXPECT_EQ(play(track).errors, 0) << track.info.name;
    for (const int luma : play(stream->tracks[0]).brightness) names.push_back(name_of(luma));
    return names;
  }
  std::vector<std::int64_t> gaps() const {
    std::vector<std::int64_t> numbers;
    for (const Segment& segment : output.presentation()->snapshot()->tracks[0].listed) {
      if (segment.bytes == nullptr) numbers.push_back(segment.number);
    }
    return numbers;
  }
  StreamStatus status() const {
    StreamStatus status;
    output.describe(status, begin + now);
    output.describe_history(status);
    return status;
  }

  StreamSpec spec;
  const base::Instant begin = base::steady_now();
  base::Duration now{};
  std::map<Feed, Camera> cameras{{Feed::kPrimary, {}}, {Feed::kBackup, {.delay = 130ms, .timestamps = 7s}}};
  prometheus::Registry registry;
  StreamMetrics metrics{registry, "main"};
  std::atomic<bool> stopping = false;
  LiveOutput output{spec, metrics, stopping, begin};
};

// How many pictures were left out or shown again.
struct Faults {
  int missing = 0, again = 0;
  friend bool operator==(const Faults&, const Faults&) = default;
};
Faults faults_of(const std::vector<int>& shown) {
  Faults faults;
  for (std::size_t i = 1; i < shown.size(); ++i) {
    const int step = (shown[i] - shown[i - 1] + kNames) % kNames;
    const bool back = step == 0 || step > kNames / 2;
    if (back) faults.again += 1 + (step == 0 ? 0 : kNames - step);
    if (!back) faults.missing += step - 1;
  }
  return faults;
}

TEST(LiveOutput, LosesNoPictureWhenThePrimaryDies) {
  Studio studio{Studio::with_backup()};
  studio.run_to(3s);
  studio.cameras[Feed::kPrimary].sends = false;
  studio.run_to(8500ms);
  EXPECT_EQ(faults_of(studio.shown()), Faults{});
  EXPECT_THAT(studio.gaps(), ElementsAre());
  const StreamStatus status = studio.status();
  EXPECT_EQ(status.on_air, Feed::kBackup);
  EXPECT_EQ(status.state, StreamState::kReady);
  EXPECT_EQ(status.source_losses, 0U);
  ASSERT_EQ(status.switched.size(), 2U);
  EXPECT_EQ(status.switched[1].reason, SwitchReason::kMediaGap);
  EXPECT_EQ(status.switched[1].held_pictures, 0);
  EXPECT_GT(status.switched[1].gap, 400ms);
  EXPECT_LT(status.switched[1].gap, 450ms);
}

// The primary has died, and after three seconds the backup has just come on air.
struct LateSwitch : Studio {
  explicit LateSwitch(FailoverSpec failover = {.switch_after = 3s}) : Studio{spec_of(failover)} {
    run_to(3s);
    cameras[Feed::kPrimary].sends = false;
    while (output.on_air() == Feed::kPrimary && now < 10s) run_to(now + 5ms);
    switched = now;
  }
  static StreamSpec spec_of(FailoverSpec failover) {
    StreamSpec made = with_backup();
    made.failover = failover;
    return made;
  }
  base::Duration switched{};
};

TEST(LiveOutput, CatchesUpAPictureAtATimeWhereTheSwitchTookLong) {
  LateSwitch studio;
  ASSERT_EQ(studio.output.on_air(), Feed::kBackup);
  for (; studio.output.is_catching_up(); studio.run_to(studio.now + 5ms)) ASSERT_LT(studio.now, studio.switched + 2s);
  EXPECT_GT(studio.now - studio.switched, 300ms) << "so many ticks as pictures";
  studio.run_to(13s);
  EXPECT_TRUE(studio.gaps().empty());
  EXPECT_EQ(faults_of(studio.shown()), Faults{});
}

TEST(LiveOutput, ShowsWhatIsThereWhereItSwitchesBackBeforeItHasCaughtUp) {
  LateSwitch studio{{.switch_after = 3s, .failback_after = 0s, .dwell = 0s}};
  ASSERT_TRUE(studio.output.is_catching_up());
  studio.cameras[Feed::kPrimary].sends = true;
  studio.run_to(studio.now + 100ms);
  EXPECT_EQ(studio.output.on_air(), Feed::kPrimary);
  studio.run_to(11s);
  EXPECT_LE(faults_of(studio.shown()).missing, 3) << "by so much the backup's come later";
}

TEST(LiveOutput, GivesUpCatchingUpWhereTheEncoderIsTooSlow) {
  LateSwitch studio;
  ASSERT_TRUE(studio.output.is_catching_up());
  for (; studio.now < studio.switched + 8s; studio.now += 33ms) studio.send(Feed::kBackup);  // a picture for each that comes
  EXPECT_GT(studio.status().late_pictures, 50U);
  studio.run_to(studio.now + 1s);
  EXPECT_FALSE(studio.output.is_catching_up());
}

TEST(LiveOutput, LosesNoPictureWhereTimestampsAreRounded) {
  for (const Feed coarse : {Feed::kPrimary, Feed::kBackup}) {
    StreamSpec spec = Studio::with_backup();
    spec.failover = {.switch_after = 200ms, .failback_after = 300ms, .dwell = 0ms};
    Studio studio{spec};
    studio.cameras[coarse].tick = 1ms;
    for (int i = 0; i < 3; ++i) {
      studio.run_to(1510ms + i * 2033ms);  // each frame is rounded another way than the two before it
      studio.cameras[Feed::kPrimary].sends = false;
      studio.run_to(2110ms + i * 2033ms);
      studio.cameras[Feed::kPrimary].sends = true;
    }
    studio.run_to(8500ms);
    EXPECT_GE(studio.status().switches, 7U);
    EXPECT_EQ(faults_of(studio.shown()), Faults{}) << to_text(coarse);
  }
}

TEST(LiveOutput, LosesNoPictureInFiftyLossesAndFailbacks) {
  StreamSpec spec = Studio::with_backup();
  spec.failover = {.switch_after = 200ms, .failback_after = 300ms, .dwell = 0ms};
  Studio studio{spec};
  std::uint64_t losses = 0;
  Faults faults;
  std::vector<int> seen;
  std::int64_t next_segment = 0;
  for (int i = 0; i < 50; ++i) {
    studio.run_to(1500ms + i * 2s);
    studio.cameras[Feed::kPrimary].sends = false;
    studio.run_to(2100ms + i * 2s);
    EXPECT_EQ(studio.status().on_air, Feed::kBackup) << i;
    studio.cameras[Feed::kPrimary].sends = true;
    studio.run_to(2600ms + i * 2s);
    losses += studio.status().source_losses;
    // The window slides: what is new in it.
    const SnapshotPtr stream = studio.output.presentation()->snapshot();
    if (stream == nullptr) continue;
    TrackSnapshot fresh = stream->tracks[0];
    fresh.retained.clear();
    std::erase_if(fresh.listed, [&](const Segment& segment) { return segment.number < next_segment; });
    if (!fresh.listed.empty()) next_segment = fresh.listed.back().number + 1;
    for (const int luma : play(fresh).brightness) seen.push_back(name_of(luma));
  }
  EXPECT_EQ(losses, 0U);
  EXPECT_GT(seen.size(), 2900U);
  EXPECT_EQ(faults_of(seen), Faults{});
  EXPECT_GE(studio.status().switches, 100U);
}

TEST(LiveOutput, KeepsTimeWhereTheSourcesDoNotSayWhenTheyCaptured) {
  Studio studio{Studio::with_backup()};
  for (auto& [feed, camera] : studio.cameras) camera.stamps = false;
  studio.run_to(3s);
  studio.cameras[Feed::kPrimary].sends = false;
  studio.run_to(8500ms);
  const Faults faults = faults_of(studio.shown());
  EXPECT_EQ(faults.missing, 0);
  EXPECT_GE(faults.again, 1);
  EXPECT_LE(faults.again, 4) << "the backup comes 80 ms later";
  EXPECT_THAT(studio.gaps(), ElementsAre());
}

TEST(LiveOutput, FailsBackWithoutLosingAPicture) {
  Studio studio{Studio::with_backup()};
  studio.run_to(3s);
  studio.cameras[Feed::kPrimary].sends = false;
  studio.run_to(4s);
  studio.cameras[Feed::kPrimary].sends = true;
  studio.cameras[Feed::kPrimary].timestamps = 0s;  // its encoder was started anew
  studio.output.connected(Feed::kPrimary, studio.begin + studio.now);
  studio.run_to(12500ms);
  EXPECT_EQ(studio.status().on_air, Feed::kPrimary);
  EXPECT_EQ(faults_of(studio.shown()), Faults{});
}

TEST(LiveOutput, ShowsTheSlateOnTimeWhileNothingComes) {
  StreamSpec spec = Studio::with_backup();
  spec.slate = SlateSpec{.image = "", .tone = true};
  Studio studio{spec};
  studio.run_to(2200ms);
  for (auto& [feed, camera] : studio.cameras) camera.sends = false;
  studio.run_to(6s);
  EXPECT_EQ(studio.status().on_air, Feed::kSlate);
  EXPECT_EQ(studio.status().state, StreamState::kReady);
  EXPECT_EQ(studio.status().source_losses, 1U);
  studio.cameras[Feed::kBackup].sends = true;
  studio.run_to(12500ms);
  EXPECT_THAT(studio.gaps(), ElementsAre());
  EXPECT_EQ(studio.status().on_air, Feed::kBackup);
  const std::vector<int> shown = studio.shown();
  ASSERT_GE(shown.size(), 300U);
  EXPECT_EQ(shown[120], name_of(60)) << "grey";
}

TEST(LiveOutput, ShowsASlateWhoseFileHasGoneSince) {
  const std::string file = testing::TempDir() + "rehearsal-slate-" + std::to_string(getpid()) + ".ppm";
  std::ofstream{file} << "P6 32 24 255\n" << std::string(3 * 32 * 24, static_cast<char>(128));
  StreamSpec spec;
  spec.slate = SlateSpec{.image = file};
  Studio studio{spec};
  std::filesystem::remove(file);
  studio.run_to(2200ms);
  studio.cameras[Feed::kPrimary].sends = false;
  studio.run_to(6500ms);
  EXPECT_EQ(studio.status().on_air, Feed::kSlate);
  const std::vector<int> shown = studio.shown();
  ASSERT_GT(shown.size(), 120U);
  EXPECT_EQ(shown[120], name_of(16 + 128 * 219 / 255));
}

constexpr int kTooWide = 32000;  // for libx264

TEST(LiveOutput, WaitsForAnotherPublisherWhereNoEncoderTakesThePictures) {
  Studio studio;
  studio.cameras[Feed::kPrimary].width = kTooWide;
  studio.run_to(300ms);
  EXPECT_EQ(studio.status().state, StreamState::kStarting);
  EXPECT_THAT(studio.status().reason, testing::HasSubstr("encode 32000x240"));
  EXPECT_EQ(studio.output.event_counts(Feed::kPrimary)[static_cast<std::size_t>(SourceEventKind::kUnusable)], 1U);
  studio.cameras[Feed::kPrimary].width = 320;
  studio.output.connected(Feed::kPrimary, studio.begin + studio.now);
  studio.run_to(3s);
  EXPECT_EQ(studio.status().state, StreamState::kReady);
}

TEST(LiveOutput, BeginsWithTheBackupWhereNoEncoderTakesThePrimary) {
  Studio studio{Studio::with_backup()};
  studio.cameras[Feed::kPrimary].width = kTooWide;
  studio.run_to(600ms);
  EXPECT_EQ(studio.status().on_air, Feed::kBackup);
  EXPECT_EQ(studio.status().state, StreamState::kReady);
}

TEST(LiveOutput, FailsWhereNoEncoderTakesItsOnlyFile) {
  StreamSpec spec;
  spec.source.kind = SourceKind::kFile;
  Studio studio{spec};
  studio.cameras[Feed::kPrimary].width = kTooWide;
  EXPECT_THROW(studio.run_to(300ms), base::RunFailed);
  EXPECT_EQ(studio.status().sources.at(0).state, SourceState::kFailed);
}

// Two files, of which no encoder takes the first.
struct ListStudio : Studio {
  ListStudio() : Studio{{.source = {.kind = SourceKind::kPlaylist, .files = {"a.mp4", "b.mp4"}}}} {
    cameras[Feed::kPrimary].width = kTooWide;
    output.next_file(Feed::kPrimary, "a.mp4");
    run_to(300ms);
    EXPECT_EQ(status().state, StreamState::kStarting);
    EXPECT_THAT(status().reason, testing::HasSubstr("play 'a.mp4': encode 32000x240"));
  }
};

TEST(LiveOutput, BeginsWithTheNextFileWhereNoEncoderTakesTheFirst) {
  ListStudio studio;
  studio.output.next_file(Feed::kPrimary, "b.mp4");
  studio.cameras[Feed::kPrimary].width = 320;
  studio.run_to(3s);
  EXPECT_EQ(studio.status().state, StreamState::kReady);
  studio.output.next_file(Feed::kPrimary, "a.mp4");
  studio.cameras[Feed::kPrimary].width = kTooWide;
  studio.run_to(3200ms);
  studio.output.next_file(Feed::kPrimary, "b.mp4");
  EXPECT_EQ(studio.status().state, StreamState::kReady) << "pictures are made to fit";
}

TEST(LiveOutput, FailsWhereNoEncoderTakesAnyFile) {
  ListStudio studio;
  studio.output.next_file(Feed::kPrimary, "b.mp4");
  studio.run_to(600ms);
  EXPECT_EQ(studio.status().state, StreamState::kStarting);
  EXPECT_THROW(studio.output.next_file(Feed::kPrimary, "a.mp4"), base::RunFailed);
  EXPECT_EQ(studio.status().sources.at(0).state, SourceState::kFailed);
}

TEST(LiveOutput, LeavesGapsWhereThereIsNoSlate) {
  Studio studio{Studio::with_backup()};
  studio.run_to(2200ms);
  for (auto& [feed, camera] : studio.cameras) camera.sends = false;
  studio.run_to(8500ms);
  EXPECT_EQ(studio.status().state, StreamState::kNoFeed);
  EXPECT_THAT(studio.gaps(), ElementsAre(2, 3));
}

TEST(LiveOutput, GivesABackupOfAnotherShapeTheShapeOfTheStream) {
  Studio studio{Studio::with_backup()};
  studio.cameras[Feed::kBackup].width = 480;
  studio.run_to(3s);
  studio.cameras[Feed::kPrimary].sends = false;
  studio.run_to(6500ms);
  EXPECT_EQ(faults_of(studio.shown()), Faults{});
}

TEST(LiveOutput, LeavesASourceThatIsBlackWhereThatCounts) {
  StreamSpec spec = Studio::with_backup();
  spec.health.counts = {HealthAspect::kPicture, HealthAspect::kBlack};
  Studio studio{spec};
  studio.run_to(6s);
  studio.cameras[Feed::kPrimary].black = true;
  studio.run_to(9s);
  const StreamStatus status = studio.status();
  EXPECT_EQ(status.on_air, Feed::kBackup);
  EXPECT_EQ(status.switched.back().reason, SwitchReason::kUnfit);
  EXPECT_FALSE(status.sources.at(0).healthy);
  const auto event = std::ranges::find_if(status.health, [](const HealthEvent& e) { return e.aspect == HealthAspect::kBlack; });
  ASSERT_NE(event, status.health.end());
  EXPECT_EQ(event->source, Feed::kPrimary);
  EXPECT_TRUE(event->impaired);
  EXPECT_THAT(event->evidence, testing::HasSubstr("black for"));
}

// How long after its capture a picture is shown, up to a constant: by the time of capture that the latest segment names.
struct Latency {
  explicit Latency(const Studio& studio) {
    const Segment& segment = studio.output.presentation()->snapshot()->tracks[0].listed.back();
    behind = segment.number * 2s - segment.wall.time_since_epoch();
  }
  base::Duration behind;
};

constexpr base::Duration kNear = 250ms;  // SourceClock lets a source be so far from where it was

TEST(LiveOutput, GoesOnWhereTimestampsGoBack) {
  for (const base::Duration back : {base::Duration{1s}, base::Duration{1h}}) {
    Studio studio;
    studio.run_to(8100ms);
    const Latency before{studio};
    studio.cameras[Feed::kPrimary].timestamps -= back;
    studio.run_to(32s);
    EXPECT_THAT(studio.gaps(), ElementsAre()) << base::to_seconds(back);
    EXPECT_EQ(studio.status().source_losses, 0U);
    EXPECT_LE(std::chrono::abs(Latency{studio}.behind - before.behind), kNear) << base::to_seconds(back);
    EXPECT_LE(studio.output.segments(), 16U);
    EXPECT_GE(studio.output.segments(), 15U);
    studio.shown();
  }
}

TEST(LiveOutput, CatchesUpAfterABurstOfWhatWasHeldBack) {
  for (const base::Duration at : {8100ms, 9500ms, 9900ms}) {
    for (const bool stamps : {true, false}) {
      Studio studio;
      Studio::Camera& camera = studio.cameras[Feed::kPrimary];
      camera.stamps = stamps;
      studio.run_to(at);
      const Latency before{studio};
      camera.delay += 10s;
      studio.run_to(at + 10s);
      EXPECT_EQ(studio.status().state, StreamState::kNoFeed);
      camera.delay -= 10s;
      studio.run_to(at + 10s + 5ms);
      EXPECT_LE(studio.output.segments() * 2s, studio.now + kNear) << "no slot before its time";
      studio.run_to(39s);
      EXPECT_EQ(studio.status().state, StreamState::kReady);
      EXPECT_EQ(studio.status().source_losses, 1U);
      EXPECT_EQ(studio.output.segments(), 19U);
      if (stamps) {
        EXPECT_LE(std::chrono::abs(Latency{studio}.behind - before.behind), kNear) << base::to_seconds(at);
      }
      studio.shown();
    }
  }
}

TEST(LiveOutput, ShowsABlackSourceWhereThatDoesNotCount) {
  Studio studio{Studio::with_backup()};
  studio.run_to(6s);
  studio.cameras[Feed::kPrimary].black = true;
  studio.run_to(12s);
  EXPECT_EQ(studio.status().on_air, Feed::kPrimary);
  EXPECT_TRUE(studio.status().sources.at(0).healthy);
}

std::vector<std::string> told(const StreamStatus& status) {
  std::vector<std::string> all;
  for (const SourceEvent& event : status.events)
    all.push_back(fmt::format("{} {}{}{}{}", to_text(event.source), to_text(event.kind), event.text.empty() ? "" : ": ", event.text,
                              event.times > 1 ? fmt::format(" x{}", event.times) : ""));
  return all;
}

TEST(LiveOutput, TellsWhatHappensToItsSources) {
  Studio studio{Studio::with_backup()};
  studio.run_to(500ms);
  studio.cameras[Feed::kPrimary].width = 160;
  studio.run_to(1s);
  studio.output.unusable(Feed::kBackup, "its sound comes as opus");
  for (int i = 0; i < 3; ++i) studio.output.refused(Feed::kBackup, Refusal::kConflict, "another publisher is sending");
  studio.output.disconnected(Feed::kBackup, "the publisher has left", studio.begin + studio.now);
  EXPECT_THAT(told(studio.status()),
              ElementsAre("primary connected", "backup connected", "primary format: 320x240 at 30 fps", "backup format: 320x240 at 30 fps",
                          "primary format: 160x240 at 30 fps; before: 320x240 at 30 fps", "backup unusable: its sound comes as opus",
                          "backup refused: another publisher is sending x3", "backup disconnected: the publisher has left"));
  EXPECT_EQ(studio.output.event_counts(Feed::kBackup)[static_cast<std::size_t>(SourceEventKind::kRefused)], 3U);
}

TEST(LiveOutput, SaysWhyNoPicturesCome) {
  Studio studio{Studio::with_backup()};
  const auto reason = [&](std::size_t source) { return studio.status().sources[source].reason; };
  EXPECT_EQ(reason(0), "connected, no picture yet");
  studio.output.unusable(Feed::kPrimary, "its video comes as vvc");
  EXPECT_EQ(reason(0), "its video comes as vvc");
  studio.output.refused(Feed::kPrimary, Refusal::kConflict, "another publisher is sending");
  EXPECT_EQ(reason(0), "its video comes as vvc") << "a stranger's refusal says nothing of the publisher";
  studio.output.refused(Feed::kPrimary, Refusal::kUnsupportedMedia, "the video codec HEVC cannot be used");
  studio.output.disconnected(Feed::kPrimary, "the publisher has left", studio.begin);
  EXPECT_EQ(reason(0), "a publisher was refused: the video codec HEVC cannot be used");
  studio.output.connected(Feed::kPrimary, studio.begin);
  EXPECT_EQ(reason(0), "connected, no picture yet");
  studio.output.disconnected(Feed::kPrimary, "the publisher has left", studio.begin);
  EXPECT_EQ(reason(0), "the publisher has left");
  studio.output.refused(Feed::kPrimary, Refusal::kUnauthorized, "the publish key is wrong");
  EXPECT_EQ(reason(0), "a publisher was refused: the publish key is wrong");
}

TEST(LiveOutput, GoesOnWithTheBackupWhereThePrimaryCannotBePlayed) {
  Studio studio{Studio::with_backup()};
  studio.cameras[Feed::kPrimary].sends = false;
  studio.output.failed(Feed::kPrimary, "play 'x.mp4': not a video");
  studio.run_to(3s);
  EXPECT_EQ(studio.status().on_air, Feed::kBackup);
  EXPECT_EQ(studio.status().sources.at(0).state, SourceState::kFailed);
  EXPECT_EQ(studio.status().sources.at(0).reason, "play 'x.mp4': not a video");
  EXPECT_THROW(studio.output.failed(Feed::kBackup, "play 'y.mp4': gone"), base::RunFailed);
}

}  // namespace
}  // namespace server
