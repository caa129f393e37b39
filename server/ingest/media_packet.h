// MediaPacket: a piece of one track as it was demuxed or encoded, not decoded: for whoever passes it on. Shared, never written.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

struct AVPacket;
struct AVCodecParameters;

namespace server {

enum class PacketTrack { kVideo, kAudio };

struct MediaPacket {
  PacketTrack track = PacketTrack::kVideo;
  bool key = false;                                     // a decoder can begin with it
  std::shared_ptr<const AVPacket> packet;               // its bytes and side data; its times are those below
  std::shared_ptr<const AVCodecParameters> parameters;  // of the track, size and sample rate included; another object: they have changed
  base::Duration decode{}, present{};                   // on the source's own clock
  base::Duration lasts{};                               // zero: not known
  base::Instant arrived;
};

using PacketTap = std::function<void(const MediaPacket&)>;

}  // namespace server
