// What the feed calls black, frozen, silent and the rest, and what the server's health sees: the same. Packed, decoded and judged in
// virtual time: every picture arrives when it is due.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "generators/feed/disturbance.h"
#include "generators/feed/ts_muxer.h"
#include "generators/video/video.h"
#include "server/ingest/health/source_health.h"
#include "server/ingest/media_reader.h"

namespace {

using namespace std::chrono_literals;
using generators::FeedCommand;
using server::HealthAspect;

// A clip is sent from 0 s; what is wrong with it begins at 6 s and ends at 10 s.
constexpr base::Duration kBegin = 6s, kEnd = 10s, kLength = 14s;
constexpr base::Duration kTransit = 100ms;  // from when a picture is due to its arrival

class FeedHealth : public testing::Test {
 protected:
  FeedHealth() : file_{testing::TempDir() + "feed-health-" + std::to_string(getpid()) + ".mp4"} { make(generators::Pattern::kTalk); }
  ~FeedHealth() override { std::remove(file_.c_str()); }

  void make(generators::Pattern pattern) const {
    generators::generate_video({.pattern = pattern, .width = 320, .height = 180, .fps = 25, .duration = 1s, .bitrate = {}, .file = file_},
                               {});
  }

  // Plays the clip with that command, and then the one that undoes it; the changes by aspect, of impairments only.
  std::map<HealthAspect, base::Duration> impaired(const FeedCommand& command, const FeedCommand& undo) {
    generators::Clip clip{file_};
    generators::Disturbance disturbance{clip};
    clip.seek(0s);
    disturbance.begin();
    bool is_wrong = false, is_over = false;
    for (generators::Unit unit = clip.next(); unit.dts < kLength; unit = clip.next()) {
      if (!is_wrong && unit.dts >= kBegin) disturbance.apply(command), is_wrong = true;
      if (!is_over && unit.dts >= kEnd) disturbance.apply(undo), is_over = true;
      due_ = unit.dts;
      if (const auto sent = disturbance.pass(std::move(unit))) pack(clip, *sent);
    }
    return judged();
  }

  const server::SourceHealth& health() const { return health_; }

 private:
  void pack(const generators::Clip& clip, const generators::Unit& unit) {
    if (!muxer_) {
      muxer_ = std::make_unique<generators::TsMuxer>(clip, [this](std::span<const std::uint8_t> payload) {
        payloads_.push_back({due_, {payload.begin(), payload.end()}});
      });
    }
    muxer_->write(unit);
  }

  std::map<HealthAspect, base::Duration> judged() {
    server::ByteQueue queue{std::size_t{1} << 30};
    for (const auto& [due, bytes] : payloads_) queue.push({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    queue.close();
    std::multimap<base::Duration, server::Media> media;
    const auto reader = server::MediaReader::open_stream(queue, server::Container::kMpegTs, [](std::span<const std::uint8_t>) {});
    std::optional<base::Duration> zero;
    while (std::optional<server::Media> one = reader->next()) {
      const base::Duration timestamp = std::visit([](const auto& each) { return each.timestamp; }, *one);
      if (!zero && std::holds_alternative<server::VideoFrame>(*one)) zero = timestamp;
      if (zero) media.emplace(timestamp - *zero, std::move(*one));
    }
    auto payload = payloads_.begin();
    auto next = media.begin();
    for (base::Duration now{}; now < kLength + 500ms; now += 10ms) {
      const base::Instant instant = kStart + now;
      for (; payload != payloads_.end() && payload->first + kTransit <= now; ++payload)
        health_.on_transport_stream(instant, payload->second);
      for (; next != media.end() && next->first + kTransit <= now; ++next) give(next->second, instant);
      health_.tick(instant);
    }
    std::map<HealthAspect, base::Duration> found;
    for (const server::HealthChange& change : health_.take_changes())
      if (change.is_impaired) found.emplace(change.aspect, change.when - kStart);
    return found;
  }

  void give(server::Media& media, base::Instant instant) {
    std::visit([instant](auto& each) { each.arrived = instant; }, media);
    if (const auto* frame = std::get_if<server::VideoFrame>(&media))
      health_.on_video(*frame);
    else
      health_.on_audio(std::get<server::AudioBlock>(media));
  }

  static constexpr base::Instant kStart{100s};
  std::string file_;
  base::Duration due_{};
  std::unique_ptr<generators::TsMuxer> muxer_;
  std::vector<std::pair<base::Duration, std::vector<std::uint8_t>>> payloads_;
  server::SourceHealth health_{{}, kStart};
};

// Each is noticed after its time to raise, within half a second: what was under way, and coding that settles.
void expect_at(const std::map<HealthAspect, base::Duration>& found, HealthAspect aspect, base::Duration after) {
  const auto at = found.find(aspect);
  ASSERT_NE(at, found.end());
  EXPECT_GE(base::to_seconds(at->second), base::to_seconds(kBegin + after) - 0.05);
  EXPECT_LE(base::to_seconds(at->second), base::to_seconds(kBegin + after) + 0.6);
}

TEST_F(FeedHealth, GoodFeedIsWell) {
  EXPECT_TRUE(impaired(generators::FeedLoss{0}, generators::FeedLoss{0}).empty());
  EXPECT_TRUE(health().is_healthy());
}

TEST_F(FeedHealth, BlackIsSeen) {
  const auto found = impaired(generators::FeedBlack{true}, generators::FeedBlack{false});
  expect_at(found, HealthAspect::kBlack, 2s);
  EXPECT_FALSE(health().state(HealthAspect::kBlack).is_impaired);  // any more
  EXPECT_FALSE(found.contains(HealthAspect::kPicture) || found.contains(HealthAspect::kSilence) ||
               found.contains(HealthAspect::kContinuity));
}

TEST_F(FeedHealth, FreezeIsSeen) {
  const auto found = impaired(generators::FeedFreeze{true}, generators::FeedFreeze{false});
  expect_at(found, HealthAspect::kFreeze, 2s);
  EXPECT_FALSE(health().state(HealthAspect::kFreeze).is_impaired);
  EXPECT_FALSE(found.contains(HealthAspect::kBlack) || found.contains(HealthAspect::kPicture));
}

TEST_F(FeedHealth, SilenceIsHeard) {
  const auto found = impaired(generators::FeedSilence{true}, generators::FeedSilence{false});
  expect_at(found, HealthAspect::kSilence, 2s);
  EXPECT_FALSE(health().state(HealthAspect::kSilence).is_impaired);
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(FeedHealth, StallIsAGapInThePictures) {
  const auto found = impaired(generators::FeedStall{true}, generators::FeedStall{false});
  expect_at(found, HealthAspect::kPicture, 500ms);
  EXPECT_TRUE(health().is_healthy());
}

TEST_F(FeedHealth, CollapseOfTheBitrateIsSeenAndLeavesThePicturesWell) {
  make(generators::Pattern::kNoise);  // whose pictures are nearly all of the bits, not the sound
  const auto found = impaired(generators::FeedBitrate{0.05}, generators::FeedBitrate{1});
  EXPECT_TRUE(found.contains(HealthAspect::kBitrate)) << health().state(HealthAspect::kBitrate).evidence;
  EXPECT_FALSE(found.contains(HealthAspect::kFreeze) || found.contains(HealthAspect::kBlack) || found.contains(HealthAspect::kPicture));
}

}  // namespace
