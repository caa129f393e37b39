// What RTMP's chunks are put together to (RTMP 1.0, section 6), and what both ends know before the first of them.
#pragma once

#include <cstdint>

#include "media/rtmp/bytes.h"

namespace media::rtmp {

// Sections 5.4, 7.1 and 7.2.
enum class MessageType : std::uint8_t {
  kSetChunkSize = 1,
  kAbort = 2,
  kAcknowledgement = 3,
  kUserControl = 4,
  kWindowAckSize = 5,
  kSetPeerBandwidth = 6,
  kAudio = 8,
  kVideo = 9,
  kDataAmf3 = 15,
  kCommandAmf3 = 17,
  kData = 18,
  kCommand = 20,
  kAggregate = 22,
};

struct Message {
  MessageType type{};
  std::uint32_t timestamp = 0;  // in ms; wraps
  std::uint32_t stream = 0;
  Bytes payload;
};

// The simple handshake (section 5.2): a byte that says the version, then two parts in each direction.
inline constexpr std::uint8_t kVersion = 3;
inline constexpr std::size_t kHandshakePart = 1536;

inline constexpr std::uint32_t kFirstChunkSize = 128;  // in both directions, until a SetChunkSize (section 5.4.1)

}  // namespace media::rtmp
