// MemoryMuxer: libavformat's muxer of a clip's two tracks, whose output is kept in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "generators/feed/av.h"
#include "generators/feed/clip.h"

namespace generators {

class MemoryMuxer {
 public:
  struct Options {
    const char* format = "";  // libavformat's name
    const char* called = "";  // in messages
    int buffer = 0;           // bytes
    int max_delay = -1;       // us; negative: libavformat's own
    const char* option = "";
    const char* value = "";
  };
  // Writes the header. Throws base::RunFailed, as write() does.
  MemoryMuxer(const Clip& clip, const Options& options);
  MemoryMuxer(const MemoryMuxer&) = delete;
  MemoryMuxer& operator=(const MemoryMuxer&) = delete;

  // Ticks of the unit's track.
  std::int64_t ticks(const Unit& unit, base::Duration time) const;
  // `description`: parameter sets that hold from this unit on; empty: those of before.
  void write(const Unit& unit, std::int64_t dts, std::int64_t pts, std::span<const std::uint8_t> description = {});

  const std::vector<std::uint8_t>& output() const { return output_; }
  // Forgets the first `size` bytes of the output.
  void drop(std::size_t size) { output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(size)); }

 private:
  static int append(void* self, std::uint8_t* bytes, int count);
  static int index_of(const Unit& unit) { return unit.is_video ? 0 : 1; }
  void check(const char* attempt, int result) const;
  void add_stream(const AVCodecParameters& parameters);
  void describe(std::span<const std::uint8_t> description);

  const Options options_;
  std::vector<std::uint8_t> output_;
  AvIo io_;
  AvOutput context_;
  AvPacketOwner packet_;
};

}  // namespace generators
