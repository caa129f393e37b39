// Replays of the recording in tests/data/replay.
#include "harness/replay/replay.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/replay/link_profile.h"
#include "harness/replay/replay_script.h"
#include "harness/replay/session_metrics.h"

namespace harness {
namespace {

namespace fs = std::filesystem;
using namespace base::literals;

constexpr const char* kRecording = "hls.js_step_r1.json";

struct ReplayOfARecording : testing::TestWithParam<TcpModel> {
  SessionRecord emulated() { return emulate({recording, content, link, device_for(recording), GetParam()}); }
  Recording recording = read_recording_file(replay_file(kRecording));
  ContentTable content = read_content_file(replay_file("segments.json"));
  netem::LinkSpec link = read_link_file(replay_file("traces/step.json"));
};
INSTANTIATE_TEST_SUITE_P(Tcp, ReplayOfARecording, testing::Values(TcpModel::kFluid, TcpModel::kPacket),
                         [](const auto& each) { return each.param == TcpModel::kPacket ? "Packet" : "Fluid"; });

TEST_P(ReplayOfARecording, PlaysTheSameStreamForAsLong) {
  const SessionRecord session = emulated();
  EXPECT_EQ(session.length, recording.session.length);
  ASSERT_TRUE(session.startup);
  EXPECT_LT(*session.startup, 3s);
  EXPECT_EQ(session.failure, std::nullopt);
  EXPECT_EQ(session.requests.front().kind, RequestKind::kManifest);
  EXPECT_EQ(session.requests.front().bytes, 620_B);
}

TEST_P(ReplayOfARecording, AsksForSegmentsOfTheContentInTheirSizes) {
  int seen = 0;
  for (const RequestRecord& each : emulated().requests) {
    if (each.kind != RequestKind::kVideo || !is_complete(each)) continue;
    ++seen;
    const auto& sizes = content.video.at(static_cast<std::size_t>(*each.rung)).track.segments;
    EXPECT_EQ(each.bytes, sizes.at(static_cast<std::size_t>(*each.segment) - 1));
  }
  EXPECT_GT(seen, 3);
}

TEST_P(ReplayOfARecording, GivesTheSameEveryTime) { EXPECT_EQ(emulated(), emulated()); }

TEST_P(ReplayOfARecording, MayHaveAnotherCongestionControl) {
  const SessionRecord session = emulate({recording, content, link, device_for(recording), GetParam(), CongestionControl::kBbr});
  EXPECT_EQ(session.failure, std::nullopt);
  EXPECT_NE(session, emulated());
}

TEST_P(ReplayOfARecording, FeelsTheLink) {
  const SessionRecord before = emulated();
  link.down.delay += 200ms;
  EXPECT_GT(*emulated().startup, *before.startup + 600ms);
}

TEST_P(ReplayOfARecording, StartsTheTraceWhenTheRecordingSays) {
  const SessionRecord before = emulated();
  recording.trace_start = 6s;  // the slow half of the trace comes first
  EXPECT_GT(*emulated().startup, *before.startup + 500ms);
}

TEST_P(ReplayOfARecording, PlaysALiveStreamNearItsEnd) {
  recording.live = true;
  const SessionRecord session = emulated();
  ASSERT_TRUE(session.startup);
  for (const RequestRecord& each : session.requests) EXPECT_GE(each.segment.value_or(3), 3);
}

TEST(ReplayDevice, IsThatOfThePlayerAndItsVersion) {
  Recording recording = read_recording_file(replay_file(kRecording));
  EXPECT_EQ(device_for(recording).name, "desktop-hlsjs");
  recording.player = "dash.js";
  recording.version = "v5.2.1";
  EXPECT_EQ(device_for(recording).name, "desktop-dashjs");
}

std::string refusal(const ReplayOptions& options) {
  try {
    replay(options);
  } catch (const base::InvalidInput& failure) {
    return failure.what();
  }
  return "accepted";
}

TEST(ReplayDevice, IsMissingForOtherPlayersAndVersions) {
  Recording recording = read_recording_file(replay_file(kRecording));
  recording.version = "0.9.1";
  EXPECT_THROW(device_for(recording), base::InvalidInput);
  recording.player = "vlc";
  EXPECT_THROW(device_for(recording), base::InvalidInput);
}

// A copy of the recording alone in a folder of its own.
struct ReplayFiles : testing::Test {
  ReplayFiles() {
    fs::create_directories(folder);
    fs::copy_file(replay_file(kRecording), folder / kRecording, fs::copy_options::overwrite_existing);
  }
  ~ReplayFiles() override { fs::remove_all(folder); }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  }
  fs::path folder = fs::temp_directory_path() /
                    ("replay-" + std::to_string(getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name());
  std::string lone = (folder / kRecording).string();
};

TEST_F(ReplayFiles, SayWhatIsMissingBesideARecording) {
  EXPECT_THAT(refusal({.recordings = {lone}}), testing::AllOf(testing::HasSubstr("segments.json"), testing::HasSubstr("--content")));
  EXPECT_THAT(refusal({.recordings = {lone}, .content = replay_file("segments.json")}),
              testing::AllOf(testing::HasSubstr("trace: "), testing::HasSubstr("step.json"), testing::HasSubstr("--traces")));
}

TEST_F(ReplayFiles, AreFoundWhereTheOptionsSay) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(replay({.recordings = {lone}, .content = replay_file("segments.json"), .traces = replay_file("traces")}),
            base::ExitCode::kPassed);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("hls.js 1.7.4 on step"));
}

TEST_F(ReplayFiles, OfAnotherStreamAreRefused) {
  base::Json content = replay_document("segments.json");
  for (base::Json* track : {&content["video"][0], &content["video"][1], &content["audio"]}) (*track)["bytes"] = {1000, 1000};
  EXPECT_THAT(refusal({.recordings = {lone}, .content = file("two.json", content.dump()), .traces = replay_file("traces")}),
              testing::HasSubstr("requests: segment 3 of rung 1 is not in the content table"));
}

TEST_F(ReplayFiles, ThatAreCutOffAreRefusedWithTheirName) {
  EXPECT_THAT(refusal({.recordings = {file("cut.json", replay_document(kRecording).dump().substr(0, 800))}}),
              testing::AllOf(testing::HasSubstr("cut.json: line 1"), testing::HasSubstr("error")));
}

TEST_F(ReplayFiles, WithAMissedTargetFailOnlyWhereAsked) {
  testing::internal::CaptureStdout();
  base::Json slow = replay_document(kRecording);
  slow["startup_ms"] = 9000;
  const ReplayOptions options{.recordings = {file("slow.json", slow.dump())},
                              .content = replay_file("segments.json"),
                              .traces = replay_file("traces"),
                              .strict = true};
  EXPECT_EQ(replay(options), base::ExitCode::kGateFailed);
  testing::internal::GetCapturedStdout();
}

TEST_F(ReplayFiles, OfAFolderAreAllThatLieInIt) {
  fs::copy_file(replay_file(kRecording), folder / "hls.js_step_r2.json");
  fs::copy_file(replay_file("segments.json"), folder / "segments.json");
  testing::internal::CaptureStdout();
  replay({.recordings = {folder.string()}, .traces = replay_file("traces")});
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("as desktop-hlsjs: 2 recordings"));
}

TEST_F(ReplayFiles, OfAFolderWithoutAnyAreMissed) {
  fs::remove(lone);
  EXPECT_THAT(refusal({.recordings = {folder.string()}}), testing::HasSubstr("holds no recordings"));
}

TEST_F(ReplayFiles, OfOnePlayerOnOneTraceMakeOneTable) {
  testing::internal::CaptureStdout();
  replay({.recordings = {replay_file(kRecording), replay_file(kRecording)}});
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_THAT(text, testing::HasSubstr("as desktop-hlsjs: 2 recordings"));
  EXPECT_THAT(text, testing::HasSubstr("real against itself:"));
  EXPECT_THAT(text, testing::HasSubstr("of 1 meet every target"));
}

}  // namespace
}  // namespace harness
