// For tests: ffmpeg as a publisher, and a sink that counts what is decoded of what it sends.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/subprocess.h"
#include "server/ingest/source.h"

namespace server {

class CountingSink final : public SourceSink {
 public:
  void on_connected() override {}
  void on_bytes(std::span<const std::uint8_t>, Container) override {}
  void on_packet(const MediaPacket&) override {}
  void on_video(VideoFrame frame) override {
    const std::lock_guard lock{mutex_};
    ++pictures_;
    rate_ = frame.frames_per_second;
    changed_.notify_all();
  }
  void on_audio(AudioBlock block) override {
    const std::lock_guard lock{mutex_};
    samples_ += block.left.size();
    changed_.notify_all();
  }
  void on_disconnected(const std::string& reason) override {
    const std::lock_guard lock{mutex_};
    last_word_ = reason;
    ++ends_;
    changed_.notify_all();
  }
  void on_unusable(const std::string& reason) override {
    const std::lock_guard lock{mutex_};
    unusable_ = reason;
  }
  void on_refused(Refusal, const std::string&) override {}
  void on_failed(const std::string&) override {}

  bool gets(std::size_t pictures, std::size_t samples, int ends = 0) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return pictures_ >= pictures && samples_ >= samples && ends_ >= ends; });
  }
  std::size_t pictures() {
    const std::lock_guard lock{mutex_};
    return pictures_;
  }
  std::string last_word() {
    const std::lock_guard lock{mutex_};
    return last_word_;
  }
  std::string unusable() {
    const std::lock_guard lock{mutex_};
    return unusable_;
  }
  double rate() {
    const std::lock_guard lock{mutex_};
    return rate_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t pictures_ = 0, samples_ = 0;
  int ends_ = 0;
  double rate_ = 0;
  std::string last_word_, unusable_;
};

// What an encoder is told to encode with.
inline const std::vector<std::string> kGood{"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac"};

// The file that an encoder of this test prints into.
inline std::string encoder_log() {
  return testing::TempDir() + "rehearsal-encoder-" + std::to_string(getpid()) + "-" +
         testing::UnitTest::GetInstance()->current_test_info()->name() + ".log";
}

// Pictures of 320x180 at 25 a second and a tone, as fast as they can be encoded. `length`: in seconds; empty: for ever.
inline base::Subprocess encoder(const std::vector<std::string>& codecs, const std::string& length, const std::vector<std::string>& to,
                                const std::string& log) {
  std::vector<std::string> command{"ffmpeg",
                                   "-hide_banner",
                                   "-loglevel",
                                   "error",
                                   "-nostdin",
                                   "-f",
                                   "lavfi",
                                   "-i",
                                   "testsrc2=size=320x180:rate=25",
                                   "-f",
                                   "lavfi",
                                   "-i",
                                   "sine=sample_rate=48000"};
  command.insert(command.end(), codecs.begin(), codecs.end());
  if (!length.empty()) command.insert(command.end(), {"-t", length});
  command.insert(command.end(), to.begin(), to.end());
  return base::Subprocess{{.command = std::move(command), .output_file = log}};
}

inline std::string text_of_file(const std::string& file) {
  std::stringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

// Waits for it to end.
inline int exit_status(base::Subprocess& encoder) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(encoder.pid()), &info, WEXITED | WNOWAIT);
  return *encoder.exit_status();
}

// Waits for it to fail. Returns what it printed.
inline std::string told_when_failed(base::Subprocess encoder, const std::string& log) {
  EXPECT_NE(exit_status(encoder), 0);
  return text_of_file(log);
}

}  // namespace server
