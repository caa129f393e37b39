// Session: one viewer of a movie over a trace, in Sabre's model (docs/abr.md): one request at a time, segments in order, no replacement,
// whatever the rule says. Pure; virtual time costs nothing, and nothing is allocated after the start but by the rule.
#pragma once

#include <memory>

#include "harness/abr/estimates.h"
#include "harness/abr/link.h"
#include "harness/abr/playout.h"
#include "harness/abr/rules.h"

namespace harness::abr {

struct SessionOptions {
  MakeRule rule = nullptr;
  double buffer_ms = 25'000;  // at least a segment
  bool abandonment = false;   // the rule may give downloads up
};

class Session {
 public:
  // Movie and trace must outlive it. It begins with the first segment, of the lowest rendition.
  Session(const Movie& movie, const Trace& trace, const SessionOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Makes the next request; false when the movie has been played to its end.
  bool step();
  // Requires: the end was reached.
  Figures figures() const;

 private:
  sabre::Situation situation(double level_ms) const;
  void wait_for_room();
  sabre::Download download(std::size_t rendition);
  sabre::Download download_watched(std::size_t rendition);
  void take(const sabre::Download& done);

  const Movie& movie_;
  SessionOptions options_;
  sabre::Film film_;
  Playout playout_;
  Link link_;
  Estimates estimates_;
  std::unique_ptr<sabre::Rule> rule_;
  std::size_t next_ = 0;
};

// From start to end.
Figures play(const Movie& movie, const Trace& trace, const SessionOptions& options);

}  // namespace harness::abr
