// ChunkReader: RTMP's chunk stream (RTMP 1.0, section 5.3) back to messages. Obeys SetChunkSize and Abort itself. A message that came in
// one piece is not copied. What a peer can make it keep is bounded. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"
#include "media/rtmp/message.h"

namespace media::rtmp {

class ChunkReader {
 public:
  // Takes from the front of `bytes` up to the end of a message. Nothing: there is no whole message in it, and all is taken. The error says
  // what is wrong; the connection is of no use then. The message's payload is good until the next call, and as long as the bytes are.
  base::Result<std::optional<Message>> next(Bytes& bytes);

  // How many bytes of unfinished messages it keeps; a message's length is at most 16 MiB by its three bytes.
  void keep_at_most(std::size_t bytes) { most_kept_ = bytes; }
  // The buffers that it has for messages, used or not.
  std::size_t memory() const;

  static constexpr std::size_t kMostStreams = 64;  // that a peer may interleave; encoders use up to 8

 private:
  struct Stream {
    std::uint32_t id = 0;
    std::uint32_t field = 0;  // the timestamp or delta as sent last, which a chunk of type 3 repeats
    bool extended = false;    // it was sent in four more bytes
    std::uint32_t timestamp = 0;
    std::uint32_t length = 0;
    MessageType type{};
    std::uint32_t message_stream = 0;
    bool has_length = false;
    bool in_message = false;
    bool has_spare = false;  // `partial` is the reader's spare buffer
    std::vector<std::uint8_t> partial;
  };
  struct Header {
    std::size_t size = 0;
    int format = 0;  // 0 has all fields, 3 none
    std::uint32_t id = 0;
    std::uint32_t field = 0;  // the timestamp or delta; of format 0 to 2
    bool extended = false;
    std::uint32_t length = 0;          // of format 0 and 1
    std::uint8_t type = 0;             // of format 0 and 1
    std::uint32_t message_stream = 0;  // of format 0
  };

  // Nothing: more bytes are needed.
  std::optional<Header> parse_header(Bytes bytes);
  std::optional<Header> take_header(Bytes& bytes);
  base::Result<void> begin_chunk(const Header& header);
  base::Result<std::optional<Message>> take_payload(Bytes& bytes);
  Message finish(Stream& stream, Bytes payload);
  base::Result<void> obey(const Message& message);
  std::vector<std::uint8_t> take_partial(Stream& stream);
  Stream* find(std::uint32_t id);

  std::vector<Stream> streams_;
  std::size_t current_ = 0;  // of streams_: whose chunk is being read
  bool in_chunk_ = false;
  std::uint32_t left_in_chunk_ = 0;
  std::uint32_t chunk_size_ = kFirstChunkSize;
  std::size_t kept_ = 0, most_kept_ = 64 * 1024;
  std::vector<std::uint8_t> finished_;  // the payload of the message that was returned last, unless it came in one piece
  std::vector<std::uint8_t> spare_;     // empty; is lent to one chunk stream at a time, so that the others' buffers go with their messages
  bool spare_is_lent_ = false;
  std::array<std::uint8_t, 18> head_{};  // a header that comes in pieces: 3 + 11 + 4 bytes at most
  std::size_t head_size_ = 0;
};

}  // namespace media::rtmp
