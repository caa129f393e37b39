// An RTMP server for tests, libavformat's: takes one publisher and writes down what it sends.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/ingest/av_handles.h"

namespace server {

// A TCP socket at a free port of the loopback interface. Whoever calls gets a connection, but no answer.
class SilentListener {
 public:
  SilentListener() : socket_{socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 8);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentListener() { close(socket_); }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

// Where nobody listens.
inline int free_port() { return SilentListener{}.port(); }

struct ReceivedPacket {
  bool video = false, key = false;
  std::int64_t dts = 0, pts = 0;     // ms
  std::vector<std::uint8_t> head{};  // its first 16 bytes
};

class RtmpReceiver {
 public:
  explicit RtmpReceiver(int port, bool reads = true) : port_{port}, reads_{reads}, thread_{[this] { run(); }} {}
  ~RtmpReceiver() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  RtmpReceiver(const RtmpReceiver&) = delete;
  RtmpReceiver& operator=(const RtmpReceiver&) = delete;

  void read_on() {
    {
      const std::lock_guard lock{mutex_};
      reads_ = true;
    }
    changed_.notify_all();
  }
  // Packets of the tracks; false: they have not come.
  bool has_received(std::size_t packets) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return received_.size() >= packets; });
  }
  bool has_ended() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return ended_; });
  }
  std::vector<ReceivedPacket> received() const {
    const std::lock_guard lock{mutex_};
    return received_;
  }
  // Of the track's parameter sets.
  std::size_t extradata(AVCodecID codec) const {
    const std::lock_guard lock{mutex_};
    return codec == AV_CODEC_ID_H264 ? h264_extradata_ : codec == AV_CODEC_ID_AAC ? aac_extradata_ : 0;
  }

 private:
  static int is_stopping(void* self) { return static_cast<RtmpReceiver*>(self)->stopping_ ? 1 : 0; }

  void run() {
    AVFormatContext* opened = avformat_alloc_context();
    opened->interrupt_callback = {&RtmpReceiver::is_stopping, this};
    AVDictionary* options = nullptr;
    av_dict_set(&options, "listen", "1", 0);
    const std::string url = fmt::format("rtmp://127.0.0.1:{}/live/x", port_);
    const int code = avformat_open_input(&opened, url.c_str(), av_find_input_format("flv"), &options);
    av_dict_free(&options);
    if (code >= 0) read(AvInputPtr{opened});
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }

  void read(AvInputPtr input) {
    const AvPacketPtr packet{av_packet_alloc()};
    while (may_read() && av_read_frame(input.get(), packet.get()) >= 0) {
      const AVCodecParameters& of = *input->streams[packet->stream_index]->codecpar;
      {
        const std::lock_guard lock{mutex_};
        if (of.codec_id == AV_CODEC_ID_H264) h264_extradata_ = static_cast<std::size_t>(of.extradata_size);
        if (of.codec_id == AV_CODEC_ID_AAC) aac_extradata_ = static_cast<std::size_t>(of.extradata_size);
        received_.push_back({.video = of.codec_type == AVMEDIA_TYPE_VIDEO,
                             .key = (packet->flags & AV_PKT_FLAG_KEY) != 0,
                             .dts = packet->dts,
                             .pts = packet->pts,
                             .head = {packet->data, packet->data + std::min(packet->size, 16)}});
      }
      changed_.notify_all();
      av_packet_unref(packet.get());
    }
  }

  bool may_read() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return reads_ || stopping_; });
    return !stopping_;
  }

  const int port_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool reads_;
  std::atomic<bool> stopping_ = false;
  bool ended_ = false;
  std::vector<ReceivedPacket> received_;
  std::size_t h264_extradata_ = 0, aac_extradata_ = 0;
  std::thread thread_;
};

}  // namespace server
