// dashjs::InsufficientBufferRule: no more than can be loaded before the buffer runs out
// (rules/abr/InsufficientBufferRule.js of dash.js 5.2.1).
#pragma once

#include <optional>

#include "harness/engine/dashjs_ladder.h"

namespace harness::dashjs {

class InsufficientBufferRule {
 public:
  struct Situation {
    std::optional<double> average_kbps;
    double buffer_s = 0;
    double segment_s = 0;
    bool empty = false;  // the buffer's state
  };
  void on_append() { ignored_ -= ignored_ > 0 ? 1 : 0; }
  void on_seek() { ignored_ = kIgnored; }
  // The highest rendition to be taken; nothing: no opinion.
  std::optional<std::size_t> limit(const Ladder& ladder, const Situation& situation) const;

 private:
  static constexpr int kIgnored = 2;  // segmentIgnoreCount, Settings.js
  int ignored_ = kIgnored;            // segments to be appended before the rule says anything
};

}  // namespace harness::dashjs
