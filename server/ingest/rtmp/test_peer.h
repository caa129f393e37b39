// For tests: a publisher at the other end of a socket, which says what it is told to. Waits ten seconds at the most.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "media/rtmp/amf0.h"
#include "media/rtmp/chunk_reader.h"
#include "media/rtmp/chunk_writer.h"
#include "server/ingest/rtmp/handshake.h"

namespace server::rtmp {

using namespace media::rtmp;

class TestPeer {
 public:
  explicit TestPeer(int port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const timeval longest{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~TestPeer() { ::close(socket_); }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  bool is_connected() const { return is_connected_; }

  // False: the connection is broken.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

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

  // Reads until the other end closes. False: it did not.
  bool is_hung_up() const {
    std::string ignored(65536, '\0');
    for (;;) {
      const ssize_t got = ::recv(socket_, ignored.data(), ignored.size(), 0);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
      if (got < 0) return false;
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
      std::string more(65536, '\0');
      const ssize_t got = ::recv(socket_, more.data(), more.size(), 0);
      if (got <= 0) return std::nullopt;
      unread_.append(more, 0, static_cast<std::size_t>(got));
    }
  }

  static std::string code_of(const Message& message) {
    if (message.type != MessageType::kCommand) return "";
    const auto values = parse_amf(message.payload);
    if (values.has_error() || values->size() < 4 || (*values->at(0).text() != "onStatus" && *values->at(0).text() != "_error")) return "";
    const AmfValue& info = values->at(3);
    return *info.find("code")->text() + ": " + *info.find("description")->text();
  }

  const int socket_;
  bool is_connected_ = false;
  std::size_t to_skip_ = 1 + 2 * kHandshakePart;
  std::string unread_;
  ChunkReader reader_;
};

}  // namespace server::rtmp
