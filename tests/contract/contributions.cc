#include "tests/contract/contributions.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/errors.h"
#include "base/subprocess.h"
#include "generators/feed/flv_muxer.h"
#include "generators/feed/ts_muxer.h"
#include "generators/video/video.h"
#include "server/ingest/rtmp/flv_writer.h"

namespace damage {
namespace {

using namespace std::chrono_literals;

void make_with_channels(const std::string& from, int channels, const std::string& to) {
  base::Subprocess ffmpeg{{.command = {"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-i", from, "-c:v", "copy", "-c:a",
                                       "aac", "-ac", std::to_string(channels), to},
                           .output_file = to + ".log"}};
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(ffmpeg.pid()), &info, WEXITED | WNOWAIT);
  if (ffmpeg.exit_status() != 0) throw base::RunFailed("ffmpeg: see " + to + ".log");
  std::filesystem::remove(to + ".log");
}

struct Written final : server::rtmp::FlvSink {
  bool push(std::span<const std::span<const char>> pieces) override {
    for (const auto piece : pieces) bytes.append(piece.data(), piece.size());
    return true;
  }
  std::string bytes;
};

}  // namespace

Contribution contribution_of(const std::string& file, base::Duration length, base::Duration begin) {
  generators::Clip clip{file};
  clip.seek(0s);
  Contribution made;
  std::uint32_t timestamp = 0;
  generators::TsMuxer ts{clip, [&](std::span<const std::uint8_t> payload) {
                           made.transport_stream.bytes.insert(made.transport_stream.bytes.end(), payload.begin(), payload.end());
                         }};
  generators::FlvMuxer flv{
      clip, [&](media::rtmp::MessageType type, media::rtmp::Bytes payload) {
        if (type == media::rtmp::MessageType::kData) return;
        made.messages.push_back(
            {.is_video = type == media::rtmp::MessageType::kVideo, .timestamp = timestamp, .payload = {payload.begin(), payload.end()}});
      }};
  ts.shift(begin);
  for (generators::Unit unit = clip.next(); unit.dts < length; unit = clip.next()) {
    timestamp = static_cast<std::uint32_t>(std::chrono::floor<std::chrono::milliseconds>(unit.dts + begin).count());
    ts.write(unit);
    flv.write(unit);
  }
  return made;
}

Clips::Clips() {
  const std::string base = testing::TempDir() + "contribution-" + std::to_string(getpid()) + "-";
  files_ = {base + "stereo.mp4", base + "small.mp4", base + "mono.mp4", base + "surround.mp4"};
  using generators::Pattern;
  generators::generate_video(
      {.pattern = Pattern::kTalk, .width = 320, .height = 180, .fps = 25, .duration = 1s, .bitrate = {}, .file = stereo()}, {});
  generators::generate_video(
      {.pattern = Pattern::kSlides, .width = 160, .height = 120, .fps = 30, .duration = 1s, .bitrate = {}, .file = small()}, {});
  make_with_channels(stereo(), 1, mono());
  make_with_channels(stereo(), 6, surround());
}

Clips::~Clips() {
  for (const std::string& file : files_) std::remove(file.c_str());
}

std::string flv_of(const std::vector<FlvMessage>& messages) {
  Written written;
  server::rtmp::FlvWriter writer{written};
  for (const FlvMessage& message : messages) {
    const auto done =
        message.is_video ? writer.video(message.timestamp, message.payload) : writer.audio(message.timestamp, message.payload);
    if (done.has_error()) break;
  }
  return written.bytes;
}

}  // namespace damage
