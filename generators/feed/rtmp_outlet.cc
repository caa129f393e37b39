#include "generators/feed/rtmp_outlet.h"

#include <chrono>

namespace generators {

using namespace media::rtmp;

RtmpOutlet::RtmpOutlet(const RtmpDestination& destination, const Endpoint& endpoint, const Clip& clip)
    : caller_{destination, endpoint}, clip_{clip} {}

Outlet::State RtmpOutlet::state() { return caller_.state(); }

bool RtmpOutlet::send(const Unit& unit) {
  keeps_up_ = true;
  timestamp_ =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(unit.dts + shift_).count());  // wraps at 32 bits
  if (!muxer_) muxer_ = std::make_unique<FlvMuxer>(clip_, [this](MessageType type, Bytes payload) { take(type, payload); });
  muxer_->write(unit);
  return keeps_up_;
}

void RtmpOutlet::take(MessageType type, Bytes payload) {
  if (type != MessageType::kData) {
    keeps_up_ &= caller_.send(type, timestamp_, payload);
    return;
  }
  // The server is to keep the metadata for those who come later.
  const std::string kept = amf_payload({amf("@setDataFrame")}).append(text_of(payload));
  keeps_up_ &= caller_.send(type, timestamp_, bytes_of(kept));
}

}  // namespace generators
