#include "tests/contract/stream_damage.h"

extern "C" {
#include <libavutil/crc.h>
}

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>

namespace damage {
namespace {

constexpr std::size_t kPacket = 188;
constexpr std::uint8_t kSync = 0x47;
constexpr int kVideoPid = 0x100, kAudioPid = 0x101, kTablePid = 0x1000;  // libavformat's
constexpr std::size_t kCrc = 4;
// ISO/IEC 13818-1, table 2-34: MPEG-1 and -2 video and sound, private data, AAC, MPEG-4, LATM, H.264, HEVC, AC-3, SCTE-35, and one of
// nobody.
constexpr std::array<std::uint8_t, 13> kStreamTypes{0x01, 0x02, 0x03, 0x04, 0x06, 0x0F, 0x10, 0x11, 0x1B, 0x24, 0x81, 0x86, 0xFF};

using Packet = std::span<std::uint8_t>;

std::uint8_t any_byte(base::Random& random) { return static_cast<std::uint8_t>(random.below(256)); }
std::size_t index_in(std::size_t size, base::Random& random) {
  return static_cast<std::size_t>(random.below(std::max<std::size_t>(size, 1)));
}

void flip_bits(std::span<std::uint8_t> bytes, std::size_t count, base::Random& random) {
  if (bytes.empty()) return;
  for (std::size_t i = 0; i < count; ++i) bytes[index_in(bytes.size(), random)] ^= static_cast<std::uint8_t>(1 << random.below(8));
}

// Of a transport stream, as whole packets; a rest that is none stays behind them.
std::vector<Packet> packets_of(TransportStream& stream) {
  std::vector<Packet> packets;
  for (std::size_t at = 0; at + kPacket <= stream.bytes.size(); at += kPacket) packets.push_back(Packet{stream.bytes}.subspan(at, kPacket));
  return packets;
}

int pid_of(Packet packet) { return (packet[1] & 0x1F) << 8 | packet[2]; }
void set_pid(Packet packet, int pid) {
  packet[1] = static_cast<std::uint8_t>((packet[1] & 0xE0) | pid >> 8);
  packet[2] = static_cast<std::uint8_t>(pid);
}
bool begins_unit(Packet packet) { return (packet[1] & 0x40) != 0; }
bool has_adaptation(Packet packet) { return (packet[3] & 0x20) != 0; }

Packet payload_of(Packet packet) {
  if ((packet[3] & 0x10) == 0) return {};
  const std::size_t head = has_adaptation(packet) ? std::size_t{5} + packet[4] : 4;
  return packet.subspan(std::min(head, packet.size()));
}

// A PES header with timestamps begins the payload.
std::optional<Packet> timestamps_in(Packet packet) {
  const Packet payload = payload_of(packet);
  const bool is_pes = begins_unit(packet) && payload.size() >= 19 && payload[0] == 0 && payload[1] == 0 && payload[2] == 1;
  return is_pes && (payload[7] & 0x80) != 0 ? std::optional{payload.subspan(7)} : std::nullopt;
}

// 33 bits in five bytes (2.4.3.7).
void write_timestamp(Packet to, std::uint64_t value) {
  to[0] = static_cast<std::uint8_t>((to[0] & 0xF0) | (value >> 29 & 0x0E) | 1);
  to[1] = static_cast<std::uint8_t>(value >> 22);
  to[2] = static_cast<std::uint8_t>((value >> 14 & 0xFE) | 1);
  to[3] = static_cast<std::uint8_t>(value >> 7);
  to[4] = static_cast<std::uint8_t>((value << 1 & 0xFE) | 1);
}
std::uint64_t read_timestamp(Packet from) {
  return std::uint64_t{from[0] & 0x0Eu} << 29 | std::uint64_t{from[1]} << 22 | std::uint64_t{from[2] & 0xFEu} << 14 |
         std::uint64_t{from[3]} << 7 | std::uint64_t{from[4]} >> 1;
}

// Anywhere, a little off, far off, around the wrap.
std::uint64_t wild_timestamp(std::uint64_t was, base::Random& random) {
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 33;
  switch (random.below(4)) {
    case 0:
      return random.below(kWrap);
    case 1:
      return (was + kWrap + random.below(180'000) - 90'000) % kWrap;
    case 2:
      return (was + kWrap / 2 + random.below(2)) % kWrap;
    default:
      return random.chance(0.5) ? kWrap - 1 : 0;
  }
}

// Rewrites the tables of programs, checksum and all; `edit` gets the table's elementary streams.
void edit_tables(TransportStream& stream, const std::function<void(Packet)>& edit) {
  for (const Packet packet : packets_of(stream)) {
    if (pid_of(packet) != kTablePid || !begins_unit(packet)) continue;
    const Packet payload = payload_of(packet);
    if (payload.empty()) continue;
    const Packet table = payload.subspan(std::min<std::size_t>(std::size_t{1} + payload[0], payload.size()));
    if (table.size() < 16 || table[0] != 2) continue;
    const std::size_t size = 3 + (static_cast<std::size_t>(table[1] & 0x0F) << 8 | table[2]);
    const std::size_t head = 12 + (static_cast<std::size_t>(table[10] & 0x0F) << 8 | table[11]);
    if (size > table.size() || head + kCrc > size) continue;
    table[5] = static_cast<std::uint8_t>((table[5] & 0xC1) | ((table[5] + 2) & 0x3E));  // another version
    edit(table.subspan(head, size - head - kCrc));
    const std::uint32_t crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0xFFFFFFFF, table.data(), size - kCrc);
    for (std::size_t i = 0; i < kCrc; ++i) table[size - kCrc + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
}

// Each elementary stream of a table: type, PID, length of its descriptors, those.
void for_each_stream(Packet streams, const std::function<void(Packet)>& edit) {
  while (streams.size() >= 5) {
    const std::size_t size = 5 + (static_cast<std::size_t>(streams[3] & 0x0F) << 8 | streams[4]);
    if (size > streams.size()) return;
    edit(streams.first(size));
    streams = streams.subspan(size);
  }
}

struct TransportDamage {
  std::string_view name;
  void (*apply)(TransportStream&, const TransportStream& other, base::Random&);
};

template <class Wanted>
void erase_packets(TransportStream& stream, Wanted wanted) {
  Bytes kept;
  for (const Packet packet : packets_of(stream)) {
    if (!wanted(packet)) kept.insert(kept.end(), packet.begin(), packet.end());
  }
  stream.bytes = std::move(kept);
}

const TransportDamage kTransportDamage[] = {
    {"bits flipped anywhere",
     [](TransportStream& stream, const TransportStream&, base::Random& random) { flip_bits(stream.bytes, 1 + random.below(400), random); }},
    {"bits flipped in heads of packets",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         if (random.chance(0.02)) flip_bits(packet.first(4 + random.below(20)), 1 + random.below(4), random);
       }
     }},
    {"bits flipped where units begin",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         if (begins_unit(packet) && random.chance(0.3)) flip_bits(payload_of(packet), 1 + random.below(8), random);
       }
     }},
    {"packets lost",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const double share = random.uniform(0.001, 0.5);
       erase_packets(stream, [&](Packet) { return random.chance(share); });
     }},
    {"packets doubled",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       Bytes more;
       for (const Packet packet : packets_of(stream)) {
         for (std::uint64_t times = random.chance(0.1) ? 1 + random.below(4) : 1; times > 0; --times)
           more.insert(more.end(), packet.begin(), packet.end());
       }
       stream.bytes = std::move(more);
     }},
    {"packets in another order",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const std::vector<Packet> packets = packets_of(stream);
       const std::size_t apart = 1 + index_in(64, random);
       for (std::size_t i = 0; i + apart < packets.size(); ++i) {
         if (random.chance(0.05)) std::swap_ranges(packets[i].begin(), packets[i].end(), packets[i + apart].begin());
       }
     }},
    {"bytes missing",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (std::uint64_t times = 1 + random.below(5); times > 0; --times) {
         const std::size_t at = index_in(stream.bytes.size(), random);
         const std::size_t size = std::min(1 + index_in(700, random), stream.bytes.size() - at);
         const auto begin = stream.bytes.begin() + static_cast<std::ptrdiff_t>(at);
         stream.bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
       }
     }},
    {"rubbish between",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       Bytes rubbish(1 + index_in(5000, random));
       for (std::uint8_t& byte : rubbish) byte = random.chance(0.05) ? kSync : any_byte(random);
       const auto at = stream.bytes.begin() + static_cast<std::ptrdiff_t>(index_in(stream.bytes.size(), random));
       stream.bytes.insert(at, rubbish.begin(), rubbish.end());
     }},
    {"an end within a packet", [](TransportStream& stream, const TransportStream&,
                                  base::Random& random) { stream.bytes.resize(index_in(stream.bytes.size(), random)); }},
    {"PIDs changed",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       constexpr std::array kPids{0, 1, 0x10, 0x11, kVideoPid, kAudioPid, kTablePid, 0x1FFF};
       const int to = random.chance(0.5) ? kPids[index_in(kPids.size(), random)] : static_cast<int>(random.below(0x2000));
       const double share = random.uniform(0.01, 0.3);
       for (const Packet packet : packets_of(stream)) {
         if (random.chance(share)) set_pid(packet, to);
       }
     }},
    {"tracks swapped in mid-stream",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const std::vector<Packet> packets = packets_of(stream);
       for (std::size_t i = index_in(packets.size(), random); i < packets.size(); ++i) {
         const int pid = pid_of(packets[i]);
         if (pid == kVideoPid || pid == kAudioPid) set_pid(packets[i], kVideoPid + kAudioPid - pid);
       }
     }},
    {"PIDs in the tables changed",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       edit_tables(stream, [&](Packet streams) {
         if (!random.chance(0.5)) return;
         for_each_stream(streams, [&](Packet one) {
           const int pid = random.chance(0.5) ? kVideoPid + static_cast<int>(random.below(3)) : static_cast<int>(random.below(0x2000));
           set_pid(one, pid);
         });
       });
     }},
    {"stream types changed",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const double share = random.uniform(0.2, 1);
       edit_tables(stream, [&](Packet streams) {
         for_each_stream(streams, [&](Packet one) {
           if (random.chance(share)) one[0] = kStreamTypes[index_in(kStreamTypes.size(), random)];
         });
       });
     }},
    {"rubbish in the tables, with a right checksum",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       edit_tables(stream, [&](Packet streams) { flip_bits(streams, 1 + random.below(10), random); });
     }},
    {"no tables",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       std::uint64_t left = random.below(3);  // that come all the same
       erase_packets(stream, [&](Packet packet) { return pid_of(packet) == kTablePid && (left == 0 || left-- == 0); });
     }},
    {"units cut off",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const double share = random.uniform(0.05, 1);
       std::array<bool, 2> cut{};
       erase_packets(stream, [&](Packet packet) {
         const int pid = pid_of(packet);
         if (pid != kVideoPid && pid != kAudioPid) return false;
         bool& mine = cut[pid == kVideoPid ? 0 : 1];
         if (begins_unit(packet)) mine = random.chance(share);
         return mine && !begins_unit(packet);
       });
     }},
    {"lengths of units changed",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         if (!timestamps_in(packet) || !random.chance(0.3)) continue;
         const Packet payload = payload_of(packet);
         payload[4] = any_byte(random);
         payload[5] = any_byte(random);
         if (random.chance(0.2)) payload[8] = any_byte(random);  // of the head
       }
     }},
    {"wild timestamps",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const double share = random.uniform(0.02, 1);
       for (const Packet packet : packets_of(stream)) {
         const auto head = timestamps_in(packet);
         if (!head || !random.chance(share)) continue;
         write_timestamp(head->subspan(2), wild_timestamp(read_timestamp(head->subspan(2)), random));
         if (((*head)[0] & 0x40) != 0) write_timestamp(head->subspan(7), wild_timestamp(read_timestamp(head->subspan(7)), random));
       }
     }},
    {"all timestamps moved from the middle on",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       const std::uint64_t by = random.below(std::uint64_t{1} << 33);
       const std::vector<Packet> packets = packets_of(stream);
       for (std::size_t i = index_in(packets.size(), random); i < packets.size(); ++i) {
         const auto head = timestamps_in(packets[i]);
         if (!head) continue;
         write_timestamp(head->subspan(2), read_timestamp(head->subspan(2)) + by);
         if (((*head)[0] & 0x40) != 0) write_timestamp(head->subspan(7), read_timestamp(head->subspan(7)) + by);
       }
     }},
    {"timestamps taken away",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         const auto head = timestamps_in(packet);
         if (head && random.chance(0.5)) (*head)[0] = static_cast<std::uint8_t>((*head)[0] & (random.chance(0.5) ? 0x3F : 0xBF));
       }
     }},
    {"wild PCR",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         if (!has_adaptation(packet) || packet[4] < 7 || (packet[5] & 0x10) == 0 || !random.chance(0.5)) continue;
         for (std::uint8_t& byte : packet.subspan(6, 6)) byte = any_byte(random);
       }
     }},
    {"adaptation fields of any length",
     [](TransportStream& stream, const TransportStream&, base::Random& random) {
       for (const Packet packet : packets_of(stream)) {
         if (!random.chance(0.02)) continue;
         packet[3] |= 0x20;
         packet[4] = any_byte(random);
       }
     }},
    {"another stream from the middle on",
     [](TransportStream& stream, const TransportStream& other, base::Random& random) {
       stream.bytes.resize(index_in(stream.bytes.size() / kPacket, random) * kPacket);
       const auto from = static_cast<std::ptrdiff_t>(index_in(other.bytes.size() / kPacket, random) * kPacket);
       stream.bytes.insert(stream.bytes.end(), other.bytes.begin() + (random.chance(0.5) ? 0 : from), other.bytes.end());
     }},
    {"another stream's packets between",
     [](TransportStream& stream, const TransportStream& other, base::Random& random) {
       TransportStream copy = other;
       const std::vector<Packet> strangers = packets_of(copy), own = packets_of(stream);
       for (std::size_t i = 0; i < std::min(own.size(), strangers.size()); ++i) {
         if (random.chance(0.1)) std::copy(strangers[i].begin(), strangers[i].end(), own[i].begin());
       }
     }},
};

struct FlvDamage {
  std::string_view name;
  void (*apply)(std::vector<FlvMessage>&, const std::vector<FlvMessage>& other, base::Random&);
};

const FlvDamage kFlvDamage[] = {
    {"bits flipped",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       for (FlvMessage& message : messages) {
         if (random.chance(0.2)) flip_bits(message.payload, 1 + random.below(20), random);
       }
     }},
    {"bits flipped in heads and configurations",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       for (FlvMessage& message : messages) {
         if (random.chance(0.3))
           flip_bits(std::span{message.payload}.first(std::min<std::size_t>(message.payload.size(), 40)), 1 + random.below(4), random);
       }
     }},
    {"messages lost",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       const double share = random.uniform(0.01, 0.7);
       std::erase_if(messages, [&](const FlvMessage&) { return random.chance(share); });
     }},
    {"messages in another order",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       const std::size_t apart = 1 + index_in(20, random);
       for (std::size_t i = 0; i + apart < messages.size(); ++i) {
         if (random.chance(0.1)) std::swap(messages[i], messages[i + apart]);
       }
     }},
    {"messages cut off",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       for (FlvMessage& message : messages) {
         if (random.chance(0.2)) message.payload.resize(index_in(message.payload.size(), random));
       }
     }},
    {"wild timestamps",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       const double share = random.uniform(0.02, 1);
       for (FlvMessage& message : messages) {
         if (random.chance(share)) message.timestamp = static_cast<std::uint32_t>(random.next());
       }
     }},
    {"wild composition times",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>&, base::Random& random) {
       for (FlvMessage& message : messages) {
         if (!message.is_video || message.payload.size() < 5 || !random.chance(0.3)) continue;
         for (std::size_t i = 2; i < 5; ++i) message.payload[i] = any_byte(random);
       }
     }},
    {"another publisher's messages from the middle on",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>& other, base::Random& random) {
       messages.resize(index_in(messages.size(), random));
       const auto from = static_cast<std::ptrdiff_t>(index_in(other.size(), random));
       messages.insert(messages.end(), other.begin() + (random.chance(0.5) ? 0 : from), other.end());
     }},
    {"another publisher's messages between",
     [](std::vector<FlvMessage>& messages, const std::vector<FlvMessage>& other, base::Random& random) {
       for (std::size_t i = 0; i < std::min(messages.size(), other.size()); ++i) {
         if (random.chance(0.1)) messages[i] = other[i];
       }
     }},
};

template <class Table>
std::vector<std::string_view> names_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const auto& each : table) names.push_back(each.name);
  return names;
}

}  // namespace

std::vector<std::string_view> kinds_of_transport_damage() { return names_of(kTransportDamage); }
std::vector<std::string_view> kinds_of_flv_damage() { return names_of(kFlvDamage); }

void damage(TransportStream& stream, std::size_t kind, const TransportStream& other, base::Random& random) {
  kTransportDamage[kind].apply(stream, other, random);
}

void damage(std::vector<FlvMessage>& messages, std::size_t kind, const std::vector<FlvMessage>& other, base::Random& random) {
  kFlvDamage[kind].apply(messages, other, random);
}

}  // namespace damage
