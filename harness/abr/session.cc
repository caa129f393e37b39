#include "harness/abr/session.h"

#include <algorithm>

namespace harness::abr {
namespace {

constexpr double kProgressBits = 12'000, kProgressMs = 50;  // NetworkModel.min_progress_size, min_progress_time

// Rounding can leave nothing of it.
double transfer_ms(const sabre::Download& done) { return std::max(done.ms - done.latency_ms, 1e-9); }

}  // namespace

Session::Session(const Movie& movie, const Trace& trace, const SessionOptions& options)
    : movie_{movie},
      options_{options},
      film_{.kbps = movie.kbps, .segment_ms = movie.segment_ms, .buffer_ms = options.buffer_ms},
      playout_{movie, options.buffer_ms},
      link_{trace, movie, playout_},
      estimates_{movie.segment_ms},
      rule_{options.rule(film_)} {
  const sabre::Download first = download(0);
  playout_.start(first.ms);
  playout_.add(0);
  rule_->began(first, playout_.level_ms());
  estimates_.add(transfer_ms(first), first.bits / transfer_ms(first), first.latency_ms);
  next_ = 1;
}

sabre::Situation Session::situation(double level_ms) const {
  return {.level_ms = level_ms,
          .kbps = estimates_.kbps(),
          .latency_ms = estimates_.latency_ms(),
          .segment = next_,
          .segments_left = movie_.segments() - next_};
}

bool Session::step() {
  if (next_ == movie_.segments()) return playout_.play_all(link_.sustainable()), false;
  wait_for_room();
  const sabre::Choice choice = rule_->choose(situation(playout_.level_ms()));
  if (choice.delay_ms > 0) {
    playout_.play(choice.delay_ms, link_.sustainable());
    link_.wait(choice.delay_ms);
  }
  take(options_.abandonment ? download_watched(choice.rendition) : download(choice.rendition));
  return true;
}

void Session::wait_for_room() {
  const double over_ms = playout_.level_ms() + movie_.segment_ms - options_.buffer_ms;
  if (over_ms <= 0) return;
  playout_.play(over_ms, link_.sustainable());
  link_.wait(over_ms);
  rule_->waited(over_ms);
}

sabre::Download Session::download(std::size_t rendition) {
  const double bits = movie_.bits_of(next_, rendition);
  const double latency_ms = link_.wait_for_first_bit();
  return {.rendition = rendition, .bits = bits, .bits_here = bits, .ms = latency_ms + link_.download(bits), .latency_ms = latency_ms};
}

// The rule is asked after every 12000 bits and 50 ms, whichever takes longer; the wait for the first bit counts towards the first 50 ms.
sabre::Download Session::download_watched(std::size_t rendition) {
  const double level_ms = playout_.level_ms(), latency_ms = link_.wait_for_first_bit();
  sabre::Download done{.rendition = rendition, .bits = movie_.bits_of(next_, rendition), .ms = latency_ms, .latency_ms = latency_ms};
  for (double least_ms = kProgressMs - latency_ms; done.bits_here < done.bits && !done.given_up_for; least_ms = kProgressMs) {
    const Link::Progress progress = link_.download_some(done.bits - done.bits_here, kProgressBits, least_ms);
    done.ms += progress.ms;
    done.bits_here += progress.bits;
    if (done.bits_here < done.bits) done.given_up_for = rule_->give_up_for(done, situation(std::max(0.0, level_ms - done.ms)));
  }
  return done;
}

void Session::take(const sabre::Download& done) {
  playout_.play(done.ms, link_.sustainable());
  if (!done.given_up_for) playout_.add(done.rendition), ++next_;
  rule_->ended(done, playout_.level_ms());
  const double kbps = done.bits_here / transfer_ms(done);
  estimates_.compare(kbps);
  if (!done.given_up_for) estimates_.add(transfer_ms(done), kbps, done.latency_ms);
}

Figures Session::figures() const {
  Figures figures;
  playout_.report(figures);
  estimates_.report(figures);
  return figures;
}

Figures play(const Movie& movie, const Trace& trace, const SessionOptions& options) {
  Session session{movie, trace, options};
  while (session.step()) {
  }
  return session.figures();
}

}  // namespace harness::abr
