#include "server/ingest/health/source_health.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/ingest/health/meters_for_test.h"

namespace server {
namespace {

using namespace base::literals;
using enum HealthAspect;

// A source in virtual time: 25 pictures a second, a block of sound and a piece of transport stream with each, a tick every 10 ms.
class SourceScript {
 public:
  explicit SourceScript(HealthThresholds thresholds = {}) : health{thresholds, kBegin} { health.on_connected(kBegin); }

  SourceScript& plays(base::Duration lasts) {
    for (const base::Instant end = now + lasts; now < end;) {
      if (sends_bytes) send_bytes();
      if (shows) {
        const base::Duration stamp = (now - kBegin) + video_offset;
        health.on_video({.picture = make_picture(320, 180, shows(++pictures)), .timestamp = stamp, .arrived = now});
      }
      if (sounds) {
        AudioBlock block = sounds(++blocks);
        block.timestamp = (now - kBegin) + audio_offset;
        block.arrived = now;
        health.on_audio(block);
      }
      for (int i = 0; i < 4; ++i) health.tick(now += 10ms);
    }
    for (HealthChange& change : health.take_changes()) changes.push_back(std::move(change));
    return *this;
  }

  // The changes so far as "4.000 freeze impaired", in seconds since the beginning; they are then forgotten.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const HealthChange& change : std::exchange(changes, {})) {
      char line[80];
      std::snprintf(line, sizeof line, "%.3f %s %s", base::to_seconds(change.when - kBegin), std::string{to_text(change.aspect)}.c_str(),
                    change.is_impaired ? "impaired" : "cleared");
      lines.push_back(line);
    }
    return lines;
  }
  std::string evidence(HealthAspect aspect) const { return health.state(aspect).evidence; }

  void send_bytes() {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < packets_each; ++i) {
      const std::vector<std::uint8_t> packet = ts_packet({.counter = counter++, .fill = static_cast<std::uint8_t>(counter)});
      bytes.insert(bytes.end(), packet.begin(), packet.end());
    }
    health.on_transport_stream(now, bytes);
  }

  static constexpr base::Instant kBegin{1000s};
  base::Instant now = kBegin;
  SourceHealth health;
  std::vector<HealthChange> changes;
  std::function<LumaOf(std::uint64_t)> shows = [](std::uint64_t n) { return scene(n); };
  std::function<AudioBlock(std::uint64_t)> sounds = [](std::uint64_t) { return make_sound(0.2); };
  bool sends_bytes = true;
  int packets_each = 70, counter = 0;  // 2.6 Mbit/s
  std::uint64_t pictures = 0, blocks = 0;
  base::Duration video_offset{}, audio_offset{};
};

using Told = std::vector<std::string>;

TEST(SourceHealth, IsUnfitUntilPicturesHaveComeForAWhile) {
  SourceScript source;
  EXPECT_FALSE(source.health.is_healthy());
  EXPECT_EQ(source.evidence(kPicture), "no picture yet");
  source.plays(2s);
  EXPECT_TRUE(source.health.is_healthy());
  EXPECT_EQ(source.told(), (Told{"1.000 picture cleared"}));
}

TEST(SourceHealth, GoodSourceStaysWell) {
  SourceScript source;
  source.plays(2s).told();
  EXPECT_EQ(source.plays(60s).told(), Told{});
}

class RunningSource : public testing::Test {
 protected:
  RunningSource() { source.plays(10s).told(); }  // the last picture came at 9.960 s
  SourceScript source;
};

TEST_F(RunningSource, StalledPicturesAreNoticedAfterTheGapAndClearedAfterASecondOfThem) {
  const auto shows = std::exchange(source.shows, nullptr);
  source.plays(1s);
  EXPECT_EQ(source.told(), (Told{"10.460 picture impaired"}));
  EXPECT_EQ(source.evidence(kPicture), "no picture for 500 ms");
  EXPECT_EQ(source.health.state(kPicture).since, SourceScript::kBegin + 9960ms);
  EXPECT_FALSE(source.health.is_healthy());
  source.shows = shows;
  EXPECT_EQ(source.plays(2s).told(), (Told{"12.000 picture cleared"}));
  EXPECT_EQ(source.evidence(kPicture), "pictures again, 2.0 s after the last before");
}

TEST_F(RunningSource, GapThatNoTickHasSeenIsNoticedWithThePictureThatEndsIt) {
  source.now += 700ms;
  source.plays(40ms);
  EXPECT_EQ(source.told(), (Told{"10.700 picture impaired"}));
  EXPECT_EQ(source.evidence(kPicture), "no picture for 740 ms");
}

TEST_F(RunningSource, FlappingPicturesAreOneImpairment) {
  const auto shows = source.shows;
  for (int i = 0; i < 10; ++i) {
    source.shows = nullptr;
    source.plays(600ms);
    source.shows = shows;
    source.plays(600ms);
  }
  EXPECT_EQ(source.told(), (Told{"10.460 picture impaired"}));
  EXPECT_EQ(source.plays(2s).told(), (Told{"22.400 picture cleared"}));  // a second of pictures, the last of which come since 21.4
}

TEST_F(RunningSource, FreezeIsRaisedAfterTwoSecondsAndClearedAfterOne) {
  source.shows = [](std::uint64_t) { return scene(5); };
  EXPECT_EQ(source.plays(3s).told(), (Told{"12.000 freeze impaired"}));
  EXPECT_EQ(source.evidence(kFreeze), "frozen for 2.0 s: pictures differ by 0.00 levels");
  source.shows = [](std::uint64_t n) { return scene(n); };
  EXPECT_EQ(source.plays(2s).told(), (Told{"14.000 freeze cleared"}));
}

TEST_F(RunningSource, BlackIsFrozenToo) {
  source.shows = [](std::uint64_t) { return flat(16); };
  EXPECT_EQ(source.plays(3s).told(), (Told{"12.000 freeze impaired", "12.000 black impaired"}));
  EXPECT_EQ(source.evidence(kBlack), "black for 2.0 s: mean luma 16.0, spread 0.0");
  EXPECT_EQ(source.health.state(kBlack).since, SourceScript::kBegin + 10s);
  source.shows = [](std::uint64_t n) { return scene(n); };
  EXPECT_EQ(source.plays(2s).told(), (Told{"14.000 freeze cleared", "14.000 black cleared"}));
}

TEST_F(RunningSource, NoisyBlackIsBlackAndNotFrozen) {
  source.shows = [](std::uint64_t n) -> LumaOf { return [n](int x, int y) { return 16 + static_cast<int>(scene(n)(x, y) % 6); }; };
  EXPECT_EQ(source.plays(3s).told(), (Told{"12.000 black impaired"}));
}

TEST_F(RunningSource, FlashesOfBlackAreNoBlack) {
  source.shows = [](std::uint64_t n) { return n % 45 < 40 ? flat(16) : scene(n); };  // 1.6 s of it, again and again
  const Told told = source.plays(20s).told();
  EXPECT_TRUE(std::none_of(told.begin(), told.end(), [](const std::string& line) { return line.find("black") != line.npos; }));
}

TEST_F(RunningSource, SilenceOverANoiseFloorIsRaisedAndClearedInItsTime) {
  source.sounds = [](std::uint64_t n) { return make_noise(0.0008, n); };
  EXPECT_EQ(source.plays(3s).told(), (Told{"12.000 silence impaired"}));
  EXPECT_TRUE(source.evidence(kSilence).starts_with("silence for 2.0 s: -66.")) << source.evidence(kSilence);
  source.sounds = [](std::uint64_t) { return make_sound(0.2); };
  EXPECT_EQ(source.plays(1s).told(), (Told{"13.520 silence cleared"}));  // the first block at or after 13.5 s
}

TEST_F(RunningSource, SoundThatStaysAwayIsSilence) {
  source.sounds = nullptr;
  EXPECT_EQ(source.plays(3s).told(), (Told{"11.960 silence impaired"}));
  EXPECT_EQ(source.evidence(kSilence), "no sound for 2.0 s");
}

TEST_F(RunningSource, PausesOfSpeechAreNoSilence) {
  source.sounds = [](std::uint64_t n) { return make_sound(n % 50 < 45 ? 0 : 0.2); };
  EXPECT_EQ(source.plays(20s).told(), Told{});
}

TEST_F(RunningSource, RestartOfTheEncoderIsATimestampJumpThatClears) {
  source.video_offset = source.audio_offset = -10s;
  EXPECT_EQ(source.plays(6s).told(), (Told{"10.000 timestamps impaired", "15.040 timestamps cleared"}));
  EXPECT_EQ(source.health.figures(source.now).timestamp_jumps, 1u);
  EXPECT_TRUE(source.health.is_healthy());  // the jump does not count by default
}

TEST_F(RunningSource, JumpNamesItsDirectionAndSize) {
  source.video_offset = source.audio_offset = 90s;
  source.plays(40ms);
  EXPECT_EQ(source.evidence(kTimestamps), "timestamps jumped ahead by 90.0 s");
  source.video_offset = source.audio_offset = 0s;
  source.plays(40ms);
  ASSERT_EQ(source.changes.size(), 1u);
  EXPECT_EQ(source.changes[0].figures[0].name, "jump_ms");
  EXPECT_NEAR(source.changes[0].figures[0].value, 90'000, 1);
}

TEST_F(RunningSource, ContinuityErrorsAreCountedOverTheirWindow) {
  for (int i = 0; i < 4; ++i, source.counter += 3) source.plays(200ms);
  EXPECT_EQ(source.told(), Told{});  // three gaps within the stream, a fourth after it
  source.plays(200ms);
  source.counter += 3;
  source.plays(40ms);
  EXPECT_EQ(source.told(), (Told{"11.000 continuity impaired"}));
  EXPECT_EQ(source.evidence(kContinuity), "5 transport stream errors within 5.0 s");
  const Told told = source.plays(20s).told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0] == "20.240 continuity cleared" || told[0] == "20.000 continuity cleared") << told[0];
}

TEST_F(RunningSource, CollapseOfTheBitrateIsRaisedAndCleared) {
  source.packets_each = 7;
  source.plays(4s);
  Told told = source.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].ends_with("bitrate impaired"));
  const HealthState state = source.health.state(kBitrate);
  EXPECT_GE(state.since, SourceScript::kBegin + 11600ms);  // when the window of 2 s falls under a quarter
  EXPECT_LE(state.since, SourceScript::kBegin + 11800ms);
  EXPECT_NE(state.evidence.find("kbit/s for 1.0 s, usually 25"), std::string::npos) << state.evidence;
  source.packets_each = 70;
  told = source.plays(7s).told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].ends_with("bitrate cleared"));
}

TEST_F(RunningSource, SoundThatComesLateIsSkew) {
  source.audio_offset = -600ms;  // stamped as if it were 600 ms older
  const Told told = source.plays(6s).told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].ends_with("skew impaired"));
  EXPECT_TRUE(source.evidence(kSkew).starts_with("for 2.0 s sound comes 5")) << source.evidence(kSkew);
  EXPECT_TRUE(source.evidence(kSkew).ends_with(" ms later than the pictures"));
  source.audio_offset = 0s;
  EXPECT_EQ(source.plays(6s).told().size(), 1u);
}

TEST_F(RunningSource, WhatIsGoneIsNotWellAgain) {
  source.shows = [](std::uint64_t) { return flat(16); };
  source.plays(3s).told();
  source.health.on_disconnected(source.now);
  source.shows = nullptr;
  source.sounds = nullptr;
  source.sends_bytes = false;
  EXPECT_EQ(source.plays(10s).told(), (Told{"13.460 picture impaired"}));
  EXPECT_EQ(source.evidence(kPicture), "no picture for 500 ms, and no connection");
  EXPECT_TRUE(source.health.state(kBlack).is_impaired);
}

TEST_F(RunningSource, NextConnectionHasTimestampsOfItsOwn) {
  source.health.on_disconnected(source.now);
  source.health.on_connected(source.now);
  source.video_offset = source.audio_offset = -10s;
  EXPECT_EQ(source.plays(3s).told(), Told{});
}

TEST_F(RunningSource, AspectsThatCountAreASetting) {
  SourceScript strict{HealthThresholds{.counts = {kPicture, kBlack}}};
  strict.plays(5s);
  EXPECT_TRUE(strict.health.is_healthy());
  strict.shows = source.shows = [](std::uint64_t) { return flat(16); };
  strict.plays(3s);
  source.plays(3s);
  EXPECT_FALSE(strict.health.is_healthy());
  EXPECT_TRUE(source.health.is_healthy());
}

TEST_F(RunningSource, FiguresAreThoseOfNow) {
  const HealthFigures figures = source.health.figures(source.now);
  EXPECT_NEAR(figures.bitrate.kbps(), 70 * 188 * 8 * 25 / 1000.0, 60);
  EXPECT_EQ(figures.picture_age, 40ms);
  EXPECT_EQ(figures.continuity.packets, 250u * 70);
  EXPECT_NEAR(*figures.level, -17, 0.5);
  EXPECT_GT(*figures.luma, 60);
  EXPECT_NEAR(base::to_milliseconds(*figures.skew), 0, 0.1);
}

TEST(SourceHealth, VideoAloneIsNotSilent) {
  SourceScript source;
  source.sounds = nullptr;
  source.plays(10s).told();
  EXPECT_FALSE(source.health.state(kSilence).is_impaired);
  EXPECT_FALSE(source.health.figures(source.now).level);
}

TEST(SourceHealth, InstantsThatGoBackCountAsTheNewest) {
  SourceScript source;
  source.plays(2s).told();
  source.health.tick(SourceScript::kBegin);
  EXPECT_EQ(source.plays(1s).told(), Told{});
}

}  // namespace
}  // namespace server
