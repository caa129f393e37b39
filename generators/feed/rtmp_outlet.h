// RTMP: H.264 and AAC as FLV has them.
#pragma once

#include "generators/feed/flv_muxer.h"
#include "generators/feed/outlet.h"
#include "generators/feed/rtmp_caller.h"

namespace generators {

class RtmpOutlet final : public Outlet {
 public:
  RtmpOutlet(const RtmpDestination& destination, const Endpoint& endpoint, const Clip& clip);
  State state() override;
  std::string reason() const override { return caller_.reason(); }
  void shift(base::Duration shift) override { shift_ = shift; }
  bool send(const Unit& unit) override;
  void vanish() override { caller_.vanish(); }

 private:
  void take(media::rtmp::MessageType type, media::rtmp::Bytes payload);
  RtmpCaller caller_;
  const Clip& clip_;
  std::unique_ptr<FlvMuxer> muxer_;  // once we publish
  base::Duration shift_{};
  std::uint32_t timestamp_ = 0;
  bool keeps_up_ = true;
};

}  // namespace generators
