// AbrRule: which rendition to load next, from a snapshot of the player. No clock, no randomness; a rule belongs to one player and may
// remember its own choices. One rule one file, listed in make_abr_rule.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "harness/scenario/scenario.h"

namespace harness {

class LadderChange;

struct AbrSnapshot {
  std::vector<base::Bitrate> ladder{};  // declared, ascending, already capped by screen size
  std::size_t current = 0;              // index last chosen
  bool first_choice = false;            // nothing was chosen yet
  base::Bitrate estimate;               // throughput; the device's initial estimate before any sample
  base::Duration buffer{};              // video ahead of the playhead
  base::Duration segment_duration{};    // for rules that mind segments, as `segments_left`
  base::Duration buffer_target{};
  std::size_t segment = 0;                     // segments before this one, since the start
  std::optional<std::size_t> segments_left{};  // this one included; where the end is known
};

// A segment of video that has arrived.
struct AbrReport {
  std::size_t rendition = 0;  // beyond the ladder: of one that is gone
  base::ByteCount size;
  base::Duration took{};           // request to last byte
  base::Duration to_first_byte{};  // request to first byte
  base::Duration buffer{};         // now, without it
  base::Duration segment_duration{};
};

class AbrRule {
 public:
  virtual ~AbrRule() = default;
  // Returns an index into the ladder. Requires: the ladder is not empty.
  virtual std::size_t choose(const AbrSnapshot& snapshot) = 0;
  // The rule learns from its own choices: it is asked once for each segment, however often the player could start it.
  virtual bool chooses_once() const { return false; }
  // What it chooses depends on the segment, too.
  virtual bool minds_segments() const { return true; }
  // How long the request of the last choice is to be held back.
  virtual base::Duration hold() const { return {}; }
  // News: the player has waited with a full buffer; a segment is here; there are other renditions.
  virtual void waited(base::Duration) {}
  virtual void received(const AbrReport&) {}
  virtual void on_ladder(const LadderChange&) {}
};

std::unique_ptr<AbrRule> make_abr_rule(const Device& device);

}  // namespace harness
