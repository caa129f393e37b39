// dashjs::Throughput: how dash.js 5.2.1 estimates bandwidth (models/ThroughputModel.js, controllers/ThroughputController.js; mode
// EWMA): the smaller of two averages in kbit/s, a sample weighing as much as its download took. TransferTimes: what the browser
// remembers of each download, because the player looks there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/decaying_average.h"

namespace harness {
class LadderChange;
}

namespace harness::dashjs {

// Of one answer: its bytes on the wire and the time from the first of them to the last.
struct Transfer {
  base::ByteCount bytes;
  base::Duration took{};
};

class Throughput {
 public:
  // A transfer of no time leaves no sample.
  void add(const Transfer& transfer);
  // Whole kbit/s, as the rules see it; absent before the first sample.
  std::optional<double> average() const;
  // What the rules may spend of it.
  std::optional<double> safe() const;

 private:
  DecayingAverage fast_{3}, slow_{8};  // throughputFastHalfLifeSeconds, throughputSlowHalfLifeSeconds, Settings.js
  double average_ = 0;                 // of the samples so far
};

// The Resource Timing entries of a track's segments. An answer is looked up by its URL, and the first entry found is taken: a segment
// that is asked for again at the same rung, which the browser's cache answers, is measured as what it took the first time.
class TransferTimes {
 public:
  // The first of this rendition and start; nothing: none, or forgotten.
  std::optional<Transfer> find(std::size_t rendition, base::Duration start) const;
  // Notes `latest`; returns the first of the same rendition and start.
  Transfer first(std::size_t rendition, base::Duration start, const Transfer& latest);
  void on_ladder(const LadderChange& change);

 private:
  struct Entry {
    std::uint32_t segment = 0;  // key_of
    std::uint32_t bytes = 0;
    std::uint32_t took_us = 0;
  };
  static std::uint32_t key_of(std::size_t rendition, base::Duration start);

  std::array<Entry, 32> entries_;  // the newest; further back than any buffer that is replaced reaches
  std::uint32_t noted_ = 0;        // ever
};

}  // namespace harness::dashjs
