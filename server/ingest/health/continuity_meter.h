// ContinuityMeter: counts what is wrong with an MPEG-TS as it comes, in pieces of any size: gaps in the continuity counters (ISO/IEC
// 13818-1, 2.4.3.3), losses of packet synchronisation, packets marked as broken. How the bytes are cut into pieces changes no count. Pure;
// never reads outside its input; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace server {

struct ContinuityCounts {
  std::uint64_t packets = 0;
  std::uint64_t counter_errors = 0;  // a counter that does not follow the one before of its PID
  std::uint64_t sync_losses = 0;     // no packet began where one had to
  std::uint64_t marked_packets = 0;  // transport_error_indicator: damaged before they came here
  std::uint64_t skipped_bytes = 0;   // belong to no packet
  friend bool operator==(const ContinuityCounts&, const ContinuityCounts&) = default;
};

class ContinuityMeter {
 public:
  static constexpr std::size_t kPacket = 188;

  void take(std::span<const std::uint8_t> bytes);
  const ContinuityCounts& counts() const { return counts_; }
  // Packets follow each other; before, they are searched for.
  bool is_synchronised() const { return is_synchronised_; }
  // What counts as errors.
  std::uint64_t errors() const { return counts_.counter_errors + counts_.sync_losses + counts_.marked_packets; }
  // Another connection: no packet follows one of before. Counts go on.
  void reset();

 private:
  struct Track {  // of one PID
    std::uint8_t counter = 0;
    bool is_repeated = false;
    std::uint64_t end = 0;  // the last bytes of the last packet with payload
  };
  // Returns: how many of the bytes are done with.
  std::size_t read(std::span<const std::uint8_t> bytes);
  std::size_t search(std::span<const std::uint8_t> bytes);
  void read_packet(std::span<const std::uint8_t, kPacket> packet);
  void follow(Track& track, std::uint8_t counter, bool has_payload, std::uint64_t end);

  std::vector<std::uint8_t> rest_;
  bool is_synchronised_ = false;
  std::unordered_map<std::uint16_t, Track> tracks_;  // 8192 at most
  ContinuityCounts counts_;
};

}  // namespace server
