// SRT: MPEG-TS in payloads of seven packets, live mode.
#pragma once

#include "generators/feed/outlet.h"
#include "generators/feed/srt_caller.h"
#include "generators/feed/ts_muxer.h"

namespace generators {

class SrtOutlet final : public Outlet {
 public:
  SrtOutlet(const SrtDestination& destination, const Endpoint& endpoint, const Clip& clip)
      : caller_{destination, endpoint}, muxer_{clip, [this](std::span<const std::uint8_t> payload) {
                                                 keeps_up_ &= caller_.send(payload);
                                               }} {}
  State state() override { return caller_.state(); }
  std::string reason() const override { return caller_.reason(); }
  void shift(base::Duration shift) override { muxer_.shift(shift); }
  bool send(const Unit& unit) override {
    keeps_up_ = true;
    muxer_.write(unit);
    return keeps_up_;
  }
  void vanish() override { caller_.vanish(); }

 private:
  SrtLibrary library_;
  SrtCaller caller_;
  bool keeps_up_ = true;
  TsMuxer muxer_;
};

}  // namespace generators
