#include "server/library/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "generators/feed/feed.h"
#include "generators/video/video.h"
#include "server/ingest/encoder_for_test.h"
#include "server/library/decoded_track.h"

namespace server {
namespace {
using namespace std::chrono_literals;
using namespace base::literals;
using testing::HasSubstr;

// A folder that goes with the test.
struct Folder {
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string video(base::Duration length) const {
    generators::VideoSpec spec{
        .pattern = generators::Pattern::kTalk, .width = 320, .height = 240, .duration = length, .file = path + "/talk.mp4"};
    generators::generate_video(spec, [](double) { return true; });
    return spec.file;
  }
  std::string rubbish() const {
    std::ofstream{path + "/rubbish.mp4"} << std::string(5000, 'x');
    return path + "/rubbish.mp4";
  }
  const std::string path = testing::TempDir() + "rehearsal-streams-" + std::to_string(getpid());
};

struct StreamsTest : testing::Test {
  StreamStatus status() const { return *streams.find("main"); }
  bool reaches(StreamState state) {
    return streams.wait_until([&] { return status().state == state; }, 60s);
  }
  std::string exposed() const { return prometheus::TextSerializer{}.Serialize(registry.Collect()); }
  StreamSpec of_file(StreamKind kind, std::string file) const {
    return {.name = "main",
            .kind = kind,
            .source = {.kind = SourceKind::kFile, .file = std::move(file)},
            .ladder = {{240, 300_kbps}, {120, 100_kbps}}};
  }
  Folder folder;
  prometheus::Registry registry;
  Streams streams{{.srt_listen_host = "127.0.0.1", .srt_port = 0}, registry};
};

TEST_F(StreamsTest, PackagesAFileOnDemand) {
  ASSERT_TRUE(streams.create(of_file(StreamKind::kVod, folder.video(5s))).has_value());
  ASSERT_TRUE(reaches(StreamState::kReady)) << status().reason;
  const SnapshotPtr stream = status().snapshot;
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->ended);
  EXPECT_EQ(stream->tracks[0].listed.size(), 3U);
  for (const TrackSnapshot& track : stream->tracks) EXPECT_EQ(play(track).errors, 0) << track.info.name;
  EXPECT_EQ(play(stream->tracks[0]).frame_times.size(), 150U);
}

TEST_F(StreamsTest, PlaysALoopedFileLive) {
  ASSERT_TRUE(streams.create(of_file(StreamKind::kLive, folder.video(1s))).has_value());
  EXPECT_EQ(status().state, StreamState::kStarting);
  ASSERT_TRUE(streams.wait_until([&] { return status().segments > 0; }, 60s)) << status().reason;
  EXPECT_EQ(status().source_losses, 0U);
  EXPECT_THAT(prometheus::TextSerializer{}.Serialize(registry.Collect()), HasSubstr("rehearsal_source_connected{stream=\"main\"} 1"));
}

TEST_F(StreamsTest, PlaysAPlaylistLiveAndTellsWhatItPassesOver) {
  const std::string first = folder.video(1s), second = folder.path + "/second.mp4";
  std::filesystem::copy(first, second);
  StreamSpec spec = of_file(StreamKind::kLive, "");
  spec.source = {.kind = SourceKind::kPlaylist, .files = {first, second}};
  ASSERT_TRUE(streams.create(spec).has_value());
  ASSERT_TRUE(streams.wait_until([&] { return status().segments > 0; }, 60s)) << status().reason;
  EXPECT_EQ(status().sources[0].reason, "");
  std::filesystem::remove(second);
  ASSERT_TRUE(streams.wait_until([&] { return !status().sources[0].reason.empty(); }, 60s));
  EXPECT_THAT(status().sources[0].reason, testing::AllOf(HasSubstr("passed over"), HasSubstr(second)));
  const std::uint64_t segments = status().segments;
  ASSERT_TRUE(streams.wait_until([&] { return status().segments > segments + 1; }, 60s));
  EXPECT_EQ(status().source_losses, 0U);
}

TEST_F(StreamsTest, BeginsAPlaylistWithAFileThatAnEncoderTakes) {
  const std::string wide = folder.path + "/wide.mov";
  base::Subprocess recorder =
      encoder({"-vf", "scale=32000:64,setsar=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-an"}, "0.2", {wide}, folder.path + "/log");
  ASSERT_EQ(exit_status(recorder), 0) << text_of_file(folder.path + "/log");
  StreamSpec spec = of_file(StreamKind::kLive, "");
  spec.source = {.kind = SourceKind::kPlaylist, .files = {wide, folder.video(1s)}};
  ASSERT_TRUE(streams.create(spec).has_value());
  ASSERT_TRUE(streams.wait_until([&] { return status().segments > 0; }, 60s)) << status().reason;
  const std::vector<SourceEvent> events = status().events;
  EXPECT_TRUE(std::ranges::any_of(events, [&](const SourceEvent& event) {
    return event.kind == SourceEventKind::kUnusable && event.text.starts_with("play '" + wide + "': encode");
  }));
}

TEST_F(StreamsTest, RefusesAPlaylistWithAFileThatCannotBePlayed) {
  const std::string good = folder.video(1s), bad = folder.rubbish();
  const auto refusal = [&](StreamKind kind, std::vector<std::string> files) {
    StreamSpec spec = of_file(kind, "");
    spec.source = {.kind = SourceKind::kPlaylist, .files = std::move(files)};
    return streams.create(spec).error().message;
  };
  EXPECT_THAT(refusal(StreamKind::kLive, {good, bad}), testing::AllOf(HasSubstr("source.files[1]: "), HasSubstr(bad)));
  EXPECT_EQ(refusal(StreamKind::kLive, {"/no/such.mp4", good}), "source.files[0]: '/no/such.mp4' does not exist");
  EXPECT_THAT(refusal(StreamKind::kLive, {}), HasSubstr("source.files: 0 files; write 1 to 64"));
  EXPECT_THAT(refusal(StreamKind::kVod, {good}), HasSubstr("needs a file"));
}

TEST_F(StreamsTest, GoesOnAfterTheFeedWasAway) {
  StreamSpec spec = of_file(StreamKind::kLive, "");
  spec.source = {.kind = SourceKind::kSrt, .publish_key = "key"};
  ASSERT_TRUE(streams.create(spec).has_value());
  generators::Feed feed{
      {.file = folder.video(2s), .to = {generators::SrtDestination{.port = streams.srt_port(), .streamid = "#!::r=main,m=publish,u=key"}}}};
  feed.start();
  ASSERT_TRUE(streams.wait_until([&] { return status().segments > 0; }, 60s)) << status().reason;
  feed.stop();
  ASSERT_TRUE(streams.wait_until([&] { return status().source_losses > 0; }, 60s));
  feed.start();
  ASSERT_TRUE(streams.wait_until([&] { return status().snapshot != nullptr && status().state == StreamState::kReady; }, 60s));
  const SnapshotPtr stream = status().snapshot;
  for (const TrackSnapshot& track : stream->tracks) EXPECT_EQ(play(track).errors, 0) << track.info.name;
  EXPECT_EQ(play(stream->tracks[0]).frame_times.size() % 60, 0U);
}

TEST_F(StreamsTest, FailsAFileThatIsNoVideo) {
  const std::string file = folder.rubbish();
  for (const StreamKind kind : {StreamKind::kVod, StreamKind::kLive}) {
    ASSERT_TRUE(streams.create(of_file(kind, file)).has_value());
    ASSERT_TRUE(reaches(StreamState::kFailed));
    EXPECT_THAT(status().reason, HasSubstr(file));
    EXPECT_TRUE(streams.remove("main"));
  }
}

TEST_F(StreamsTest, TellsThatTheOnlySourceHasFailed) {
  ASSERT_TRUE(streams.create(of_file(StreamKind::kLive, folder.rubbish())).has_value());
  ASSERT_TRUE(reaches(StreamState::kFailed));
  const StreamStatus failed = status();
  ASSERT_EQ(failed.sources.size(), 1U);
  EXPECT_EQ(failed.sources[0].state, SourceState::kFailed);
  EXPECT_THAT(failed.sources[0].reason, HasSubstr(folder.rubbish()));
  ASSERT_FALSE(failed.events.empty());
  EXPECT_EQ(failed.events.back().kind, SourceEventKind::kFailed);
  EXPECT_TRUE(
      streams.wait_until([&] { return exposed().find(R"(event="failed",source="primary",stream="main"} 1)") != std::string::npos; }, 60s))
      << exposed();
}

TEST_F(StreamsTest, WaitsForAPublisher) {
  ASSERT_TRUE(streams.create({.name = "main"}).has_value());
  EXPECT_EQ(status().state, StreamState::kStarting);
  EXPECT_EQ(status().snapshot, nullptr);
  EXPECT_THAT(status().reason, HasSubstr("no publisher"));
}

TEST_F(StreamsTest, RefusesWhatCannotBeServed) {
  ASSERT_TRUE(streams.create({.name = "main"}).has_value());
  const auto refusal = [&](const StreamSpec& spec) { return streams.create(spec).error().message; };
  EXPECT_THAT(refusal({.name = "main"}), HasSubstr("'main' already"));
  EXPECT_THAT(refusal({.name = "Main Stage"}), HasSubstr("'Main Stage'"));
  EXPECT_THAT(refusal({.name = "a", .source = {.kind = SourceKind::kFile, .file = "/no/such.mp4"}}),
              HasSubstr("'/no/such.mp4' does not exist"));
  EXPECT_THAT(refusal({.name = "a", .source = {.kind = SourceKind::kRtmp}}),
              HasSubstr("source: this server takes no contributions over RTMP"));
  EXPECT_THAT(refusal({.name = "a", .backup = SourceSpec{.kind = SourceKind::kHttp}}),
              HasSubstr("backup: this server takes no contributions over HTTP; say where it listens: \"http\""));
  EXPECT_THAT(refusal({.name = "a", .kind = StreamKind::kVod}), HasSubstr("needs a file"));
  EXPECT_THAT(refusal({.name = "a", .ladder = {{720, 1_Mbps}, {720, 2_Mbps}}}), HasSubstr("ladder[1].height: 720"));
  EXPECT_THAT(refusal({.name = "a", .ladder = {{720, 1_kbps}}}), HasSubstr("ladder[0].bitrate"));
  EXPECT_EQ(streams.list().size(), 1U);
}

TEST_F(StreamsTest, NamesEveryProblemOfAStream) {
  const auto refused = streams.create({.name = "main",
                                       .source = {.kind = SourceKind::kFile, .file = "/no/such.mp4"},
                                       .backup = SourceSpec{.kind = SourceKind::kFile, .file = "/no/other.mp4"},
                                       .failover = {.dwell = 2h},
                                       .slate = SlateSpec{.image = "/no/such.png"},
                                       .ladder = {{721, 1_kbps}}});
  ASSERT_TRUE(refused.has_error());
  for (const char* each : {"source.file: '/no/such.mp4'", "backup.file: '/no/other.mp4'",
                           "failover.dwell: ", "slate.image: ", "ladder[0].height: 721", "ladder[0].bitrate: "})
    EXPECT_THAT(refused.error().message, HasSubstr(each));
}

TEST_F(StreamsTest, FreesTheNameOfARemovedStream) {
  ASSERT_TRUE(streams.create({.name = "main"}).has_value());
  EXPECT_TRUE(streams.remove("main"));
  EXPECT_FALSE(streams.remove("main"));
  EXPECT_FALSE(streams.find("main").has_value());
  EXPECT_TRUE(streams.create({.name = "main"}).has_value());
}

TEST_F(StreamsTest, StopsAtOnceWhateverItIsAt) {
  const std::string file = folder.video(5s);
  const auto before = base::steady_now();
  {
    prometheus::Registry other;
    Streams busy{{.srt_listen_host = "127.0.0.1", .srt_port = 0}, other};
    ASSERT_TRUE(busy.create(of_file(StreamKind::kVod, file)).has_value());
    StreamSpec live = of_file(StreamKind::kLive, file);
    live.name = "live";
    ASSERT_TRUE(busy.create(live).has_value());
    ASSERT_TRUE(busy.create({.name = "srt"}).has_value());
  }
  EXPECT_LT(base::steady_now() - before, 2s);
}

TEST_F(StreamsTest, NamesTheAddressThatIsInUse) {
  prometheus::Registry other;
  try {
    const Streams second{{.srt_listen_host = "127.0.0.1", .srt_port = streams.srt_port()}, other};
    FAIL() << "bound twice";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:" + std::to_string(streams.srt_port())));
  }
}

TEST_F(StreamsTest, ListensForRtmpWhereItIsAskedTo) {
  EXPECT_EQ(streams.rtmp_port(), std::nullopt);
  prometheus::Registry registry_of_first, registry_of_second;
  const Streams first{{.srt_listen_host = "127.0.0.1", .rtmp = RtmpListener::Options{}}, registry_of_first};
  ASSERT_GT(first.rtmp_port().value(), 0);
  try {
    const Streams second{{.srt_listen_host = "127.0.0.1", .rtmp = RtmpListener::Options{.port = *first.rtmp_port()}}, registry_of_second};
    FAIL() << "bound twice";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("RTMP on 127.0.0.1:" + std::to_string(*first.rtmp_port())));
  }
}

TEST_F(StreamsTest, ListensForHttpWhereItIsAskedTo) {
  EXPECT_EQ(streams.http_port(), std::nullopt);
  prometheus::Registry other;
  Streams listening{{.srt_listen_host = "127.0.0.1", .http = HttpListener::Options{}}, other};
  EXPECT_GT(listening.http_port().value(), 0);
  EXPECT_TRUE(listening.create({.name = "main", .source = {.kind = SourceKind::kHttp}}).has_value());
}

}  // namespace
}  // namespace server
