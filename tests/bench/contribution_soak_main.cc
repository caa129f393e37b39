// Publishers that come and go, and a primary that flaps under a backup: whether memory, threads and descriptors of the server stay as they
// were. Run by ci/soak-contribution.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "generators/feed/feed.h"
#include "generators/video/video.h"
#include "server/library/streams.h"

namespace {

using namespace std::chrono_literals;

constexpr double kMostGrowthMb = 32;  // of resident memory, over what it was after the first tenth

struct Usage {
  double resident_mb = 0;
  int threads = 0, descriptors = 0;
};

Usage usage_now() {
  Usage usage;
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) usage.resident_mb = std::strtod(line.c_str() + 6, nullptr) / 1024;
    if (line.starts_with("Threads:")) usage.threads = std::atoi(line.c_str() + 8);
  }
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++usage.descriptors;
  return usage;
}

std::string test_video() {
  const std::string file = (std::filesystem::temp_directory_path() / "rehearsal-soak-talk-180p30.mp4").string();
  if (!std::filesystem::exists(file)) {
    generators::generate_video(
        {.pattern = generators::Pattern::kTalk, .width = 320, .height = 180, .fps = 30, .duration = 10s, .bitrate = {}, .file = file},
        [](double) { return true; });
  }
  return file;
}

// A stream with a backup, its two feeds, and a wait for what its status says.
class Bench {
 public:
  Bench() : streams_{{.srt_listen_host = "127.0.0.1"}, registry_} {
    server::StreamSpec spec{
        .name = "soak", .backup = server::SourceSpec{}, .failover = {.switch_after = 200ms, .failback_after = 500ms, .dwell = 0s}};
    spec.ladder = {{120, base::Bitrate::bits_per_second(200'000)}};
    if (const auto created = streams_.create(spec); created.has_error()) throw base::RunFailed(created.error().message);
    feed_ = std::make_unique<generators::Feed>(generators::Feed::Options{.file = test_video(), .to = {to("soak"), to("soak/backup")}});
  }
  generators::Feed& feed() { return *feed_; }
  server::StreamStatus status() const { return *streams_.find("soak"); }
  void wait(const char* what, const std::function<bool()>& holds) {
    const base::Instant deadline = base::steady_now() + 60s;
    while (!streams_.wait_until(holds, 100ms))
      if (base::steady_now() > deadline) throw base::RunFailed(fmt::format("not within a minute: {}", what));
  }
  bool sends(std::size_t source) const { return status().sources.at(source).state == server::SourceState::kSending; }

 private:
  generators::SrtDestination to(const std::string& point) const {
    return {.port = streams_.srt_port(), .streamid = "#!::r=" + point + ",m=publish,u=k"};
  }
  prometheus::Registry registry_;
  server::Streams streams_;
  std::unique_ptr<generators::Feed> feed_;
};

bool tell(const char* what, const Usage& before, const Usage& after) {
  const bool flat =
      after.resident_mb - before.resident_mb <= kMostGrowthMb && after.threads <= before.threads && after.descriptors <= before.descriptors;
  fmt::print("{}: resident {:.1f} -> {:.1f} MB, threads {} -> {}, descriptors {} -> {}: {}\n", what, before.resident_mb, after.resident_mb,
             before.threads, after.threads, before.descriptors, after.descriptors, flat ? "flat" : "GROWS");
  std::fflush(stdout);
  return flat;
}

bool cycles(Bench& bench, int count) {
  Usage before;
  const int settled = std::max(count / 10, 1);
  for (int i = 0; i < count; ++i) {
    bench.feed().apply(generators::FeedStart{}, 0);
    bench.wait("the primary to send", [&] { return bench.sends(0); });
    bench.feed().apply(i % 2 == 0 ? generators::FeedCommand{generators::FeedStop{}} : generators::FeedCommand{generators::FeedKill{}}, 0);
    bench.wait("the primary to be away", [&] { return !bench.sends(0); });
    if (i + 1 == settled) before = usage_now();
    if (i % 10 == 9) fmt::print(stderr, "\rpublished and left {} of {}", i + 1, count);
  }
  fmt::print(stderr, "\n");
  return tell(fmt::format("{} publishers that came and went", count).c_str(), before, usage_now());
}

bool flapping(Bench& bench, base::Duration time) {
  Usage before;
  bool settled = false;
  const base::Instant began = base::steady_now();
  std::uint64_t flaps = 0;
  while (base::steady_now() - began < time) {
    bench.feed().apply(generators::FeedKill{}, 0);
    bench.wait("the backup to be on air", [&] { return bench.status().on_air == server::Feed::kBackup; });
    bench.feed().apply(generators::FeedStart{}, 0);
    bench.wait("the primary to be back", [&] { return bench.status().on_air == server::Feed::kPrimary; });
    ++flaps;
    if (!settled && base::steady_now() - began > time / 10) settled = true, before = usage_now();
    fmt::print(stderr, "\rflapped {} times, {:.0f} of {:.0f} s", flaps, base::to_seconds(base::steady_now() - began),
               base::to_seconds(time));
  }
  fmt::print(stderr, "\n");
  const server::StreamStatus status = bench.status();
  const bool whole = status.source_losses == 0;
  fmt::print("{} segments, {} switches, viewers went without pictures {} times\n", status.segments, status.switches, status.source_losses);
  return tell(fmt::format("{:.0f} minutes of flapping, {} times", base::to_seconds(time) / 60, flaps).c_str(), before, usage_now()) &&
         whole;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  const double minutes = argc > 2 ? std::strtod(argv[2], nullptr) : 15;
  if (count < 1 || !(minutes > 0) || argc > 3) {
    fmt::print(stderr, "contribution_soak [CYCLES, 1000] [MINUTES of flapping, 15]\n");
    return 104;
  }
  try {
    Bench bench;
    bench.feed().apply(generators::FeedStart{}, 1);
    const bool cycled = cycles(bench, count);
    bench.feed().apply(generators::FeedStart{});
    bench.wait("the primary to be on air", [&] { return bench.status().on_air == server::Feed::kPrimary; });
    const bool flapped = flapping(bench, base::from_seconds(minutes * 60));
    return cycled && flapped ? 0 : 99;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "contribution_soak: {}\n", failure.what());
    return 107;
  }
}
