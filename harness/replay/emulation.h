// Emulation: a recorded session over again with the emulated engine, in virtual time: the same content, the same link. Deterministic.
#pragma once

#include <string>

#include "harness/replay/content_table.h"
#include "harness/replay/recording.h"
#include "harness/scenario/congestion_control.h"
#include "netem/model/impairment.h"

namespace harness {

// How transfers cross the link: TCP packet by packet, or as a fluid, a window a round trip.
enum class TcpModel { kPacket, kFluid };

// The catalogue's device that emulates a recording's player. Throws base::InvalidInput for a player or version without one.
Device device_for(const Recording& recording);

struct EmulationInput {
  const Recording& recording;  // its player's session is not looked at, but for how long it was
  const ContentTable& content;
  const netem::LinkSpec& link;
  Device device;
  TcpModel tcp = TcpModel::kPacket;
  CongestionControl congestion_control = CongestionControl::kCubic;  // of the server's side
};
SessionRecord emulate(const EmulationInput& input);

}  // namespace harness
