// RTMP's chunk stream (Adobe's RTMP 1.0, 5.3): messages cut into chunks, and put together again. Pure; never reads outside its input.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace generators {

enum class RtmpType : std::uint8_t {
  kChunkSize = 1,
  kAbort = 2,
  kAcknowledgement = 3,
  kUserControl = 4,
  kWindow = 5,
  kPeerBandwidth = 6,
  kAudio = 8,
  kVideo = 9,
  kData = 18,
  kCommand = 20,
};

struct RtmpMessage {
  RtmpType type{};
  std::uint32_t timestamp = 0;  // milliseconds
  std::uint32_t stream = 0;
  std::vector<std::uint8_t> body;
};

// Appends the message, cut into chunks of `chunk_size`, of chunk stream `channel`. Requires: 2 <= channel < 64, body below 16 MiB.
void append_chunks(std::vector<std::uint8_t>& to, const RtmpMessage& message, std::uint8_t channel, std::size_t chunk_size);

// Bytes in, of any size, messages out. Chunk sizes that the peer sets are followed.
class RtmpChunkReader {
 public:
  // False, from then on for ever: this is no RTMP, or more than a publisher need stand.
  [[nodiscard]] bool take(std::span<const std::uint8_t> bytes);
  // Complete ones, in order.
  std::optional<RtmpMessage> next();

 private:
  struct Channel {
    RtmpMessage message;  // under way
    std::uint32_t length = 0, delta = 0;
    bool is_extended = false;
  };
  enum class Step { kMore, kDone, kBroken };
  Step read_chunk();
  bool follow(const RtmpMessage& message);

  std::vector<std::uint8_t> bytes_;
  std::size_t read_ = 0;
  std::size_t chunk_size_ = 128;  // 5.4.1: until set
  std::map<std::uint32_t, Channel> channels_;
  std::vector<RtmpMessage> messages_;
  std::size_t given_ = 0;
  bool is_broken_ = false;
};

}  // namespace generators
