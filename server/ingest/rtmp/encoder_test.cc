// ffmpeg as a publisher: what it is told, and what is decoded of what it sends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include "base/subprocess.h"
#include "server/ingest/publisher_source.h"
#include "server/ingest/rtmp/listener.h"
#include "server/ingest/rtmp/test_peer.h"

namespace server::rtmp {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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
  void on_disconnected(const std::string&) override {
    const std::lock_guard lock{mutex_};
    ++ends_;
    changed_.notify_all();
  }
  void on_failed(const std::string&) override {}
  void on_unusable(const std::string&) override {}
  void on_refused(Refusal, const std::string&) override {}

  bool gets(std::size_t pictures, std::size_t samples, int ends = 0) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 60s, [&] { return pictures_ >= pictures && samples_ >= samples && ends_ >= ends; });
  }
  std::size_t pictures() {
    const std::lock_guard lock{mutex_};
    return pictures_;
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
};

struct RtmpEncoderTest : testing::Test {
  ~RtmpEncoderTest() override { std::filesystem::remove(log); }

  base::Subprocess ffmpeg(const std::string& path, std::vector<std::string> codecs, const std::string& length = "") const {
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
    command.insert(command.end(), {"-f", "flv", "rtmp://127.0.0.1:" + std::to_string(listener.port()) + path});
    return base::Subprocess{{.command = std::move(command), .output_file = log}};
  }

  // Waits for it to fail. Returns what it printed.
  std::string told(base::Subprocess encoder) const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(encoder.pid()), &info, WEXITED | WNOWAIT);
    EXPECT_NE(encoder.exit_status(), 0);
    std::stringstream text;
    text << std::ifstream{log}.rdbuf();
    return text.str();
  }

  const std::string log = testing::TempDir() + "rehearsal-rtmp-" + std::to_string(getpid()) + "-" +
                          testing::UnitTest::GetInstance()->current_test_info()->name() + ".log";
  PublishPoints points;
  CountingSink sink;
  PublisherSource source{points, "main", {.protocol = PublishProtocol::kRtmp, .key = "k"}, sink};
  RtmpListener listener{{}, points};
};

const std::vector<std::string> kGood{"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac"};

TEST_F(RtmpEncoderTest, IsDecoded) {
  const auto encoder = ffmpeg("/live/main?key=k", kGood, "2");
  EXPECT_TRUE(sink.gets(50, 2 * 48'000 - 2048, 1));
  EXPECT_EQ(sink.pictures(), 50U);
  EXPECT_DOUBLE_EQ(sink.rate(), 25);
}

TEST_F(RtmpEncoderTest, MaySendPicturesAlone) {
  const auto encoder = ffmpeg("/live/main?key=k", {"-map", "0", "-c:v", "libx264", "-preset", "ultrafast"}, "1");
  EXPECT_TRUE(sink.gets(25, 0, 1));
}

TEST_F(RtmpEncoderTest, MaySendSoundAlone) {
  const auto encoder = ffmpeg("/live/main?key=k", {"-map", "1", "-c:a", "aac"}, "1");
  EXPECT_TRUE(sink.gets(0, 48'000 - 2048, 1));
}

TEST_F(RtmpEncoderTest, FindsABackup) {
  CountingSink backup_sink;
  const PublisherSource backup{points, "main/backup", {.protocol = PublishProtocol::kRtmp, .key = "b"}, backup_sink};
  const auto encoder = ffmpeg("/live/main/backup?key=b", kGood, "1");
  EXPECT_TRUE(backup_sink.gets(25, 0, 1));
}

TEST_F(RtmpEncoderTest, TakesOverItsGhost) {
  TestPeer ghost{listener.port()};
  ASSERT_THAT(ghost.publish("main?key=k"), HasSubstr("NetStream.Publish.Start"));
  const auto encoder = ffmpeg("/live/main?key=k", kGood, "1");
  EXPECT_TRUE(sink.gets(25, 0, 2));
}

TEST_F(RtmpEncoderTest, IsToldThatItsKeyIsWrong) {
  EXPECT_THAT(told(ffmpeg("/live/main?key=wrong", kGood)), HasSubstr("the publish key is wrong"));
  EXPECT_EQ(sink.pictures(), 0U);
}

TEST_F(RtmpEncoderTest, IsToldThatThereIsNoSuchStream) {
  EXPECT_THAT(told(ffmpeg("/live/other?key=k", kGood)), HasSubstr("there is no such stream: 'other'"));
}

TEST_F(RtmpEncoderTest, IsToldWhatToWrite) {
  EXPECT_THAT(told(ffmpeg("/app/main?key=k", kGood)), HasSubstr("write rtmp://HOST/live/NAME?key=KEY"));
}

TEST_F(RtmpEncoderTest, IsToldWhichCodecCannotBeUsed) {
  EXPECT_THAT(told(ffmpeg("/live/main?key=k", {"-c:v", "flv1", "-c:a", "aac"})),
              HasSubstr("the video codec Sorenson H.263 cannot be used; send H.264"));
}

}  // namespace
}  // namespace server::rtmp
