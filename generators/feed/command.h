// FeedCommand: what can be done to an output of a feed, and the same as text. Pure.
//   start            connects and sends, from where the wall clock is
//   stop             says goodbye and closes
//   kill             the socket is gone without goodbye (SRT: no packet comes any more; RTMP: the connection is reset)
//   restart          says goodbye and closes, and connects anew at once, as an encoder that is started again: timestamps from zero
//   stall, resume    the connection stays and nothing is sent; goes on with the next key frame
//   bitrate F        the pictures take F times the bits, in (0, 1], as far as x264 can make do; 1: as they were
//   freeze, unfreeze the last picture again and again
//   black, unblack   black pictures
//   silence, sound   silent sound
//   jump D           timestamps are off by D from here on ("5s", "-2s"); they do not go below zero
//   loss P           a share of the pictures, whole, key frames too, is not sent, in [0, 1]
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"

namespace generators {

struct FeedStart {
  friend bool operator==(const FeedStart&, const FeedStart&) = default;
};
struct FeedStop {
  friend bool operator==(const FeedStop&, const FeedStop&) = default;
};
struct FeedKill {
  friend bool operator==(const FeedKill&, const FeedKill&) = default;
};
struct FeedRestart {
  friend bool operator==(const FeedRestart&, const FeedRestart&) = default;
};
struct FeedStall {
  bool on = true;
  friend bool operator==(const FeedStall&, const FeedStall&) = default;
};
struct FeedBitrate {
  double factor = 1;
  friend bool operator==(const FeedBitrate&, const FeedBitrate&) = default;
};
struct FeedFreeze {
  bool on = true;
  friend bool operator==(const FeedFreeze&, const FeedFreeze&) = default;
};
struct FeedBlack {
  bool on = true;
  friend bool operator==(const FeedBlack&, const FeedBlack&) = default;
};
struct FeedSilence {
  bool on = true;
  friend bool operator==(const FeedSilence&, const FeedSilence&) = default;
};
struct FeedJump {
  base::Duration by{};
  friend bool operator==(const FeedJump&, const FeedJump&) = default;
};
struct FeedLoss {
  double share = 0;
  friend bool operator==(const FeedLoss&, const FeedLoss&) = default;
};
using FeedCommand = std::variant<FeedStart, FeedStop, FeedKill, FeedRestart, FeedStall, FeedBitrate, FeedFreeze, FeedBlack, FeedSilence,
                                 FeedJump, FeedLoss>;

// A figure out of its range is named.
base::Result<void> check(const FeedCommand& command);
// The error lists the known ones.
base::Result<FeedCommand> parse_feed_command(std::string_view text);
std::string to_text(const FeedCommand& command);

}  // namespace generators
