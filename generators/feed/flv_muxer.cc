#include "generators/feed/flv_muxer.h"

#include <span>
#include <vector>

#include "generators/feed/memory_muxer.h"

namespace generators {
namespace {

constexpr std::size_t kFileHeader = 13, kTagHeader = 11, kTagSize = 4;  // Adobe's FLV 10.1, E.2 to E.4
constexpr int kFlvBuffer = 64 * 1024;

// The SPS and PPS in front of a key frame in Annex B form, start codes included.
std::vector<std::uint8_t> parameter_sets_of(std::span<const std::uint8_t> unit) {
  constexpr int kSps = 7, kPps = 8;
  std::vector<std::uint8_t> sets;
  const auto start = [&](std::size_t from) {  // of the next start code's three bytes
    for (std::size_t i = from; i + 3 < unit.size(); ++i)
      if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1) return i;
    return unit.size();
  };
  for (std::size_t at = start(0); at < unit.size();) {
    const std::size_t end = start(at + 3);
    const int type = unit[at + 3] & 0x1F;
    if (type < kSps && type != 6) break;  // a slice
    if (type == kSps || type == kPps) {
      sets.push_back(0);
      std::size_t last = end;
      while (last > at + 4 && unit[last - 1] == 0) --last;  // the next start code's fourth byte
      sets.insert(sets.end(), unit.begin() + static_cast<std::ptrdiff_t>(at), unit.begin() + static_cast<std::ptrdiff_t>(last));
    }
    at = end;
  }
  return sets;
}

}  // namespace

class FlvMuxer::Impl {
 public:
  Impl(const Clip& clip, Take take)
      : take_{std::move(take)},
        muxer_{clip, {.format = "flv", .called = "FLV", .buffer = kFlvBuffer, .option = "flvflags", .value = "no_duration_filesize"}} {
    if (muxer_.output().size() >= kFileHeader) give_tags(kFileHeader);
  }

  void write(const Unit& unit) {
    // Only their difference is sent: on the wire, the message's own timestamp counts.
    const std::int64_t dts = muxer_.ticks(unit, unit.dts + kEarliest);
    muxer_.write(unit, dts, dts + muxer_.ticks(unit, unit.pts - unit.dts), new_parameter_sets(unit));
    give_tags(0);
  }

 private:
  static constexpr base::Duration kEarliest = std::chrono::seconds{10};  // a clip that begins before zero stays above it

  // Empty: those of before.
  std::span<const std::uint8_t> new_parameter_sets(const Unit& unit) {
    if (!unit.is_video || !unit.is_key) return {};
    std::vector<std::uint8_t> sets = parameter_sets_of(unit.bytes);
    if (sets.empty() || sets == described_) return {};
    described_ = std::move(sets);
    return described_;
  }

  void give_tags(std::size_t at) {
    const media::rtmp::Bytes pending = muxer_.output();
    while (pending.size() - at >= kTagHeader + kTagSize) {
      const media::rtmp::Bytes tag = pending.subspan(at);
      const std::size_t size = media::rtmp::read_u24(tag.subspan(1));
      if (tag.size() < kTagHeader + size + kTagSize) break;
      take_(media::rtmp::MessageType{static_cast<std::uint8_t>(tag[0] & 0x1F)}, tag.subspan(kTagHeader, size));
      at += kTagHeader + size + kTagSize;
    }
    muxer_.drop(at);
  }

  Take take_;
  std::vector<std::uint8_t> described_;
  MemoryMuxer muxer_;
};

FlvMuxer::FlvMuxer(const Clip& clip, Take take) : impl_{std::make_unique<Impl>(clip, std::move(take))} {}
FlvMuxer::~FlvMuxer() = default;
void FlvMuxer::write(const Unit& unit) { impl_->write(unit); }

}  // namespace generators
