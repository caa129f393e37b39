// One outgoing RTMP connection that publishes a stream. Our own, and not libavformat's, since a feed must be able to go away without a
// goodbye and must never wait for its peer. Nothing here blocks: the connection is being made when the object exists, its state is asked
// for, and destroying it ends the publication in order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/time.h"
#include "generators/feed/endpoint.h"
#include "generators/feed/outlet.h"
#include "generators/rtmp/reply.h"
#include "media/rtmp/amf0.h"
#include "media/rtmp/chunk_reader.h"

namespace generators {

class RtmpCaller {
 public:
  using State = Outlet::State;
  // Throws base::RunFailed when there is no socket to be had.
  RtmpCaller(const RtmpDestination& destination, const Endpoint& endpoint);
  ~RtmpCaller();
  RtmpCaller(const RtmpCaller&) = delete;
  RtmpCaller& operator=(const RtmpCaller&) = delete;

  // Connected once the server says that we publish. Moves things on: sends what is queued, answers what has come.
  State state();
  const std::string& reason() const { return reason_; }
  // False when too much is queued already (the message is dropped whole), or the connection is lost.
  bool send(media::rtmp::MessageType type, std::uint32_t timestamp, media::rtmp::Bytes payload);
  // The socket is reset: no goodbye, and what is queued is lost.
  void vanish();

 private:
  enum class Phase { kConnecting, kShaking, kAsking, kPublishing, kLost };
  void move_on();
  void finish_connecting();
  void read();
  void take_received();
  void finish_handshake();
  void answer(const media::rtmp::Message& message);
  void heed(const RtmpReply& reply);
  void connect_application();
  void ask_for_stream();
  void publish();
  void command(std::initializer_list<media::rtmp::AmfValue> values, std::uint32_t stream);
  void append(std::uint32_t channel, const media::rtmp::Message& message);
  void flush();
  void lose(std::string why);
  void close();

  RtmpDestination destination_;
  std::string name_;
  int socket_;
  Phase phase_ = Phase::kConnecting;
  base::Instant began_;
  std::string reason_;
  std::string in_, out_;
  std::size_t sent_ = 0;  // of out_
  media::rtmp::ChunkReader reader_;
  std::uint32_t stream_ = 0;
};

}  // namespace generators
