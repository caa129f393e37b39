// Link: time passes and bits arrive, along a trace. Requests wait for the latency of their moment; one that changes on the way counts by
// its shares.
#pragma once

#include <cstddef>

#include "harness/abr/trace.h"

namespace harness::abr {

// Hears of the highest rendition that the network can sustain.
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  virtual void on_sustainable(double now_ms, std::size_t rendition, std::size_t before) = 0;
};

class Link {
 public:
  // All must outlive it.
  Link(const Trace& trace, const Movie& movie, LinkObserver& observer);

  std::size_t sustainable() const { return sustainable_; }
  // These pass time, and return how much, in milliseconds.
  double wait_for_first_bit();
  double download(double bits);
  void wait(double ms);
  // No more than `bits`, but until `least_bits` are here and `least_ms` have passed; or, if that comes first, all.
  struct Progress {
    double bits = 0, ms = 0;
  };
  Progress download_some(double bits, double least_bits, double least_ms);

 private:
  const Period& here() const { return trace_[at_]; }
  std::size_t sustainable_here() const;
  void pass(double ms) { left_ms_ -= ms, now_ms_ += ms; }
  // To the end of the period; returns how long that took.
  double pass_on();

  const Trace& trace_;
  const Movie& movie_;
  LinkObserver& observer_;
  std::size_t at_ = 0;
  double left_ms_ = 0;  // of the period
  double now_ms_ = 0;
  std::size_t sustainable_ = 0;
};

}  // namespace harness::abr
