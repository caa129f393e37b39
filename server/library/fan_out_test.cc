#include "server/library/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <filesystem>

#include "generators/feed/feed.h"
#include "generators/video/video.h"
#include "server/forwarding/rtmp_receiver_for_test.h"
#include "server/library/decoded_track.h"
#include "server/library/streams.h"

namespace server {
namespace {

using namespace base::literals;
using testing::HasSubstr;
using testing::Not;

// A server with a live stream "main" that is forwarded, and others that take in what arrives.
struct FanOutTest : testing::Test {
  FanOutTest() { std::filesystem::create_directories(folder); }
  ~FanOutTest() override { std::filesystem::remove_all(folder); }

  const std::string& video() {
    if (!file.empty()) return file;
    generators::VideoSpec spec{
        .pattern = generators::Pattern::kTalk, .width = 320, .height = 240, .duration = 2s, .file = folder + "/talk.mp4"};
    generators::generate_video(spec, [](double) { return true; });
    return file = spec.file;
  }
  StreamSpec of_file(std::vector<ForwardSpec> forward) {
    return {.name = "main",
            .source = {.kind = SourceKind::kFile, .file = video()},
            .forward = std::move(forward),
            .ladder = {{240, 300_kbps}, {120, 100_kbps}}};
  }
  static StreamSpec taking(const std::string& name) {
    return {.name = name, .source = {.kind = SourceKind::kSrt, .publish_key = "hush"}, .ladder = {{120, 100_kbps}}};
  }
  std::string srt(const std::string& stream, const std::string& key = "hush") const {
    return fmt::format("srt://127.0.0.1:{}?streamid=%23!::r={},m=publish,u={}", streams.srt_port(), stream, key);
  }
  ForwardStatus destination(const std::string& name) const {
    const StreamStatus main = *streams.find("main");
    for (const ForwardStatus& each : main.forward) {
      if (each.spec.name == name) return each;
    }
    return {.reason = "there is no such destination"};
  }
  bool reaches(const std::string& name, ForwardState state) {
    return streams.wait_until([&] { return destination(name).state == state; }, 60s);
  }
  bool has_segments(const std::string& stream, std::uint64_t count) {
    return streams.wait_until([&] { return streams.find(stream)->segments >= count && streams.find(stream)->snapshot != nullptr; }, 60s);
  }
  void plays(const std::string& stream) const {
    const SnapshotPtr snapshot = streams.find(stream)->snapshot;
    for (const TrackSnapshot& track : snapshot->tracks) {
      const Played played = play(track);
      EXPECT_EQ(played.errors, 0) << stream << ' ' << track.info.name;
      EXPECT_GT(played.frame_times.size(), 50U) << stream << ' ' << track.info.name;
    }
  }
  std::string metrics() const { return prometheus::TextSerializer{}.Serialize(registry.Collect()); }

  const std::string folder = testing::TempDir() + "rehearsal-fan-out-" + std::to_string(getpid());
  std::string file;
  prometheus::Registry registry;
  Streams streams{{.srt_listen_host = "127.0.0.1", .srt_port = 0}, registry};
};

TEST_F(FanOutTest, SendsTheOutputAndTheSourceToOtherServersOverSrt) {
  ASSERT_TRUE(streams.create(taking("copy")).has_value());
  ASSERT_TRUE(streams.create(taking("raw")).has_value());
  const auto made = streams.create(of_file({{.name = "output", .url = srt("copy"), .what = ForwardWhat::kOutput},
                                            {.name = "source", .url = srt("raw"), .what = ForwardWhat::kPrimary}}));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  ASSERT_TRUE(has_segments("copy", 2)) << destination("output").reason;
  ASSERT_TRUE(has_segments("raw", 2)) << destination("source").reason;
  plays("copy");
  plays("raw");
  for (const char* name : {"output", "source"}) {
    const ForwardStatus status = destination(name);
    EXPECT_EQ(status.state, ForwardState::kSending);
    EXPECT_EQ(status.connects, 1U);
    EXPECT_GT(status.packets, 100U);
    EXPECT_EQ(status.dropped, 0U);
  }
}

TEST_F(FanOutTest, SendsTheOutputOverRtmp) {
  const int port = free_port();
  RtmpReceiver receiver{port};
  ASSERT_TRUE(streams.create(of_file({{.name = "cdn", .url = fmt::format("rtmp://127.0.0.1:{}/live/hush", port)}})).has_value());
  ASSERT_TRUE(receiver.has_received(150)) << destination("cdn").reason;
  EXPECT_GT(receiver.extradata(AV_CODEC_ID_H264), 10U);
  EXPECT_GE(receiver.extradata(AV_CODEC_ID_AAC), 2U);
  EXPECT_TRUE(receiver.received().front().video && receiver.received().front().key);
}

// From a transport stream, whose parameter sets and ADTS headers lie in its packets; and over its publisher's coming back.
TEST_F(FanOutTest, SendsAnSrtPublishersPacketsOverRtmpAlsoAfterItCameBack) {
  const int port = free_port();
  RtmpReceiver receiver{port};
  StreamSpec spec = taking("main");
  spec.forward = {{.name = "cdn", .url = fmt::format("rtmp://127.0.0.1:{}/live/hush", port), .what = ForwardWhat::kPrimary}};
  ASSERT_TRUE(streams.create(spec).has_value());
  EXPECT_TRUE(reaches("cdn", ForwardState::kWaiting));
  std::size_t before = 0;
  for (int time = 0; time < 2; ++time) {  // its timestamps begin anew
    generators::Feed feed{
        {.file = video(), .to = {generators::SrtDestination{.port = streams.srt_port(), .streamid = "#!::r=main,m=publish,u=hush"}}}};
    feed.start();
    ASSERT_TRUE(receiver.has_received(before + 150)) << destination("cdn").reason;
    before = receiver.received().size();
  }
  EXPECT_GT(receiver.extradata(AV_CODEC_ID_H264), 10U);
  EXPECT_GE(receiver.extradata(AV_CODEC_ID_AAC), 2U);
  std::int64_t last_video = -1, last_sound = -1;
  for (const ReceivedPacket& packet : receiver.received()) {
    std::int64_t& last = packet.video ? last_video : last_sound;
    ASSERT_GT(packet.dts, last) << (packet.video ? "video" : "sound");
    if (last >= 0) {
      ASSERT_LT(packet.dts - last, 20'000) << "the wall clock goes on, no more";
    }
    last = packet.dts;
  }
  EXPECT_LT(std::abs(last_video - last_sound), 1500);
  EXPECT_EQ(destination("cdn").connects, 1U);
}

TEST_F(FanOutTest, ADestinationThatTakesNothingHoldsNoOther) {
  const SilentListener silent;
  const int port = free_port();
  RtmpReceiver receiver{port};
  ASSERT_TRUE(streams
                  .create(of_file({{.name = "dead", .url = fmt::format("rtmp://127.0.0.1:{}/live/hush", silent.port())},
                                   {.name = "alive", .url = fmt::format("rtmp://127.0.0.1:{}/live/hush", port)}}))
                  .has_value());
  ASSERT_TRUE(reaches("dead", ForwardState::kConnecting));
  ASSERT_TRUE(receiver.has_received(200)) << destination("alive").reason;
  EXPECT_EQ(destination("alive").dropped, 0U);
  EXPECT_EQ(destination("dead").packets, 0U);
  EXPECT_TRUE(has_segments("main", 1));
}

TEST_F(FanOutTest, SaysWhyADestinationRefuses) {
  ASSERT_TRUE(streams.create(taking("copy")).has_value());
  StreamSpec secret = taking("secret");
  secret.source.passphrase = "ten-letters-or-more";
  ASSERT_TRUE(streams.create(secret).has_value());
  ASSERT_TRUE(streams
                  .create(of_file({{.name = "wrong", .url = srt("copy", "hush-hush")},
                                   {.name = "nowhere", .url = srt("nowhere")},
                                   {.name = "locked", .url = srt("secret"), .passphrase = "not-that-passphrase"},
                                   {.name = "open", .url = srt("secret"), .passphrase = "ten-letters-or-more"}}))
                  .has_value());
  for (const auto& [name, reason] :
       {std::pair{"wrong", "wrong key (1401)"}, {"nowhere", "no such stream (1404)"}, {"locked", "passphrase"}}) {
    ASSERT_TRUE(reaches(name, ForwardState::kRetrying)) << name;
    EXPECT_THAT(destination(name).reason, HasSubstr(reason));
    EXPECT_THAT(destination(name).reason, HasSubstr(fmt::format("srt://127.0.0.1:{} refuses", streams.srt_port())));
    EXPECT_THAT(destination(name).reason, Not(HasSubstr("hush")));
  }
  EXPECT_TRUE(reaches("open", ForwardState::kSending)) << destination("open").reason;
}

TEST_F(FanOutTest, AddsStartsStopsAndRemovesDestinations) {
  ASSERT_TRUE(streams.create(taking("copy")).has_value());
  ASSERT_TRUE(streams.create(of_file({})).has_value());
  ASSERT_TRUE(streams.add_forward("main", {.name = "copy", .url = srt("copy"), .enabled = false}).has_value());
  EXPECT_EQ(destination("copy").state, ForwardState::kStopped);
  ASSERT_TRUE(streams.run_forward("main", "copy", true).has_value());
  ASSERT_TRUE(has_segments("copy", 1)) << destination("copy").reason;
  ASSERT_TRUE(streams.wait_until(
      [&] { return metrics().find(R"(rehearsal_forward_sending{destination="copy",stream="main"} 1)") != std::string::npos; }, 60s))
      << metrics();
  EXPECT_THAT(metrics(), HasSubstr(R"(rehearsal_forward_connects_total{destination="copy",stream="main"} 1)"));
  ASSERT_TRUE(streams.run_forward("main", "copy", false).has_value());
  ASSERT_TRUE(reaches("copy", ForwardState::kStopped));
  ASSERT_TRUE(streams.remove_forward("main", "copy").has_value());
  EXPECT_TRUE(streams.find("main")->forward.empty());
  EXPECT_THAT(metrics(), Not(HasSubstr("destination=\"copy\"")));
}

TEST_F(FanOutTest, SaysWhatCannotBe) {
  ASSERT_TRUE(streams.create(of_file({})).has_value());
  ASSERT_TRUE(
      streams.create({.name = "film", .kind = StreamKind::kVod, .source = {.kind = SourceKind::kFile, .file = video()}}).has_value());
  const ForwardSpec good{.name = "cdn", .url = "srt://127.0.0.1:9", .enabled = false};
  ASSERT_TRUE(streams.add_forward("main", good).has_value());
  EXPECT_THAT(streams.add_forward("main", good).error().message, HasSubstr("'cdn' already"));
  EXPECT_THAT(streams.add_forward("main", {.name = "b", .url = "srt://a:1", .what = ForwardWhat::kBackup}).error().message,
              HasSubstr("no backup"));
  EXPECT_THAT(streams.add_forward("other", good).error().message, HasSubstr("no stream 'other'"));
  EXPECT_THAT(streams.add_forward("film", good).error().message, HasSubstr("video on demand"));
  EXPECT_THAT(streams.remove_forward("main", "b").error().message, HasSubstr("no destination 'b'"));
  EXPECT_THAT(streams.run_forward("main", "b", true).error().message, HasSubstr("no destination 'b'"));
  StreamSpec twice = of_file({good, good});
  twice.name = "twice";
  EXPECT_THAT(streams.create(twice).error().message, HasSubstr("forward[1].name: 'cdn'"));
  twice.forward = {{.name = "cdn", .url = "rtmp://a/hush"}};
  EXPECT_THAT(streams.create(twice).error().message, HasSubstr("forward[0].url: "));
}

}  // namespace
}  // namespace server
