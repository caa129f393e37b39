#include "server/forwarding/forwarder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "generators/video/video.h"
#include "server/forwarding/packet_for_test.h"
#include "server/forwarding/rtmp_receiver_for_test.h"
#include "server/ingest/file/source.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// A source whose packets go to a forwarder.
class Pass final : public SourceSink {
 public:
  explicit Pass(Forwarder& to) : to_{to} {}
  void on_connected() override {}
  void on_bytes(std::span<const std::uint8_t>, Container) override {}
  void on_packet(const MediaPacket& packet) override { to_.offer(packet); }
  void on_video(VideoFrame) override {}
  void on_audio(AudioBlock) override {}
  void on_disconnected(const std::string&) override {}
  void on_unusable(const std::string&) override {}
  void on_refused(Refusal, const std::string&) override {}
  void on_failed(const std::string& reason) override { ADD_FAILURE() << reason; }

 private:
  Forwarder& to_;
};

// One forwarder, and a wait for its state.
class Watched {
 public:
  explicit Watched(std::string url, PacketLimits limits = {}, base::Resolver::LookUp look_up = base::look_up_host)
      : forwarder{{.name = "cdn", .url = std::move(url), .what = ForwardWhat::kPrimary},
                  {.limits = limits,
                   .on_change =
                       [this] {
                         { const std::lock_guard lock{mutex_}; }
                         changed_.notify_all();
                       },
                   .look_up = std::move(look_up)}} {}
  bool reaches(ForwardState state) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 60s, [&] { return forwarder.status().state == state; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;

 public:
  Forwarder forwarder;
};

struct ForwarderTest : testing::Test {
  static void SetUpTestSuite() { av_log_set_level(AV_LOG_FATAL); }
  ForwarderTest() { std::filesystem::create_directories(folder); }
  ~ForwarderTest() override { std::filesystem::remove_all(folder); }
  std::string video(base::Duration length) const {
    generators::VideoSpec spec{
        .pattern = generators::Pattern::kTalk, .width = 320, .height = 240, .duration = length, .file = folder + "/talk.mp4"};
    generators::generate_video(spec, [](double) { return true; });
    return spec.file;
  }
  static std::string rtmp(int port) { return fmt::format("rtmp://127.0.0.1:{}/live/hush", port); }
  const std::string folder = testing::TempDir() + "rehearsal-forwarder-" + std::to_string(getpid());
};

// Also: a key frame first, time never goes back in a track, sound and pictures keep together.
std::size_t pictures_of(const std::vector<ReceivedPacket>& packets) {
  std::size_t pictures = 0;
  std::int64_t last_video = -1, last_sound = -1;
  for (const ReceivedPacket& packet : packets) {
    if (packet.video && ++pictures == 1) {
      EXPECT_TRUE(packet.key);
    }
    std::int64_t& last = packet.video ? last_video : last_sound;
    EXPECT_GT(packet.dts, last);
    EXPECT_GE(packet.pts, packet.dts);
    last = packet.dts;
  }
  if (last_sound >= 0) {
    EXPECT_LE(std::abs(last_sound - last_video), 1500);
  }
  return pictures;
}

TEST_F(ForwarderTest, SendsAFileThatLoopsOverRtmpWithoutDecodingIt) {
  const int port = free_port();
  RtmpReceiver receiver{port};
  Watched watched{rtmp(port)};
  Pass pass{watched.forwarder};
  const FileSource source{{video(1s)}, pass};
  ASSERT_TRUE(receiver.has_received(200)) << watched.forwarder.status().reason;
  EXPECT_GT(pictures_of(receiver.received()), 70U);
  EXPECT_GT(receiver.extradata(AV_CODEC_ID_H264), 10U);
  EXPECT_GE(receiver.extradata(AV_CODEC_ID_AAC), 2U);
  const ForwardStatus status = watched.forwarder.status();
  EXPECT_EQ(status.state, ForwardState::kSending);
  EXPECT_EQ(status.connects, 1U);
  EXPECT_GE(status.packets, 200U);
  EXPECT_GT(status.bytes, 10'000U);
  EXPECT_EQ(status.dropped, 0U);
}

TEST_F(ForwarderTest, SaysGoodbyeWhenItIsStoppedAndBeginsAnewWhenItIsStarted) {
  const int port = free_port();
  Watched watched{rtmp(port)};
  Pass pass{watched.forwarder};
  const FileSource source{{video(1s)}, pass};
  for (std::uint64_t time = 1; time <= 2; ++time) {
    RtmpReceiver receiver{port};
    ASSERT_TRUE(receiver.has_received(20)) << watched.forwarder.status().reason;
    EXPECT_EQ(watched.forwarder.status().connects, time);
    watched.forwarder.stop();
    EXPECT_TRUE(receiver.has_ended());
    EXPECT_TRUE(watched.reaches(ForwardState::kStopped));
    EXPECT_GT(pictures_of(receiver.received()), 5U);
    watched.forwarder.start();
  }
}

TEST_F(ForwarderTest, WaitsForSomethingToSend) {
  Watched watched{rtmp(free_port())};
  EXPECT_TRUE(watched.reaches(ForwardState::kWaiting));
  EXPECT_EQ(watched.forwarder.status().reason, "the primary source sends nothing");
  watched.forwarder.stop();
  EXPECT_TRUE(watched.reaches(ForwardState::kStopped));
}

TEST_F(ForwarderTest, TriesAgainWhereNobodyListensAndSaysSoWithoutTheKey) {
  const int port = free_port();
  Watched watched{rtmp(port)};
  Pass pass{watched.forwarder};
  const FileSource source{{video(1s)}, pass};
  ASSERT_TRUE(watched.reaches(ForwardState::kRetrying));
  const ForwardStatus status = watched.forwarder.status();
  EXPECT_THAT(status.reason, HasSubstr(fmt::format("rtmp://127.0.0.1:{}/live/… cannot be reached: Connection refused", port)));
  EXPECT_THAT(status.reason, Not(HasSubstr("hush")));
  EXPECT_GE(status.failures, 1U);
  RtmpReceiver receiver{port};
  EXPECT_TRUE(receiver.has_received(20)) << watched.forwarder.status().reason;
}

TEST_F(ForwarderTest, TriesAgainWhenTheOtherSideHangsUp) {
  const int port = free_port();
  Watched watched{rtmp(port)};
  Pass pass{watched.forwarder};
  const FileSource source{{video(1s)}, pass};
  EXPECT_TRUE(RtmpReceiver{port}.has_received(20));
  ASSERT_TRUE(watched.reaches(ForwardState::kRetrying));
  RtmpReceiver second{port};
  ASSERT_TRUE(second.has_received(20)) << watched.forwarder.status().reason;
  EXPECT_GT(pictures_of(second.received()), 5U);
}

// The connection is made, the handshake gets no answer.
TEST_F(ForwarderTest, StopsWhileItConnects) {
  const SilentListener silent;
  const auto before = base::steady_now();
  {
    Watched watched{rtmp(silent.port())};
    Pass pass{watched.forwarder};
    const FileSource source{{video(1s)}, pass};
    ASSERT_TRUE(watched.reaches(ForwardState::kConnecting));
    watched.forwarder.stop();
    EXPECT_TRUE(watched.reaches(ForwardState::kStopped));
    watched.forwarder.start();
    ASSERT_TRUE(watched.reaches(ForwardState::kConnecting));
  }
  EXPECT_LT(base::steady_now() - before, 5s) << "no wait for the time-out";
}

TEST_F(ForwarderTest, StopsWhileTheNameServerDoesNotAnswer) {
  std::promise<void> answer;
  const auto look_up = [answered = answer.get_future().share()](const std::string&, int port) {
    answered.wait();
    return base::look_up_host("127.0.0.1", port);
  };
  {
    Watched watched{"rtmp://slow.example/live/hush", {}, look_up};
    Pass pass{watched.forwarder};
    const FileSource source{std::vector{video(1s)}, pass};
    ASSERT_TRUE(watched.reaches(ForwardState::kConnecting));
    watched.forwarder.stop();
    EXPECT_TRUE(watched.reaches(ForwardState::kStopped));
    watched.forwarder.start();
    ASSERT_TRUE(watched.reaches(ForwardState::kConnecting));
  }
  answer.set_value();  // not before: the destination is gone
}

TEST_F(ForwarderTest, TriesTheOtherAddressesOfANameWhereOneDoesNotTakeIt) {
  const int port = free_port();
  RtmpReceiver receiver{port};
  const auto two = [](const std::string&, int at) {
    base::HostAddresses addresses = *base::look_up_host("127.0.0.2", at);  // where nobody listens
    addresses.push_back(base::look_up_host("127.0.0.1", at)->front());
    return base::Result<base::HostAddresses>{addresses};
  };
  Watched watched{fmt::format("rtmp://two.example:{}/live/hush", port), {}, two};
  Pass pass{watched.forwarder};
  const FileSource source{std::vector{video(1s)}, pass};
  ASSERT_TRUE(receiver.has_received(20)) << watched.forwarder.status().reason;
  EXPECT_EQ(watched.forwarder.status().failures, 0U);
}

void write_32(std::uint8_t* to, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

// Big ones, with their number in them.
MediaPacket big(std::int64_t number) {
  static const std::shared_ptr<const AVCodecParameters> kParameters = [] {
    AvParametersPtr made{avcodec_parameters_alloc()};
    made->codec_type = AVMEDIA_TYPE_VIDEO;
    made->codec_id = AV_CODEC_ID_H264;
    made->width = 320;
    made->height = 240;
    const std::vector<std::uint8_t> avcc{1, 66, 0, 30, 0xff, 0xe1, 0, 4, 0x67, 66, 0, 30, 1, 0, 4, 0x68, 0xce, 0x3c, 0x80};
    set_extradata(*made, avcc);
    return share(std::move(made));
  }();
  constexpr int kSize = 300'000;
  const bool key = number % 10 == 0;
  AvPacketPtr bytes{av_packet_alloc()};
  av_new_packet(bytes.get(), kSize);
  std::memset(bytes->data, 0, kSize);
  write_32(bytes->data, kSize - 4);
  bytes->data[4] = key ? 0x65 : 0x41;
  write_32(bytes->data + 8, static_cast<std::uint32_t>(number));
  MediaPacket packet{.key = key, .packet = share(std::move(bytes))};
  packet.parameters = kParameters;
  packet.decode = packet.present = number * 40ms;
  packet.arrived = base::steady_now();
  return packet;
}

std::int64_t number_of(const ReceivedPacket& packet) {
  return (packet.head[8] << 24) | (packet.head[9] << 16) | (packet.head[10] << 8) | packet.head[11];
}

TEST_F(ForwarderTest, DropsWhatASlowDestinationDoesNotTakeAndGoesOnWithAKeyFrame) {
  const int port = free_port();
  RtmpReceiver receiver{port, false};
  Watched watched{rtmp(port), {.bytes = 4'000'000, .time = 10s}};
  std::int64_t number = 0;
  const auto end = base::steady_now() + 60s;
  while (watched.forwarder.status().dropped == 0 && base::steady_now() < end) watched.forwarder.offer(big(number++));
  ASSERT_GT(watched.forwarder.status().dropped, 0U) << watched.forwarder.status().reason;
  EXPECT_EQ(watched.forwarder.status().state, ForwardState::kSending);
  receiver.read_on();
  const std::uint64_t sent = watched.forwarder.status().packets;
  while (watched.forwarder.status().packets < sent + 50 && base::steady_now() < end) watched.forwarder.offer(big(number++));
  ASSERT_TRUE(receiver.has_received(sent + 20));
  const std::vector<ReceivedPacket> packets = receiver.received();
  std::size_t holes = 0;
  for (std::size_t i = 1; i < packets.size(); ++i) {
    const std::int64_t step = number_of(packets[i]) - number_of(packets[i - 1]);
    ASSERT_GT(step, 0);
    if (step == 1) continue;
    ++holes;
    EXPECT_EQ(number_of(packets[i]) % 10, 0) << "not a key frame";
  }
  EXPECT_GT(holes, 0U);
  EXPECT_EQ(watched.forwarder.status().connects, 1U);
}

}  // namespace
}  // namespace server
