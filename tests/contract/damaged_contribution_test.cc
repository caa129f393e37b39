// Contributions with every kind of damage on their whole way through the server: queue, demuxer, decoders, health, lane, grid, encoders.
// Nothing breaks, what is handed on is sound, and a good publisher who comes afterwards is on air. In virtual time.
//   REHEARSAL_DAMAGE_SEED    another seed than 1
//   REHEARSAL_DAMAGE_INPUTS  so many inputs for each container; each is named before it is played
#include <gtest/gtest.h>

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/health/sound_meter.h"
#include "server/ingest/media_reader.h"
#include "server/library/live_output.h"
#include "tests/contract/contributions.h"

namespace {

using namespace base::literals;
using damage::Contribution;
using server::Container;
using server::Feed;

constexpr std::uint64_t kInputs = 150;  // of each container: half a minute under sanitizers
constexpr base::Duration kLength = 1s;
// 33 bits of 90 kHz and 32 bits of milliseconds wrap after 26 hours and 50 days.
constexpr base::Duration kFarthest = 24h * 100;
constexpr std::size_t kMostSamples = 100'000;  // of a block: 2048 at 7350 Hz are 13,375 at 48 kHz

std::uint64_t from_environment(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

struct Decoded {
  int pictures = 0, blocks = 0;
};

// A stream with a primary and a backup.
class Server {
 public:
  // A connection from its beginning to its end. What LiveOutput throws is not caught: the stream would be over.
  Decoded play(Feed feed, Container container, std::string_view bytes) {
    server::ByteQueue queue{bytes.size() + 1};
    EXPECT_TRUE(queue.push(std::span{bytes.data(), bytes.size()}));
    queue.close();
    output_.connected(feed, instant());
    Decoded decoded;
    std::unique_ptr<server::MediaReader> reader;
    try {
      reader = server::MediaReader::open_stream(
          queue, container, [&](std::span<const std::uint8_t> some) { output_.bytes(feed, some, container, instant()); },
          [](const server::MediaPacket& packet) { check(packet); });
    } catch (const base::RunFailed& failure) {
      output_.disconnected(feed, failure.what(), instant());
    }
    while (reader != nullptr) {
      std::optional<server::Media> media = reader->next();
      if (!media) break;
      if (auto* frame = std::get_if<server::VideoFrame>(&*media))
        take(feed, std::move(*frame), decoded);
      else
        take(feed, std::get<server::AudioBlock>(std::move(*media)), decoded);
    }
    output_.disconnected(feed, "the publisher has left", instant());
    return decoded;
  }

  std::uint64_t segments() const { return output_.segments(); }
  std::string state() const {
    server::StreamStatus status;
    output_.describe(status, instant());
    output_.describe_history(status);
    if (status.state == server::StreamState::kReady) return "on air: " + std::string{to_text(status.on_air)};
    return status.reason;
  }

 private:
  base::Instant instant() const { return begin_ + now_; }

  void take(Feed feed, server::VideoFrame frame, Decoded& decoded) {
    ++decoded.pictures;
    ASSERT_NE(frame.picture, nullptr);
    EXPECT_GT(frame.picture->width, 0);
    EXPECT_GT(frame.picture->height, 0);
    EXPECT_LE(std::chrono::abs(frame.timestamp), kFarthest);
    EXPECT_TRUE(std::isfinite(frame.frames_per_second) && frame.frames_per_second >= 0) << frame.frames_per_second;
    now_ += 40ms;
    frame.arrived = instant();
    output_.video(feed, std::move(frame), instant());
    output_.tick(instant());
  }
  void take(Feed feed, server::AudioBlock block, Decoded& decoded) {
    ++decoded.blocks;
    EXPECT_EQ(block.left.size(), block.right.size());
    EXPECT_LE(block.left.size(), kMostSamples);
    EXPECT_LE(std::chrono::abs(block.timestamp), kFarthest);
    block.arrived = instant();
    output_.audio(feed, std::move(block), instant());
  }
  static void check(const server::MediaPacket& packet) {
    EXPECT_NE(packet.packet, nullptr);
    EXPECT_NE(packet.parameters, nullptr);
    EXPECT_LE(std::chrono::abs(packet.decode), kFarthest);
    EXPECT_LE(std::chrono::abs(packet.present), kFarthest);
  }

  const server::StreamSpec spec_{.name = "main", .backup = server::SourceSpec{}, .ladder = {{90, 150_kbps}}};
  const base::Instant begin_ = base::steady_now();
  base::Duration now_{};
  prometheus::Registry registry_;
  server::StreamMetrics metrics_{registry_, "main"};
  std::atomic<bool> stopping_ = false;
  server::LiveOutput output_{spec_, metrics_, stopping_, begin_};
};

class DamagedContribution : public testing::Test {
 protected:
  DamagedContribution() {
    av_log_set_level(AV_LOG_QUIET);
    for (const std::string& file : clips_.all()) contributions_.push_back(damage::contribution_of(file, kLength));
  }

  const Contribution& any(base::Random& random) const { return contributions_[random.below(contributions_.size())]; }

  std::string damaged(Container container, base::Random& random, std::string& what) const {
    Contribution input = any(random);
    for (std::uint64_t times = 1 + random.below(3); times > 0; --times) {
      const bool is_flv = container == Container::kFlv;
      const auto kinds = is_flv ? damage::kinds_of_flv_damage() : damage::kinds_of_transport_damage();
      const std::size_t kind = random.below(kinds.size());
      what += (what.empty() ? "" : ", ") + std::string{kinds[kind]};
      if (is_flv)
        damage::damage(input.messages, kind, any(random).messages, random);
      else
        damage::damage(input.transport_stream, kind, any(random).transport_stream, random);
    }
    return bytes_of(container, input);
  }

  static std::string bytes_of(Container container, const Contribution& input) {
    if (container == Container::kFlv) return damage::flv_of(input.messages);
    return {input.transport_stream.bytes.begin(), input.transport_stream.bytes.end()};
  }

  // The good stream alone, then after each few damaged ones.
  void outlives_damage(Container container) {
    const std::uint64_t seed = from_environment("REHEARSAL_DAMAGE_SEED", 1);
    const std::uint64_t inputs = from_environment("REHEARSAL_DAMAGE_INPUTS", kInputs);
    const bool is_told = std::getenv("REHEARSAL_DAMAGE_INPUTS") != nullptr;
    const std::string good = bytes_of(container, contributions_.front());
    const Decoded expected = server_.play(Feed::kPrimary, container, good);
    ASSERT_GE(expected.pictures, 24);
    ASSERT_GE(expected.blocks, 40);
    for (std::uint64_t input = 0; input < inputs && !HasFailure(); ++input) {
      base::Random random = base::Random::stream(seed, input);
      std::string what;
      const Feed feed = random.chance(0.3) ? Feed::kBackup : Feed::kPrimary;
      const std::string bytes = damaged(container, random, what);
      SCOPED_TRACE("seed " + std::to_string(seed) + ", input " + std::to_string(input) + ": " + what);
      if (is_told) std::fprintf(stderr, "input %llu: %s\n", static_cast<unsigned long long>(input), what.c_str());
      server_.play(feed, container, bytes);
      if (input % 5 != 4) continue;
      const std::uint64_t segments = server_.segments();
      for (int times = 0; times < 3; ++times) {
        const Decoded again = server_.play(feed, container, good);
        EXPECT_EQ(again.pictures, expected.pictures);
        EXPECT_EQ(again.blocks, expected.blocks);
      }
      EXPECT_EQ(server_.state(), "on air: " + std::string{to_text(feed)});
      EXPECT_GT(server_.segments(), segments);
    }
  }

  // Stereo, mono and 5.1, a second each, on one timeline.
  std::string with_other_channels(Container container) const {
    Contribution all;
    base::Duration begin{};
    for (const std::string* file : {&clips_.stereo(), &clips_.mono(), &clips_.surround()}) {
      const Contribution one = damage::contribution_of(*file, kLength, begin);
      const damage::Bytes& bytes = one.transport_stream.bytes;
      all.transport_stream.bytes.insert(all.transport_stream.bytes.end(), bytes.begin(), bytes.end());
      all.messages.insert(all.messages.end(), one.messages.begin(), one.messages.end());
      begin += kLength;
    }
    return bytes_of(container, all);
  }

  const damage::Clips clips_;
  std::vector<Contribution> contributions_;
  Server server_;
};

TEST_F(DamagedContribution, IsOutlivedAsTransportStream) { outlives_damage(Container::kMpegTs); }

TEST_F(DamagedContribution, IsOutlivedOverRtmp) { outlives_damage(Container::kFlv); }

// No damage, but rare enough.
TEST_F(DamagedContribution, SoundGoesOnWhereItsChannelsChange) {
  for (const Container container : {Container::kMpegTs, Container::kFlv}) {
    const std::string bytes = with_other_channels(container);
    server::ByteQueue queue{bytes.size()};
    queue.push(std::span{bytes.data(), bytes.size()});
    queue.close();
    const auto reader = server::MediaReader::open_stream(queue, container, [](std::span<const std::uint8_t>) {});
    std::optional<base::Duration> begin, end;
    std::array<double, 3> loudest{-200, -200, -200};  // dBFS, of each second
    while (const std::optional<server::Media> media = reader->next()) {
      const auto* block = std::get_if<server::AudioBlock>(&*media);
      if (block == nullptr) continue;
      ASSERT_EQ(block->left.size(), block->right.size());
      if (!begin) begin = block->timestamp;
      const base::Duration apart = std::chrono::abs(block->timestamp - end.value_or(block->timestamp));
      EXPECT_LE(apart, 45ms) << "two AAC frames: where an encoder begins anew";
      end = block->timestamp + base::from_seconds(static_cast<double>(block->left.size()) / server::kSampleRate);
      const auto second = static_cast<std::size_t>(std::clamp<std::int64_t>((block->timestamp - *begin) / 1s, 0, 2));
      loudest[second] = std::max(loudest[second], server::level_of(*block));
    }
    ASSERT_TRUE(begin);
    EXPECT_NEAR(base::to_seconds(*end - *begin), 3, 0.1);
    for (const double level : loudest) EXPECT_GT(level, -40);
  }
}

}  // namespace
