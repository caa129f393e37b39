// Damage to contributions that were good: transport streams, and the messages that become FLV. It knows where packets, tables and
// timestamps lie, so that most of it gets past the demuxer. The same random numbers do the same damage. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace damage {

using Bytes = std::vector<std::uint8_t>;

// A transport stream in packets of 188 bytes, as libavformat writes it.
struct TransportStream {
  Bytes bytes;
};
// What an RTMP publisher sends.
struct FlvMessage {
  bool is_video = false;
  std::uint32_t timestamp = 0;  // ms
  Bytes payload;
};

// One kind of damage for each entry: what was done, in words.
std::vector<std::string_view> kinds_of_transport_damage();
std::vector<std::string_view> kinds_of_flv_damage();

// Does damage number `kind`. `other`: a stream that may be spliced in.
void damage(TransportStream& stream, std::size_t kind, const TransportStream& other, base::Random& random);
void damage(std::vector<FlvMessage>& messages, std::size_t kind, const std::vector<FlvMessage>& other, base::Random& random);

}  // namespace damage
