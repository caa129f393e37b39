// Readability: whether what a connection sends is still what it should be. A demuxer goes on looking for ever, whatever comes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "server/ingest/byte_queue.h"

namespace server {

const char* to_text(Container container);  // "MPEG-TS", "FLV"

class Readability {
 public:
  explicit Readability(Container container) : container_{container} {}

  void take(std::span<const std::uint8_t> bytes);
  // The demuxer has found one.
  void packet_found();

  bool has_begun() const { return all_ > 0; }
  // What has come since the last packet is of the container, as far as can be seen: of a transport stream, its packets follow one another.
  bool looks_right() const;
  // Too much has come since then that does not look right.
  bool is_lost() const;
  // Not one packet was found in it, and it does not look right.
  bool was_never_right() const { return has_begun() && !found_any_ && !looks_right(); }

  static constexpr std::size_t kMostAtFirst = 64 * 1024, kMostBetween = 1024 * 1024;  // bytes before one is lost

 private:
  void follow_packets(std::span<const std::uint8_t> bytes);
  const Container container_;
  bool found_any_ = false;
  std::size_t all_ = 0, since_packet_ = 0;
  std::string beginning_;              // as long as FLV's signature
  std::size_t next_ = 0;               // how far ahead the next packet should begin
  std::size_t size_ = 0;               // which of the sizes of packets is tried
  bool in_step_ = false;               // a packet has begun where the search for it ended, or where it should
  std::size_t right_ = 0, wrong_ = 0;  // beginnings that were where they should be, and not
};

}  // namespace server
