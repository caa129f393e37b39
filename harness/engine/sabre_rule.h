// sabre::Rule: a rule of Sabre, the simulator of Spiteri, Sitaraman and Sparacio ("From Theory to Practice", MMSys 2018; commit 09b03bb):
// what it is told and what it answers. Milliseconds, kilobits per second and bits as doubles, and every expression in Sabre's order: where
// two scores are equal, rounding decides, so that its figures come out of its numbers only. SabreAbrRule plays a rule in a session,
// harness/abr in Sabre's own model.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace harness::sabre {

// What all choices have in common. Rules hold a reference to it.
struct Film {
  std::vector<double> kbps;  // of the renditions, ascending
  double segment_ms = 0;
  double buffer_ms = 0;  // the most that is held
};

struct Situation {
  double level_ms = 0;
  double kbps = 0, latency_ms = 0;  // estimated
  std::size_t segment = 0;          // segments before this one
  std::size_t segments_left = 0;    // this one included
};

struct Choice {
  std::size_t rendition = 0;
  double delay_ms = 0;  // before the request
};

// Of a segment; under way, finished or given up.
struct Download {
  std::size_t rendition = 0;
  double bits = 0, bits_here = 0;
  double ms = 0, latency_ms = 0;  // since the request; to the first bit
  std::optional<std::size_t> given_up_for{};
};

class Rule {
 public:
  virtual ~Rule() = default;
  virtual Choice choose(const Situation& situation) = 0;
  // The first segment, which is of the lowest rendition whatever the rule, is here; Sabre's rules do not listen.
  virtual void began(const Download&, double /*level_ms*/) {}
  // News: the player has waited with a full buffer; a download has ended, and the buffer holds `level_ms` with what it brought.
  virtual void waited(double /*ms*/) {}
  virtual void ended(const Download&, double /*level_ms*/) {}
  // The rendition below for which to give up a download, if any. The situation is that of now.
  virtual std::optional<std::size_t> give_up_for(const Download&, const Situation&) { return std::nullopt; }
};

}  // namespace harness::sabre
