// What RTMP's audio and video messages hold, and how FLV's classic tags say the same (FLV 10.1, sections E.4.2 and E.4.3; Enhanced RTMP v2
// for codecs named by four characters). Only H.264 and AAC can be used. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "media/rtmp/bytes.h"

namespace server::rtmp {

using media::rtmp::Bytes;

enum class MediaKind { kNothing, kHeader, kKeyframe, kFrame };  // kHeader: the decoder's configuration

struct MediaPayload {
  MediaKind kind = MediaKind::kNothing;  // nothing: not to be handed on
  std::array<std::uint8_t, 5> head{};    // what a classic tag's data begins with
  std::size_t head_size = 0;
  Bytes body;
};

// The errors name the codec and say what to send instead.
base::Result<MediaPayload> read_video(Bytes payload);
base::Result<MediaPayload> read_audio(Bytes payload);

}  // namespace server::rtmp
