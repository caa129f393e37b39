// What losing the primary contribution costs: over so many losses of each kind, the gap at the server, and the frames that viewers miss or
// get again, as read from the identities in the packaged segments. Also what a source that stands by costs. Run by ci/bench-failover.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/errors.h"
#include "base/process_usage.h"
#include "base/steady_timeline.h"
#include "base/text.h"
#include "generators/feed/feed.h"
#include "generators/video/segment_frames.h"
#include "generators/video/video.h"
#include "harness/run/frame_sequence.h"
#include "server/library/streams.h"

namespace {

using namespace std::chrono_literals;
using server::Feed;

constexpr int kFps = 30;
constexpr auto kClip = 60s;
constexpr const char* kTitle = "bench";

std::string test_video() {
  const std::string file = (std::filesystem::temp_directory_path() / "rehearsal-failover-talk-360p30.mp4").string();
  if (std::filesystem::exists(file)) return file;
  fmt::print(stderr, "generating a minute of test video\n");
  generators::generate_video(
      {.pattern = generators::Pattern::kTalk, .width = 640, .height = 360, .fps = kFps, .duration = kClip, .bitrate = {}, .file = file},
      [](double) { return true; });
  return file;
}

// A stream with a primary and a backup, both fed by us, one small rung.
class Studio {
 public:
  Studio(const std::string& video, base::Duration switch_after, bool backup) : streams_{{.srt_listen_host = "127.0.0.1"}, registry_} {
    server::StreamSpec spec{.name = kTitle, .failover = {.switch_after = switch_after, .failback_after = 1s, .dwell = 0s}};
    if (backup) spec.backup = server::SourceSpec{};
    spec.ladder = {{240, base::Bitrate::bits_per_second(600'000)}};
    if (const auto created = streams_.create(spec); created.has_error()) throw base::RunFailed(created.error().message);
    generators::Feed::Options options{.file = video, .to = {destination("bench")}};
    if (backup) options.to.push_back(destination("bench/backup"));
    feed_ = std::make_unique<generators::Feed>(options);
    feed_->start();
    wait("the stream to play", [this] { return status().snapshot != nullptr; });
    if (backup) wait("both sources to send", [this] { return sends(0) && sends(1) && status().on_air == Feed::kPrimary; });
  }

  generators::Feed& feed() { return *feed_; }
  server::StreamStatus status() const { return *streams_.find(kTitle); }
  void wait(const std::string& what, const std::function<bool()>& holds) {
    const base::Instant deadline = base::steady_now() + 60s;
    while (!holds()) {
      read_new_segments();
      streams_.wait_until(holds, 200ms);
      if (base::steady_now() > deadline) throw base::RunFailed("not within a minute: " + what);
    }
  }
  bool sends(std::size_t source) const { return status().sources.at(source).state == server::SourceState::kSending; }

  // Of all that was packaged so far, in order.
  void read_new_segments() {
    const server::SnapshotPtr snapshot = status().snapshot;
    if (snapshot == nullptr) return;
    const server::TrackSnapshot& track = snapshot->tracks[0];
    for (const auto* list : {&track.retained, &track.listed}) {
      for (const server::Segment& segment : *list) {
        if (segment.number < next_) continue;
        next_ = segment.number + 1;
        if (segment.bytes == nullptr) continue;
        const auto frames = generators::frames_of(*track.info.init, *segment.bytes);
        if (frames.has_error()) throw base::RunFailed("read a segment: " + frames.error().message);
        for (const auto& frame : *frames) {
          const harness::FrameSequence::Step step = sequence_.add(frame ? std::optional{frame->frame} : std::nullopt);
          delivered_ += frame ? 1 : 0;
          missing_ += step.missing;
          repeated_ += step.repeated;
        }
      }
    }
  }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t missing() const { return missing_; }
  std::uint64_t repeated() const { return repeated_; }

 private:
  generators::SrtDestination destination(const std::string& point) const {
    return {.port = streams_.srt_port(), .streamid = "#!::r=" + point + ",m=publish,u=k"};
  }
  prometheus::Registry registry_;
  server::Streams streams_;
  std::unique_ptr<generators::Feed> feed_;
  std::int64_t next_ = 0;
  harness::FrameSequence sequence_{static_cast<std::uint32_t>(kClip / 1s * kFps)};
  std::uint64_t delivered_ = 0, missing_ = 0, repeated_ = 0;
};

struct Kind {
  const char* name;
  generators::FeedCommand strike, mend;
};

void measure(const std::string& video, const Kind& kind, base::Duration switch_after, int losses) {
  Studio studio{video, switch_after, true};
  std::vector<double> gaps;
  std::uint64_t held = 0;
  std::set<base::UtcTime> seen;
  for (int i = 0; i < losses; ++i) {
    studio.feed().apply(kind.strike, 0);
    studio.wait("the backup to be on air", [&] { return studio.status().on_air == Feed::kBackup; });
    studio.feed().apply(kind.mend, 0);
    studio.wait("the primary to be back", [&] { return studio.status().on_air == Feed::kPrimary; });
    for (const server::FeedSwitch& made : studio.status().switched) {
      if (made.reason != server::SwitchReason::kMediaGap || !seen.insert(made.when).second) continue;
      gaps.push_back(base::to_milliseconds(made.gap));
      held += static_cast<std::uint64_t>(made.held_pictures);
    }
    fmt::print(stderr, "\r{} {}: {} of {}", kind.name, base::to_text(switch_after), i + 1, losses);
  }
  fmt::print(stderr, "\n");
  const std::uint64_t segments = studio.status().segments;
  studio.wait("the last segments", [&] { return studio.status().segments >= segments + 2; });
  studio.read_new_segments();
  std::sort(gaps.begin(), gaps.end());
  fmt::print("| {} | {} | {} | {:.0f} | {:.0f} | {} | {} | {} | {} |\n", kind.name, base::to_text(switch_after), gaps.size(),
             gaps[gaps.size() / 2], gaps.back(), held, studio.missing(), studio.repeated(), studio.delivered());
  std::fflush(stdout);
}

double cores(const std::string& video, bool backup, base::Duration time) {
  Studio studio{video, 400ms, backup};
  const double used = base::to_seconds(base::process_cpu_time());
  const base::Instant began = base::steady_now();
  studio.wait("the time to pass", [&] { return base::steady_now() - began >= time; });
  return (base::to_seconds(base::process_cpu_time()) - used) / base::to_seconds(base::steady_now() - began);
}

int run(int losses) {
  const std::string video = test_video();
  fmt::print(
      "| loss | switch after | losses | median gap, ms | max gap, ms | held | missing | repeated | frames "
      "|\n|---|---|---|---|---|---|---|---|---|\n");
  const std::vector<Kind> kinds{{"kill", generators::FeedKill{}, generators::FeedStart{}},
                                {"stall", generators::FeedStall{true}, generators::FeedStall{false}},
                                {"goodbye", generators::FeedStop{}, generators::FeedStart{}}};
  for (const base::Duration switch_after : {base::Duration{400ms}, base::Duration{200ms}})
    for (const Kind& kind : kinds) measure(video, kind, switch_after, losses);
  const double alone = cores(video, false, 20s), pair = cores(video, true, 20s);
  fmt::print(
      "\nOne stream 360p30 in, 240p out, feeds included: {:.3f} cores without, {:.3f} with a source that stands by ({:.3f} more, its feed "
      "included)\n",
      alone, pair, pair - alone);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int losses = argc > 1 ? std::atoi(argv[1]) : 50;
  if (losses < 1 || argc > 2) {
    fmt::print(stderr, "bench_failover [LOSSES of each kind, 50]\n");
    return 104;
  }
  try {
    return run(losses);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench_failover: {}\n", failure.what());
    return 107;
  }
}
