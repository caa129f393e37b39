#include "generators/feed/feed.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <srt/srt.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "generators/feed/av.h"
#include "generators/feed/srt_caller.h"
#include "generators/video/video.h"

namespace generators {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

bool eventually(const std::function<bool()>& claim, base::Duration within) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock{mutex};
  for (const base::Instant end = base::steady_now() + within; base::steady_now() < end; never.wait_for(lock, 5ms))
    if (claim()) return true;
  return claim();
}

// The receiving end: an SRT socket on a free loopback port, listening unless told otherwise, and the connection it has accepted.
class Receiver {
 public:
  explicit Receiver(const std::string& passphrase = "", bool listens = true) : listener_{srt_create_socket()} {
    const bool no = false;
    srt_setsockflag(listener_, SRTO_RCVSYN, &no, sizeof no);
    if (!passphrase.empty()) srt_setsockflag(listener_, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    srt_bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    srt_listen_callback(listener_, &Receiver::count_attempt, this);
    if (listens) listen();
  }
  ~Receiver() {
    srt_close(connection_);
    srt_close(listener_);
  }
  void listen() const { srt_listen(listener_, 5); }
  int port() const {
    sockaddr_in address{};
    int size = sizeof address;
    srt_getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  bool accepts(base::Duration within) {
    return eventually([this] { return (connection_ = srt_accept(listener_, nullptr, nullptr)) != SRT_INVALID_SOCK; }, within);
  }
  std::string streamid() const {
    char text[513] = {};
    int size = sizeof text;
    srt_getsockflag(connection_, SRTO_STREAMID, text, &size);
    return text;
  }
  bool is_connected() const { return srt_getsockstate(connection_) == SRTS_CONNECTED; }
  Bytes receive(base::Duration time) {
    Bytes all;
    eventually([&] { return append_available(all), !is_connected(); }, time);
    return all;
  }
  void drop() { srt_close(std::exchange(connection_, SRT_INVALID_SOCK)); }
  int attempts() const { return attempts_; }
  int largest_payload() const { return largest_payload_; }

 private:
  static int count_attempt(void* self, SRTSOCKET, int, const sockaddr*, const char*) {
    return ++static_cast<Receiver*>(self)->attempts_, 0;
  }
  void append_available(Bytes& all) {
    char payload[1500];
    for (int size = 0; (size = srt_recvmsg(connection_, payload, sizeof payload)) > 0;) {
      all.insert(all.end(), payload, payload + size);
      largest_payload_ = std::max(largest_payload_, size);
    }
  }
  SrtLibrary library_;
  SRTSOCKET listener_;
  SRTSOCKET connection_ = SRT_INVALID_SOCK;
  int largest_payload_ = 0;
  std::atomic<int> attempts_ = 0;
};

struct Packet {
  bool is_video;
  base::Duration dts, duration;
  std::optional<base::UtcTime> timecode;
};

std::optional<base::UtcTime> timecode_in(const AVPacket& packet) {
  Bytes plain;  // without emulation prevention
  for (int i = 0; i < packet.size; ++i)
    if (!(i >= 2 && packet.data[i] == 3 && packet.data[i - 1] == 0 && packet.data[i - 2] == 0)) plain.push_back(packet.data[i]);
  const auto found = std::search(plain.begin(), plain.end(), kTimecodeUuid.begin(), kTimecodeUuid.end());
  if (plain.end() - found < 24) return std::nullopt;
  std::uint64_t us = 0;
  std::for_each(found + 16, found + 24, [&us](std::uint8_t byte) { us = (us << 8) | byte; });
  return base::UtcTime{std::chrono::microseconds{us}};
}

struct Source {
  const Bytes& bytes;
  std::size_t place = 0;
  static int read(void* self, std::uint8_t* to, int size) {
    auto& source = *static_cast<Source*>(self);
    const std::size_t count = std::min(static_cast<std::size_t>(size), source.bytes.size() - source.place);
    if (count == 0) return AVERROR_EOF;
    std::memcpy(to, source.bytes.data() + source.place, count);
    source.place += count;
    return static_cast<int>(count);
  }
};

std::vector<Packet> demux(const Bytes& stream) {
  std::vector<Packet> packets;
  Source source{stream};
  AVIOContext* io = avio_alloc_context(static_cast<unsigned char*>(av_malloc(4096)), 4096, 0, &source, &Source::read, nullptr, nullptr);
  AVFormatContext* context = avformat_alloc_context();
  context->pb = io;
  if (avformat_open_input(&context, "", av_find_input_format("mpegts"), nullptr) == 0 && avformat_find_stream_info(context, nullptr) >= 0) {
    const AvPacketOwner packet{av_packet_alloc()};
    for (; av_read_frame(context, packet.get()) >= 0; av_packet_unref(packet.get())) {
      const bool is_video = context->streams[packet->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
      packets.push_back(
          {is_video, base::Duration{packet->dts * 100'000 / 9}, base::Duration{packet->duration * 100'000 / 9}, timecode_in(*packet)});
    }
    avformat_close_input(&context);
  }
  av_freep(&io->buffer);
  avio_context_free(&io);
  return packets;
}

std::vector<Packet> only(std::vector<Packet> packets, bool video) {
  std::erase_if(packets, [video](const Packet& packet) { return packet.is_video != video; });
  return packets;
}

class FeedTest : public testing::Test {
 protected:
  static constexpr const char* kSecret = "correct horse";
  FeedTest() : file_{testing::TempDir() + "feed-" + std::to_string(getpid()) + ".mp4"} {
    generate_video({.pattern = Pattern::kTalk, .width = 320, .height = 180, .fps = 25, .duration = 1s, .bitrate = {}, .file = file_}, {});
  }
  ~FeedTest() override { std::remove(file_.c_str()); }
  Feed::Options to(const Receiver& receiver) const {
    return {.file = file_, .port = receiver.port(), .streamid = "#!::r=main,m=publish", .passphrase = ""};
  }
  std::string file_;
};

TEST_F(FeedTest, TimestampsGrowEvenlyOverTheLoop) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const auto packets = demux(receiver.receive(1800ms));
  const auto video = only(packets, true), audio = only(packets, false);
  ASSERT_GT(video.size(), 30u);
  for (std::size_t i = 1; i < video.size(); ++i) EXPECT_NEAR(base::to_milliseconds(video[i].dts - video[i - 1].dts), 40, 0.1);
  ASSERT_GT(audio.size(), 50u);
  for (std::size_t i = 1; i < audio.size(); ++i) EXPECT_GE(base::to_milliseconds(audio[i].dts - audio[i - 1].dts), 21.2);
  EXPECT_LE(receiver.largest_payload(), 1316);
}

TEST_F(FeedTest, EveryPictureCarriesTheWallClock) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const auto video = only(demux(receiver.receive(700ms)), true);
  const base::UtcTime now = base::utc_now();
  ASSERT_GT(video.size(), 8u);
  for (const Packet& picture : video) {
    ASSERT_TRUE(picture.timecode);
    EXPECT_LT(*picture.timecode, now);
    EXPECT_GT(*picture.timecode, now - 2s);
    EXPECT_NEAR(base::to_milliseconds((*picture.timecode - *video[0].timecode) - (picture.dts - video[0].dts)), 0, 0.1);
  }
}

TEST_F(FeedTest, PicturesAreSentInRealTime) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const base::Instant before = base::steady_now();
  ASSERT_TRUE(eventually([&] { return feed.stats().frames_sent >= 50; }, 5s));
  const double seconds = base::to_seconds(base::steady_now() - before);
  EXPECT_GT(seconds, 1.5);  // 2 s less what is caught up after connecting
}

TEST_F(FeedTest, StreamidReachesTheListener) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  EXPECT_EQ(receiver.streamid(), "#!::r=main,m=publish");
}

TEST_F(FeedTest, StopDropsTheConnection) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  ASSERT_TRUE(eventually([&] { return feed.stats().frames_sent > 0; }, 2s));
  feed.stop();
  EXPECT_FALSE(feed.stats().connected);
  EXPECT_TRUE(eventually([&] { return !receiver.is_connected(); }, 1s));
}

TEST_F(FeedTest, RestartGoesOnWhereTheWallClockIs) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const auto before = only(demux(receiver.receive(500ms)), true);
  feed.stop();
  eventually([] { return false; }, 600ms);
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const auto after = only(demux(receiver.receive(1400ms)), true);
  ASSERT_TRUE(!before.empty() && !after.empty());
  const base::Duration jump = after.front().dts - before.back().dts;
  EXPECT_GT(jump, 400ms);  // the outage, or what is left of it when the next picture to start with is a key frame
  ASSERT_TRUE(before.back().timecode && after.front().timecode);
  EXPECT_NEAR(base::to_milliseconds(jump), base::to_milliseconds(*after.front().timecode - *before.back().timecode), 20);
}

TEST_F(FeedTest, TotalDegradationLeavesOnlySound) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.degrade(1);
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  const auto packets = demux(receiver.receive(800ms));
  EXPECT_TRUE(only(packets, true).empty());
  EXPECT_FALSE(only(packets, false).empty());
  EXPECT_EQ(feed.stats().frames_sent, 0u);
}

TEST_F(FeedTest, WrongPassphraseIsReportedAndTriedAgain) {
  Receiver receiver{kSecret};
  Feed::Options options = to(receiver);
  options.passphrase = "battery staple";
  Feed feed{options};
  feed.start();
  EXPECT_TRUE(eventually([&] { return feed.stats().last_error.find("the passphrase is wrong") != std::string::npos; }, 3s));
  EXPECT_TRUE(eventually([&] { return receiver.attempts() >= 2; }, 3s));
  EXPECT_EQ(feed.stats().connects, 0u);
}

TEST_F(FeedTest, RightPassphraseIsAccepted) {
  Receiver receiver{kSecret};
  Feed::Options options = to(receiver);
  options.passphrase = kSecret;
  Feed feed{options};
  feed.start();
  ASSERT_TRUE(receiver.accepts(2s));
  EXPECT_FALSE(only(demux(receiver.receive(600ms)), true).empty());
  EXPECT_EQ(feed.stats().last_error, "");
}

TEST_F(FeedTest, KeepsTryingUntilSomebodyListens) {
  Receiver receiver{"", false};
  Feed feed{to(receiver)};
  feed.start();
  ASSERT_TRUE(eventually([&] { return !feed.stats().last_error.empty(); }, 5s));
  EXPECT_NE(feed.stats().last_error.find("nobody answers"), std::string::npos) << feed.stats().last_error;
  receiver.listen();
  EXPECT_TRUE(receiver.accepts(4s));
  EXPECT_TRUE(eventually([&] { return feed.stats().connected && feed.stats().last_error.empty(); }, 1s));
}

TEST_F(FeedTest, ConnectsAgainAfterALoss) {
  Receiver receiver;
  Feed feed{to(receiver)};
  feed.start();
  for (std::uint64_t connects = 1; connects <= 2; ++connects) {
    ASSERT_TRUE(receiver.accepts(3s));
    ASSERT_TRUE(eventually([&] { return feed.stats().connects == connects; }, 1s));
    receiver.drop();
  }
}

TEST_F(FeedTest, StopWhileConnectingReturnsPromptly) {
  Receiver receiver{"", false};
  Feed feed{to(receiver)};
  feed.start();
  const base::Instant before = base::steady_now();
  feed.stop();
  EXPECT_LT(base::steady_now() - before, 500ms);
}

TEST_F(FeedTest, OptionsThatCannotWorkAreNamed) {
  EXPECT_THROW(Feed({.file = file_, .port = 0, .streamid = "", .passphrase = ""}), base::RunFailed);
  EXPECT_THROW(Feed({.file = file_, .port = 9, .streamid = "", .passphrase = "short"}), base::RunFailed);
  EXPECT_THROW(Feed({.file = "/nowhere.mp4", .port = 9, .streamid = "", .passphrase = ""}), base::RunFailed);
}

}  // namespace
}  // namespace generators
