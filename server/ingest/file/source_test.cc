#include "server/ingest/file/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

extern "C" {
#include <libavutil/frame.h>
}

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>

#include "server/ingest/encoder_for_test.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Shown {
  int width = 0;
  base::Duration at;
};
struct Heard {
  base::Duration from, until;
};
struct Passed {
  PacketTrack track;
  base::Duration decode, present;
};
struct Seen {
  std::vector<Shown> pictures;
  std::vector<Heard> sound;
  std::vector<Passed> packets;
  std::vector<std::string> remarks;
  std::vector<std::pair<std::string, std::size_t>> files;  // and how many pictures had come before
  std::string failure;
};

class Watcher final : public SourceSink {
 public:
  void on_connected() override {}
  void on_bytes(std::span<const std::uint8_t>, Container) override {}
  void on_packet(const MediaPacket& packet) override {
    note([&] { seen_.packets.push_back({packet.track, packet.decode, packet.present}); });
  }
  void on_video(VideoFrame frame) override {
    note([&] { seen_.pictures.push_back({frame.picture->width, frame.timestamp}); });
  }
  void on_audio(AudioBlock block) override {
    const auto length = base::from_seconds(static_cast<double>(block.left.size()) / kSampleRate);
    note([&] { seen_.sound.push_back({block.timestamp, block.timestamp + length}); });
  }
  void on_remark(const std::string& remark) override {
    note([&] { seen_.remarks.push_back(remark); });
  }
  void on_next_file(const std::string& file) override {
    note([&] { seen_.files.emplace_back(file, seen_.pictures.size()); });
  }
  void on_disconnected(const std::string&) override {}
  void on_unusable(const std::string&) override {}
  void on_refused(Refusal, const std::string&) override {}
  void on_failed(const std::string& reason) override {
    note([&] { seen_.failure = reason; });
  }

  // Waits until it holds, a minute at the most. Returns what has come by then.
  Seen wait_until(const std::function<bool(const Seen&)>& holds) {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, 60s, [&] { return holds(seen_); }));
    return seen_;
  }
  Seen wait_for_pictures(std::size_t count) {
    return wait_until([count](const Seen& seen) { return seen.pictures.size() >= count; });
  }

 private:
  void note(const std::function<void()>& change) {
    {
      const std::lock_guard lock{mutex_};
      change();
    }
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
};

struct FileSourceTest : testing::Test {
  FileSourceTest() { std::filesystem::create_directories(folder); }
  ~FileSourceTest() override { std::filesystem::remove_all(folder); }
  // Ten pictures of 320x180 at 25 a second with 0.4 s of sound, but for what `options` say.
  std::string file(const std::string& name, const std::vector<std::string>& options = {}, const std::string& length = "0.4") const {
    std::vector<std::string> codecs = kGood;
    codecs.insert(codecs.end(), options.begin(), options.end());
    base::Subprocess recorder = encoder(codecs, length, {"-y", folder + "/" + name}, folder + "/log");
    EXPECT_EQ(exit_status(recorder), 0) << text_of_file(folder + "/log");
    return folder + "/" + name;
  }
  const std::string folder = testing::TempDir() + "rehearsal-file-source-" + std::to_string(getpid());
  Watcher watcher;
};

TEST_F(FileSourceTest, PlaysItsFilesInTurnWithoutASeam) {
  const FileSource source{{file("a.mp4"), file("b.mp4", {"-s", "160x120", "-r", "50", "-an"}), file("c.ts")}, watcher};
  const Seen seen = watcher.wait_for_pictures(10 + 20 + 10 + 10 + 20);
  for (std::size_t i = 1; i < 70; ++i) {
    const bool was_small = (i - 1) % 40 >= 10 && (i - 1) % 40 < 30;
    EXPECT_EQ(seen.pictures[i - 1].width, was_small ? 160 : 320) << i;
    EXPECT_NEAR(base::to_milliseconds(seen.pictures[i].at - seen.pictures[i - 1].at), was_small ? 20 : 40, 0.1) << i;
  }
}

TEST_F(FileSourceTest, SaysWhichFileBegins) {
  const std::string a = file("a.mp4"), none = folder + "/none.mp4";
  const FileSource source{{a, none}, watcher};
  const Seen seen = watcher.wait_for_pictures(11);
  ASSERT_EQ(seen.files.size(), 3U);
  EXPECT_EQ(seen.files[0], std::pair(a, std::size_t{0}));
  EXPECT_EQ(seen.files[1], std::pair(none, std::size_t{10}));
  EXPECT_EQ(seen.files[2], std::pair(a, std::size_t{10}));
}

TEST_F(FileSourceTest, KeepsTheSoundWithItsFile) {
  const FileSource source{{file("a.mp4"), file("b.mp4", {"-an"})}, watcher};
  const Seen seen = watcher.wait_for_pictures(41);
  base::Duration first{}, third{};
  for (const Heard& heard : seen.sound) {
    EXPECT_TRUE(heard.until <= 401ms || heard.from >= 799ms) << "while the silent file plays";
    if (heard.until <= 401ms) first += heard.until - heard.from;
    if (heard.from >= 799ms && heard.until <= 1201ms) third += heard.until - heard.from;
  }
  EXPECT_GT(first, 350ms);
  EXPECT_GT(third, 350ms);
}

TEST_F(FileSourceTest, EndsTheSoundWithThePictures) {
  const FileSource source{{file("long.mp4", {"-vf", "trim=end_frame=10"}, "1")}, watcher};
  const Seen seen = watcher.wait_for_pictures(31);
  EXPECT_NEAR(base::to_milliseconds(seen.pictures[30].at), 1200, 0.1);
  ASSERT_GT(seen.sound.size(), 3U);
  for (std::size_t i = 1; i < seen.sound.size(); ++i)
    EXPECT_LT(std::chrono::abs(seen.sound[i].from - seen.sound[i - 1].until), 1ms) << "neither a hole nor an overlap";
}

TEST_F(FileSourceTest, PlaysSoundThatGoesOnAlone) {
  const FileSource source{{file("long.mp4", {"-vf", "trim=end_frame=10"}, "3")}, watcher};
  const Seen seen = watcher.wait_for_pictures(11);
  EXPECT_NEAR(base::to_milliseconds(seen.pictures[10].at), 3000, 50);
  EXPECT_GT(seen.sound.size(), 130U);
}

TEST_F(FileSourceTest, DoesNotMixThePacketsOfTwoFiles) {
  const FileSource source{{file("long.mp4", {"-vf", "trim=end_frame=10"}, "1"), file("b.mp4", {"-bf", "0"})}, watcher};
  const Seen seen = watcher.wait_for_pictures(41);
  std::optional<base::Duration> sound;
  for (const Passed& packet : seen.packets) {
    if (packet.track != PacketTrack::kAudio) continue;
    EXPECT_GT(packet.decode, sound.value_or(-1s));
    sound = packet.decode;
  }
  EXPECT_TRUE(sound.has_value());
}

TEST_F(FileSourceTest, PassesOverAFileForAsLongAsItIsAway) {
  const std::string away = file("b.mp4", {"-s", "160x120"});
  const FileSource source{{file("a.mp4"), away}, watcher};
  watcher.wait_until([](const Seen& seen) { return !seen.pictures.empty() && seen.pictures.back().width == 160; });
  std::filesystem::rename(away, away + ".away");
  const Seen without = watcher.wait_until([](const Seen& seen) { return !seen.remarks.empty(); });
  EXPECT_THAT(without.remarks[0], testing::AllOf(HasSubstr("passed over: "), HasSubstr(away), HasSubstr("No such file")));
  const std::size_t shown = without.pictures.size();
  const Seen goes_on = watcher.wait_for_pictures(shown + 20);
  for (std::size_t i = shown; i < shown + 20; ++i) {
    EXPECT_EQ(goes_on.pictures[i].width, 320);
    EXPECT_NEAR(base::to_milliseconds(goes_on.pictures[i].at - goes_on.pictures[i - 1].at), 40, 0.1);
  }
  std::filesystem::rename(away + ".away", away);
  const Seen back = watcher.wait_until([](const Seen& seen) { return seen.remarks.size() > 1; });
  EXPECT_EQ(back.remarks[1], "");
}

TEST_F(FileSourceTest, FailsWhenNoneCanBePlayed) {
  const std::string sound = file("sound.mp4", {"-vn"});
  const FileSource source{{folder + "/none.mp4", sound}, watcher};
  const Seen seen = watcher.wait_until([](const Seen& all) { return !all.failure.empty(); });
  EXPECT_THAT(seen.failure, testing::AllOf(HasSubstr(folder + "/none.mp4"), HasSubstr("no video track")));
  EXPECT_TRUE(seen.pictures.empty());
}

}  // namespace
}  // namespace server
