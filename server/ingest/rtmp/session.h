// Session: one RTMP connection of a publisher, the server's end: bytes in, bytes out, and what its host is asked. Pure.
//
//   handshake ── connect ──▶ createStream, publish ──▶ publishing ── deleteStream, FCUnpublish ──▶ (may publish again)
//       │            │               │                     │
//       └────────────┴───────────────┴─────────────────────┴──▶ over: refused, not understood, a codec that cannot be used
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/rtmp/amf0.h"
#include "media/rtmp/chunk_reader.h"
#include "server/ingest/admission.h"
#include "server/ingest/publish_session.h"
#include "server/ingest/rtmp/flv_writer.h"
#include "server/ingest/rtmp/handshake.h"
#include "server/ingest/rtmp/publish_name.h"

namespace server::rtmp {

using media::rtmp::AmfValue;
using media::rtmp::Message;

class SessionHost : public FlvSink {
 public:
  // Nothing: let in; FLV goes to push() until leave() or the session's end.
  virtual std::optional<Refusal> enter(const PublishName& name) = 0;
  virtual void leave() = 0;

 protected:
  ~SessionHost() = default;
};

class Session final : public PublishSession {
 public:
  // Requires: `host` outlives the session, which calls it within receive() only.
  explicit Session(SessionHost& host);

  void receive(Bytes bytes) override;
  std::string_view output() const override { return output_; }
  void sent(std::size_t size) override { output_.erase(0, size); }

  bool is_publishing() const { return writer_.has_value(); }
  bool is_let_in() const override { return is_publishing(); }
  bool is_over() const override { return !ending_.empty(); }
  std::optional<TurnedAway> turned_away() const override { return turned_away_; }
  // Why it is over.
  const std::string& ending() const { return ending_; }

 private:
  struct Command {
    std::string name;
    double transaction = 0;
    std::uint32_t stream = 0;         // it was sent on
    std::vector<AmfValue> arguments;  // without the command object, which is the first
    AmfValue object;
  };

  void read_chunks(Bytes bytes);
  void on_message(const Message& message);
  void on_media(MessageType type, std::uint32_t timestamp, Bytes payload);
  void on_aggregate(const Message& message);
  void on_data(Bytes payload);
  void on_user_control(Bytes payload);
  void on_window(const Message& message);
  void on_command(const Message& message);
  void obey(const Command& command);
  void connect(const Command& command);
  void publish(const Command& command);
  void unpublish();
  void leave();
  void acknowledge();

  void send(std::uint32_t chunk_stream, MessageType type, std::uint32_t stream, std::string_view payload);
  void send_control(MessageType type, std::uint32_t value);
  void send_command(std::uint32_t stream, std::string_view name, double transaction, const AmfValue& object, const AmfValue& argument);
  void send_status(std::uint32_t stream, const char* level, const char* code, const std::string& description);
  // Tells the publisher, then ends.
  void refuse(const char* code, const std::string& reason, std::optional<Refusal> refusal);
  // Nothing: whoever was asked has refused it.
  void end(std::string reason, std::optional<Refusal> refusal = Refusal::kBadRequest);

  SessionHost& host_;
  Handshake handshake_;
  media::rtmp::ChunkReader chunks_;
  std::string output_;
  std::string ending_, point_;
  std::optional<TurnedAway> turned_away_;
  std::optional<Application> application_;
  std::optional<FlvWriter> writer_;
  std::uint32_t publishing_on_ = 0;  // the message stream
  std::uint32_t created_streams_ = 0;
  std::uint64_t received_ = 0, acknowledged_ = 0;  // bytes since the handshake
  std::uint32_t window_;
  std::uint32_t own_chunk_size_ = media::rtmp::kFirstChunkSize;
};

}  // namespace server::rtmp
