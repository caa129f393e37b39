// The receiving ends that the tests of this folder send to, and what was received, demultiplexed and decoded.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <srt/srt.h>
#include <sys/socket.h>
#include <unistd.h>

extern "C" {
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/steady_timeline.h"
#include "generators/feed/av.h"
#include "generators/feed/feed.h"
#include "generators/feed/srt_caller.h"
#include "generators/rtmp/reply.h"
#include "generators/video/frame_identity.h"
#include "generators/video/video.h"
#include "media/rtmp/amf0.h"
#include "media/rtmp/chunk_reader.h"
#include "media/rtmp/chunk_writer.h"

namespace generators {

using namespace std::chrono_literals;

using Bytes = std::vector<std::uint8_t>;

// More than anything takes that a test waits for, on a busy machine too.
inline constexpr base::Duration kLongest = 50s;

inline bool eventually(const std::function<bool()>& claim, base::Duration within = kLongest, base::Duration every = 5ms) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock{mutex};
  for (const base::Instant end = base::steady_now() + within; base::steady_now() < end; never.wait_for(lock, every))
    if (claim()) return true;
  return claim();
}

struct Packet {
  bool is_video;
  base::Duration dts, duration;
  std::optional<base::UtcTime> timecode;
  int size = 0;
};

inline std::optional<base::UtcTime> timecode_in(const AVPacket& packet) {
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

// What a picture shows, or how loud a frame of sound is.
struct Decoded {
  bool is_video = false;
  base::Duration timestamp{};
  std::optional<base::UtcTime> timecode;
  std::optional<std::uint64_t> identity;  // the frame's number
  double luma = 0;                        // mean
  double peak = 0;                        // of the sound
};

struct Received {
  std::vector<Packet> packets;  // in the order they came in
  std::vector<Decoded> decoded;
};

inline Decoded look_at(const AVFrame& frame, bool is_video) {
  Decoded seen{.is_video = is_video, .timestamp = base::Duration{frame.pts}};
  if (is_video) {
    std::uint64_t sum = 0;
    for (int y = 0; y < frame.height; ++y)
      for (int x = 0; x < frame.width; ++x) sum += frame.data[0][y * frame.linesize[0] + x];
    seen.luma = static_cast<double>(sum) / (frame.width * frame.height);
    if (const auto identity = read_frame_identity({frame.data[0], frame.linesize[0], frame.width, frame.height}))
      seen.identity = identity->frame;
  } else {
    for (int channel = 0; channel < frame.ch_layout.nb_channels; ++channel)
      for (int i = 0; i < frame.nb_samples; ++i)
        seen.peak = std::max(seen.peak, std::abs(static_cast<double>(reinterpret_cast<const float*>(frame.extended_data[channel])[i])));
  }
  return seen;
}

class TrackDecoderForTest {
 public:
  explicit TrackDecoderForTest(const AVStream& stream) : is_video_{stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO} {
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    context_.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(context_.get(), stream.codecpar);
    context_->thread_count = 1;
    avcodec_open2(context_.get(), codec, nullptr);
  }
  void decode(const AVPacket* packet, std::vector<Decoded>& into) {
    if (packet != nullptr && is_video_) timecodes_[packet->pts] = timecode_in(*packet);
    avcodec_send_packet(context_.get(), packet);
    while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) {
      into.push_back(look_at(*frame_, is_video_));
      if (is_video_) into.back().timecode = timecodes_[frame_->pts];
    }
  }

 private:
  bool is_video_;
  AvCodecOwner context_;
  AvFrameOwner frame_{av_frame_alloc()};
  std::map<std::int64_t, std::optional<base::UtcTime>> timecodes_;
};

inline Received read_back(const Bytes& stream, const char* format, bool decodes) {
  Received received;
  Source source{stream};
  AVIOContext* io = avio_alloc_context(static_cast<unsigned char*>(av_malloc(4096)), 4096, 0, &source, &Source::read, nullptr, nullptr);
  AVFormatContext* context = avformat_alloc_context();
  context->pb = io;
  context->correct_ts_overflow = 0;  // as they are on the wire
  if (avformat_open_input(&context, "", av_find_input_format(format), nullptr) == 0 && avformat_find_stream_info(context, nullptr) >= 0) {
    std::vector<TrackDecoderForTest> decoders;
    for (unsigned i = 0; decodes && i < context->nb_streams; ++i) decoders.emplace_back(*context->streams[i]);
    const AvPacketOwner packet{av_packet_alloc()};
    for (; av_read_frame(context, packet.get()) >= 0; av_packet_unref(packet.get())) {
      const AVStream& stream_of = *context->streams[packet->stream_index];
      av_packet_rescale_ts(packet.get(), stream_of.time_base, kNanoseconds);
      received.packets.push_back({stream_of.codecpar->codec_type == AVMEDIA_TYPE_VIDEO, base::Duration{packet->dts},
                                  base::Duration{packet->duration}, timecode_in(*packet), packet->size});
      if (decodes) decoders[static_cast<std::size_t>(packet->stream_index)].decode(packet.get(), received.decoded);
    }
    for (TrackDecoderForTest& decoder : decoders) decoder.decode(nullptr, received.decoded);
    avformat_close_input(&context);
  }
  av_freep(&io->buffer);
  avio_context_free(&io);
  return received;
}

inline std::vector<Packet> demux(const Bytes& stream) { return read_back(stream, "mpegts", false).packets; }
inline std::vector<Decoded> decoded(const Bytes& stream, const char* format = "mpegts") { return read_back(stream, format, true).decoded; }

template <class T>
std::vector<T> only(std::vector<T> all, bool video) {
  std::erase_if(all, [video](const T& one) { return one.is_video != video; });
  return all;
}

// The wall clock of the last picture; of none: before any.
inline base::UtcTime latest_picture(const Bytes& stream, const char* format = "mpegts") {
  base::UtcTime latest = base::UtcTime::min();
  for (const Packet& packet : read_back(stream, format, false).packets)
    if (packet.timecode) latest = std::max(latest, *packet.timecode);
  return latest;
}

// How often what has come is looked at, which takes longer than to ask whether anything has.
inline constexpr base::Duration kLook = 50ms;

// The receiving end: an SRT socket on a free loopback port, listening unless told otherwise, and the connection it has accepted.
class SrtReceiver {
 public:
  explicit SrtReceiver(const std::string& passphrase = "", bool listens = true) : listener_{srt_create_socket()} {
    const bool no = false;
    srt_setsockflag(listener_, SRTO_RCVSYN, &no, sizeof no);
    const int patience = 2 * static_cast<int>(base::to_milliseconds(kLongest));  // a connection that ends has been ended by the peer
    srt_setsockflag(listener_, SRTO_PEERIDLETIMEO, &patience, sizeof patience);
    if (!passphrase.empty()) srt_setsockflag(listener_, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    srt_bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    srt_listen_callback(listener_, &SrtReceiver::count_attempt, this);
    if (listens) listen();
  }
  ~SrtReceiver() {
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
  bool accepts(base::Duration within = kLongest) {
    return eventually([this] { return (connection_ = srt_accept(listener_, nullptr, nullptr)) != SRT_INVALID_SOCK; }, within);
  }
  // Until the feed, too, sees the connection, its `connects`-th: to one that it leaves before it says no goodbye.
  bool accepts(const Feed& feed, std::size_t output = 0, std::uint64_t connects = 1) {
    bool is_accepted = false;
    return eventually([&] {
      const Feed::Stats stats = feed.stats(output);  // first: what it sees can be accepted
      for (SRTSOCKET next; (next = srt_accept(listener_, nullptr, nullptr)) != SRT_INVALID_SOCK; is_accepted = true) connection_ = next;
      return is_accepted && stats.connected && stats.connects >= connects;
    });
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
  // Until the claim holds of what has come, or the connection has ended.
  Bytes receive_until(const std::function<bool(const Bytes&)>& claim) {
    Bytes all;
    eventually([&] { return append_available(all), !is_connected() || claim(all); }, kLongest, kLook);
    return all;
  }
  // Until a picture has come that was due at `until` or later.
  Bytes receive(base::UtcTime until) {
    return receive_until([until](const Bytes& all) { return latest_picture(all) >= until; });
  }
  Bytes receive_pictures(std::size_t count) {
    return receive_until([count](const Bytes& all) { return only(demux(all), true).size() >= count; });
  }
  // What has come since the last call; takes no time.
  void append(Bytes& all) { append_available(all); }
  void drop() { srt_close(std::exchange(connection_, SRT_INVALID_SOCK)); }
  int attempts() const { return attempts_; }
  int largest_payload() const { return largest_payload_; }

 private:
  static int count_attempt(void* self, SRTSOCKET, int, const sockaddr*, const char*) {
    return ++static_cast<SrtReceiver*>(self)->attempts_, 0;
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

// Until each has received a picture that was due at `until` or later.
inline std::pair<Bytes, Bytes> receive_both(SrtReceiver& first, SrtReceiver& second, base::UtcTime until) {
  std::pair<Bytes, Bytes> both;
  const auto have_come = [&] {
    first.append(both.first), second.append(both.second);
    return latest_picture(both.first) >= until && latest_picture(both.second) >= until;
  };
  EXPECT_TRUE(eventually(have_come, kLongest, kLook));
  return both;
}

// A small RTMP server on a free loopback port that takes one publisher at a time and keeps what it sends as an FLV file.
class RtmpReceiver {
 public:
  enum class Manner { kAccepts, kRefusesKey, kSaysNothing, kSpeaksHttp };
  explicit RtmpReceiver(Manner manner = Manner::kAccepts) : manner_{manner}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 5);
  }
  ~RtmpReceiver() {
    drop();
    ::close(listener_);
  }
  int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  void drop() {
    if (connection_ >= 0) ::close(std::exchange(connection_, -1));
  }
  // Serves until the claim holds.
  bool serves_until(const std::function<bool()>& claim, base::Duration within = kLongest, base::Duration every = 5ms) {
    return eventually([&] { return turn(), claim(); }, within, every);
  }
  void serves(base::Duration time) {
    serves_until([] { return false; }, time);
  }
  bool is_publishing() const { return connection_ >= 0 && is_publishing_; }
  const Bytes& flv() const { return flv_; }
  const std::vector<std::string>& commands() const { return commands_; }
  const std::vector<std::uint32_t>& timestamps() const { return timestamps_; }  // of the media messages
  int end() const { return end_; }                                              // 0: closed; else the error it ended with
  bool has_ended() const { return has_ended_; }

 private:
  using MessageType = media::rtmp::MessageType;
  void turn() {
    if (connection_ < 0) accept();
    char bytes[65536];
    for (ssize_t got = 0; connection_ >= 0;) {
      got = ::recv(connection_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) {
        end_ = got < 0 ? errno : 0;
        has_ended_ = true;
        drop();
        return;
      }
      in_.append(bytes, static_cast<std::size_t>(got));
      read();
    }
  }
  void accept() {
    connection_ = ::accept(listener_, nullptr, nullptr);
    if (connection_ < 0) return;
    in_.clear();
    reader_ = {};
    reader_.keep_at_most(16u << 20);
    has_shaken_ = has_answered_ = is_publishing_ = has_ended_ = false;
    flv_ = {'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0};
    if (manner_ == Manner::kSpeaksHttp) say("HTTP");
  }
  void read() {
    constexpr std::size_t kHandshake = media::rtmp::kHandshakePart;
    if (manner_ == Manner::kSaysNothing || manner_ == Manner::kSpeaksHttp) return in_.clear();
    if (!has_shaken_ && in_.size() >= 1 + kHandshake && !has_answered_) {
      say(std::string(1 + kHandshake, '\3').append(in_, 1, kHandshake));
      has_answered_ = true;
    }
    if (!has_shaken_ && in_.size() >= 1 + 2 * kHandshake) {
      EXPECT_TRUE(std::all_of(in_.begin() + 1 + kHandshake, in_.begin() + 1 + 2 * kHandshake, [](char byte) { return byte == 3; }));
      in_.erase(0, 1 + 2 * kHandshake);
      has_shaken_ = true;
      has_answered_ = false;
    }
    if (!has_shaken_) return;
    for (media::rtmp::Bytes bytes = media::rtmp::bytes_of(in_);;) {
      const auto message = reader_.next(bytes);
      ASSERT_TRUE(message.has_value()) << message.error().message;
      if (!*message) break;
      take(**message);
    }
    in_.clear();
  }
  void take(const media::rtmp::Message& message) {
    if (message.type == MessageType::kCommand) return obey(message);
    if (message.type != MessageType::kAudio && message.type != MessageType::kVideo) return;
    EXPECT_TRUE(is_publishing_);
    timestamps_.push_back(message.timestamp);
    const auto size = static_cast<std::uint32_t>(message.payload.size()), time = message.timestamp;
    for (const std::uint32_t byte :
         {static_cast<std::uint32_t>(message.type), size >> 16, size >> 8, size, time >> 16, time >> 8, time, time >> 24, 0u, 0u, 0u})
      flv_.push_back(static_cast<std::uint8_t>(byte));
    flv_.insert(flv_.end(), message.payload.begin(), message.payload.end());
    for (const int shift : {24, 16, 8, 0}) flv_.push_back(static_cast<std::uint8_t>((size + 11) >> shift));
  }
  void obey(const media::rtmp::Message& message) {
    using media::rtmp::amf, media::rtmp::amf_null;
    const auto command = read_reply(message.payload);
    ASSERT_TRUE(command);
    commands_.push_back(command->name);
    if (command->name == "connect") {
      // Windows and a chunk size as servers send them first, then the answer in chunks of that size.
      announce(MessageType::kWindowAckSize, 5'000'000);
      announce(MessageType::kSetChunkSize, kChunk);
      answer({amf("_result"), amf(command->transaction), amf_null(), amf({{"code", amf("NetConnection.Connect.Success")}})});
    } else if (command->name == "createStream") {
      answer({amf("_result"), amf(command->transaction), amf_null(), amf(1.0)});
    } else if (command->name == "publish") {
      is_publishing_ = manner_ == Manner::kAccepts;
      answer({amf("onStatus"), amf(0.0), amf_null(),
              amf({{"level", amf(is_publishing_ ? "status" : "error")},
                   {"code", amf(is_publishing_ ? "NetStream.Publish.Start" : "NetStream.Publish.BadName")},
                   {"description", amf(is_publishing_ ? "go on" : "wrong key")}})});
    }
  }
  void announce(MessageType type, std::uint32_t value) const {
    std::string payload, chunks;
    media::rtmp::append_big<4>(payload, value);
    media::rtmp::append_message(chunks, 2, {.type = type, .payload = media::rtmp::bytes_of(payload)}, media::rtmp::kFirstChunkSize);
    say(chunks);
  }
  void answer(std::initializer_list<media::rtmp::AmfValue> values) const {
    const std::string payload = media::rtmp::amf_payload(values);
    std::string chunks;
    media::rtmp::append_message(chunks, 3, {.type = MessageType::kCommand, .payload = media::rtmp::bytes_of(payload)}, kChunk);
    say(chunks);
  }
  // A peer that is gone is found by reading.
  void say(std::string_view bytes) const { std::ignore = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  static constexpr std::uint32_t kChunk = 60;
  const Manner manner_;
  int listener_, connection_ = -1, end_ = 0;
  bool has_shaken_ = false, has_answered_ = false, is_publishing_ = false, has_ended_ = false;
  std::string in_;
  Bytes flv_;
  media::rtmp::ChunkReader reader_;
  std::vector<std::string> commands_;
  std::vector<std::uint32_t> timestamps_;
};

// A second of test video, sent over and over.
class FeedTest : public testing::Test {
 protected:
  static constexpr const char* kSecret = "correct horse";
  FeedTest() : file_{testing::TempDir() + "feed-" + std::to_string(getpid()) + ".mp4"} {
    av_log_set_level(AV_LOG_FATAL);  // what is received begins and ends anywhere
    generate_video({.pattern = Pattern::kTalk, .width = 320, .height = 180, .fps = 25, .duration = 1s, .bitrate = {}, .file = file_}, {});
  }
  ~FeedTest() override { std::remove(file_.c_str()); }
  static SrtDestination at(const SrtReceiver& receiver) { return {.port = receiver.port(), .streamid = "#!::r=main,m=publish"}; }
  static RtmpDestination at(const RtmpReceiver& receiver) { return {.port = receiver.port(), .app = "live", .key = "main"}; }
  Feed::Options to(const SrtReceiver& receiver) const { return {.file = file_, .to = {at(receiver)}}; }
  std::string file_;
};

}  // namespace generators
