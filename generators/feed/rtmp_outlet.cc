#include "generators/feed/rtmp_outlet.h"

#include <chrono>

namespace generators {

RtmpOutlet::RtmpOutlet(const RtmpDestination& destination, const Endpoint& endpoint, const Clip& clip)
    : caller_{destination, endpoint}, clip_{clip} {}

Outlet::State RtmpOutlet::state() { return caller_.state(); }

bool RtmpOutlet::send(const Unit& unit) {
  keeps_up_ = true;
  timestamp_ =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(unit.dts + shift_).count());  // wraps at 32 bits
  if (!muxer_)
    muxer_ = std::make_unique<FlvMuxer>(clip_, [this](RtmpType type, std::vector<std::uint8_t> body) { take(type, std::move(body)); });
  muxer_->write(unit);
  return keeps_up_;
}

void RtmpOutlet::take(RtmpType type, std::vector<std::uint8_t> body) {
  if (type == RtmpType::kData) {  // the server is to keep the metadata for those who come later
    const std::vector<std::uint8_t> keep = AmfWriter{}.text("@setDataFrame").bytes();
    body.insert(body.begin(), keep.begin(), keep.end());
  }
  keeps_up_ &= caller_.send(type, timestamp_, std::move(body));
}

}  // namespace generators
