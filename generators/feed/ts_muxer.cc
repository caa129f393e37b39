#include "generators/feed/ts_muxer.h"

#include "generators/feed/memory_muxer.h"

namespace generators {
namespace {

constexpr base::Duration kHeadroom = std::chrono::seconds{1};  // a first picture with a negative DTS stays above zero
// Timestamps on the wire have 33 bits (ISO/IEC 13818-1, 2.4.3.7). FFmpeg wants them to grow, so a step back is one ahead over the wrap.
constexpr std::int64_t kWrap = std::int64_t{1} << 33;
constexpr int kPcrAhead = 50'000;  // us: PCR runs a tenth of a second ahead of the DTS

}  // namespace

class TsMuxer::Impl {
 public:
  Impl(const Clip& clip, Sink sink)
      : sink_{std::move(sink)},
        muxer_{clip,
               {.format = "mpegts",
                .called = "MPEG-TS",
                .buffer = kPayload,
                .max_delay = kPcrAhead,
                .option = "pes_payload_size",
                .value = "0"}} {}

  void shift(base::Duration shift) {
    if (shift < shift_) ++wraps_;
    shift_ = shift;
  }

  void write(const Unit& unit) {
    muxer_.write(unit, on_the_wire(unit, unit.dts), on_the_wire(unit, unit.pts));
    send_full_payloads();
    if (unit.is_video) send_rest();
  }

 private:
  std::int64_t on_the_wire(const Unit& unit, base::Duration time) const {
    return muxer_.ticks(unit, time + shift_ + kHeadroom) + wraps_ * kWrap;
  }

  void send_full_payloads() {
    const std::span<const std::uint8_t> pending = muxer_.output();
    std::size_t sent = 0;
    for (; pending.size() - sent >= kPayload; sent += kPayload) sink_(pending.subspan(sent, kPayload));
    muxer_.drop(sent);
  }

  void send_rest() {
    if (!muxer_.output().empty()) sink_(muxer_.output());
    muxer_.drop(muxer_.output().size());
  }

  base::Duration shift_{};
  std::int64_t wraps_ = 0;
  Sink sink_;
  MemoryMuxer muxer_;  // its output: whole TS packets
};

TsMuxer::TsMuxer(const Clip& clip, Sink sink) : impl_{std::make_unique<Impl>(clip, std::move(sink))} {}
TsMuxer::~TsMuxer() = default;
void TsMuxer::shift(base::Duration shift) { impl_->shift(shift); }
void TsMuxer::write(const Unit& unit) { impl_->write(unit); }

}  // namespace generators
