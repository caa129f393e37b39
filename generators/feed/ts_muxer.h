// Packs units into MPEG-TS for a datagram transport: payloads of at most seven whole TS packets, the last one of each picture
// sent at once, each AAC frame in its own PES packet so that sound is not held back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "generators/feed/clip.h"

namespace generators {

class TsMuxer {
 public:
  static constexpr std::size_t kPayload = 1316;
  using Sink = std::function<void(std::span<const std::uint8_t>)>;
  // `sink` gets each payload, inside write().
  TsMuxer(const Clip& clip, Sink sink);
  ~TsMuxer();
  // From the next unit on, timestamps are the units' and this. They may go back.
  void shift(base::Duration shift);
  // Throws base::RunFailed.
  void write(const Unit& unit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators
