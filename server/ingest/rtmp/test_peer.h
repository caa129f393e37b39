// For tests: a publisher over RTMP at the other end of a socket, which says what it is told to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "media/rtmp/amf0.h"
#include "media/rtmp/chunk_reader.h"
#include "media/rtmp/chunk_writer.h"
#include "server/ingest/rtmp/handshake.h"
#include "server/ingest/socket_for_test.h"

namespace server::rtmp {

using namespace media::rtmp;

class TestPeer : public TestSocket {
 public:
  using TestSocket::TestSocket;

  void say(MessageType type, std::string_view payload, std::uint32_t timestamp = 0) const {
    std::string chunks;
    append_message(chunks, 4, {.type = type, .timestamp = timestamp, .stream = 1, .payload = bytes_of(payload)}, kFirstChunkSize);
    send(chunks);
  }

  void command(std::string_view name, double transaction, const AmfValue& object, const AmfValue& argument) const {
    say(MessageType::kCommand, amf_payload({amf(name), amf(transaction), object, argument}));
  }

  // All at once, as no encoder does. Returns the code of the answer and its description: "NetStream.Publish.Start: …"; "" for none.
  std::string publish(std::string_view name, std::string_view app = "live") {
    send("\x03" + std::string(2 * kHandshakePart, 'p'));
    command("connect", 1, amf({{"app", amf(app)}}), amf_null());
    command("publish", 5, amf_null(), amf(name));
    return answer();
  }

  // The next onStatus or _error.
  std::string answer() {
    for (;;) {
      const std::optional<std::string> one = next_command();
      if (!one) return "";
      if (!one->empty()) return *one;
    }
  }

 private:
  // Empty: another message. Nothing: no more to come.
  std::optional<std::string> next_command() {
    for (;;) {
      Bytes bytes = bytes_of(unread_);
      take(bytes, std::min(bytes.size(), to_skip_));
      const std::size_t before = bytes.size();
      const auto message = reader_.next(bytes);
      if (message.has_error()) return std::nullopt;
      const std::string code = *message ? code_of(**message) : "";
      to_skip_ -= std::min(unread_.size() - before, to_skip_);
      unread_ = std::string{text_of(bytes)};
      if (*message) return code;
      const std::string more = receive();
      if (more.empty()) return std::nullopt;
      unread_ += more;
    }
  }

  static std::string code_of(const Message& message) {
    if (message.type != MessageType::kCommand) return "";
    const auto values = parse_amf(message.payload);
    if (values.has_error() || values->size() < 4 || (*values->at(0).text() != "onStatus" && *values->at(0).text() != "_error")) return "";
    const AmfValue& info = values->at(3);
    return *info.find("code")->text() + ": " + *info.find("description")->text();
  }

  std::size_t to_skip_ = 1 + 2 * kHandshakePart;
  std::string unread_;
  ChunkReader reader_;
};

}  // namespace server::rtmp
