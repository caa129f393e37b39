// The rule by which hls.js leaves a slow download (_abandonRulesCheck, abr-controller.ts): when the segment will not be here before the
// buffer has run dry, and a segment of a lower level would be. Pure.
#pragma once

#include "harness/engine/hlsjs_level_rule.h"

namespace harness::hlsjs {

// A running download.
struct Loading {
  std::size_t level = 0;
  base::Duration elapsed{};                    // since the call
  std::optional<base::Duration> first_byte{};  // after the call
  base::ByteCount received{};
  std::optional<base::ByteCount> size{};  // in all, once known
};

struct Rescue {
  std::size_t level = 0;  // to load instead
  bool urgent = false;    // it would be here in less than half the time that is left of the running one
};

// Before this much time has passed, a download is left alone.
base::Duration patience(const Outlook& outlook);

// `outlook.segment`: duration of the running segment. The lowest level is never left, nor the one above it.
std::optional<Rescue> rescue(Levels levels, const Outlook& outlook, const Loading& loading);

}  // namespace harness::hlsjs
