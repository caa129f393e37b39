// The research rules in Sabre's model (one film, one request at a time, a fixed latency before each, whole segments; no abandonment),
// against what Sabre's own program computed for the same traces (tests/data/abr; commit 09b03bb, -b 25 -noa).
//
// Of its oddities: the latency of the first segment counts as play time, not as a stall; a stall that begins with an empty buffer adds time
// and no event; utilities in the score are 0 for the lowest rendition. In its program a buffer that is emptied to the very end may be
// counted as a stall of no time, by rounding: events without time are not compared.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <fstream>

#include "base/json_reader.h"
#include "harness/engine/bola_e_rule.h"
#include "harness/engine/bola_original_rule.h"
#include "harness/engine/latency_estimator.h"
#include "harness/engine/throughput_estimator.h"
#include "harness/engine/throughput_ibr_rule.h"

namespace harness {
namespace {

using namespace base::literals;

base::Json sabre_file(const std::string& name) {
  std::ifstream file{std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/abr/" + name};
  return base::Json::parse(file);
}

base::Duration from_ms(double ms) { return base::Duration{static_cast<std::int64_t>(ms * 1e6)}; }

// Milliseconds and bits, as in Sabre.
class SabreLink {
 public:
  explicit SabreLink(const base::Json& trace) : trace_{trace} { left_ms_ = step("duration_ms"); }
  double latency() {
    double spent = 0;
    for (double share = 1; share > 0;) {
      const double wanted = share * step("latency_ms"), taken = std::min(wanted, left_ms_);
      share = taken < wanted ? share - taken / step("latency_ms") : 0;
      spent += pass(taken);
    }
    return spent;
  }
  double download(double bits) {
    double spent = 0;
    while (bits > 1e-9) {
      const double rate = step("bandwidth_kbps"), taken = rate > 0 ? std::min(bits / rate, left_ms_) : left_ms_;
      bits -= taken * rate;
      spent += pass(taken);
    }
    return spent;
  }
  void wait(double ms) {
    while (ms > 0) ms -= pass(std::min(ms, left_ms_));
  }

 private:
  double step(const char* what) const { return trace_[at_][what].get<double>(); }
  double pass(double ms) {
    left_ms_ -= ms;
    if (left_ms_ <= 0) {
      at_ = (at_ + 1) % trace_.size();
      left_ms_ = step("duration_ms");
    }
    return ms;
  }
  const base::Json& trace_;
  std::size_t at_ = 0;
  double left_ms_ = 0;
};

class SabreSession {
 public:
  SabreSession(const base::Json& movie, const base::Json& trace, AbrRule& rule) : movie_{movie}, link_{trace}, rule_{rule} {
    for (const auto& rate : movie["bitrates_kbps"]) ladder_.push_back(base::Bitrate::bits_per_second(rate.get<std::int64_t>() * 1000));
    segment_ms_ = movie["segment_duration_ms"].get<double>();
    count_ = movie["segment_sizes_bits"].size();
  }
  void run() {
    load(0, 0);
    for (std::size_t i = 1; i < count_; ++i) {
      if (const double over = level() + segment_ms_ - kBuffer_ms; over > 0) {
        play(over);
        link_.wait(over);
        rule_.waited(from_ms(over));
      }
      const std::size_t quality = rule_.choose(snapshot(i));
      const double hold = base::to_seconds(rule_.hold()) * 1000;
      play(hold);
      link_.wait(hold);
      load(i, quality);
    }
    play(level());
  }
  double figure(const std::string& name) const {
    const double chunks = total_ms_ / segment_ms_;
    if (name == "time average played bitrate") return bitrate_ / chunks;
    if (name == "total rebuffer") return stalled_ms_ / 1000;
    if (name == "total rebuffer events") return stalls_;
    if (name == "total bitrate change") return change_;
    if (name == "total play time") return total_ms_ / 1000;
    return (utility_ - 5 * stalled_ms_ / segment_ms_) / chunks;
  }

 private:
  static constexpr double kBuffer_ms = 25'000;
  double level() const { return segment_ms_ * static_cast<double>(buffer_.size()) - played_of_first_; }
  AbrSnapshot snapshot(std::size_t segment) const {
    return {.ladder = ladder_,
            .first_choice = false,
            .estimate = *throughput_.estimate(),
            .buffer = from_ms(level()),
            .segment_duration = from_ms(segment_ms_),
            .buffer_target = from_ms(kBuffer_ms),
            .latency = latency_.estimate(),
            .segment = segment,
            .segments_left = count_ - segment};
  }
  void load(std::size_t segment, std::size_t quality) {
    const double bits = movie_["segment_sizes_bits"][segment][quality].get<double>();
    const double to_first_bit = link_.latency(), transfer = link_.download(bits);
    if (segment == 0)
      total_ms_ += to_first_bit + transfer;
    else
      play(to_first_bit + transfer);
    const double before = level();
    buffer_.push_back(quality);
    const base::ByteCount size = base::ByteCount::bytes(static_cast<std::int64_t>(bits / 8));
    if (segment > 0)
      rule_.received({.rendition = quality,
                      .size = size,
                      .took = from_ms(to_first_bit + transfer),
                      .to_first_byte = from_ms(to_first_bit),
                      .buffer = from_ms(before),
                      .segment_duration = from_ms(segment_ms_)});
    throughput_.add(size, from_ms(transfer));
    latency_.add(from_ms(to_first_bit), from_ms(segment_ms_));
  }
  void play(double ms) {
    const bool was_empty = buffer_.empty();
    while (ms > 0 && !buffer_.empty()) {
      if (played_of_first_ == 0) show(buffer_.front());
      const double taken = std::min(ms, segment_ms_ - played_of_first_);
      ms -= taken;
      total_ms_ += taken;
      played_of_first_ += taken;
      if (played_of_first_ < segment_ms_ - 1e-9) continue;
      buffer_.pop_front();
      played_of_first_ = 0;
    }
    if (ms <= 1e-9) return;
    stalled_ms_ += ms;
    total_ms_ += ms;
    stalls_ += was_empty ? 0 : 1;
  }
  void show(std::size_t quality) {
    bitrate_ += ladder_[quality].kbps();
    utility_ += std::log(ladder_[quality].kbps() / ladder_[0].kbps());
    if (shown_) change_ += std::abs(ladder_[quality].kbps() - ladder_[*shown_].kbps());
    shown_ = quality;
  }

  const base::Json& movie_;
  SabreLink link_;
  AbrRule& rule_;
  std::vector<base::Bitrate> ladder_;
  std::deque<std::size_t> buffer_;
  ThroughputEstimator throughput_{{.fast = 3s, .slow = 8s}};
  LatencyEstimator latency_;
  std::optional<std::size_t> shown_;
  std::size_t count_ = 0;
  double segment_ms_ = 0, played_of_first_ = 0, total_ms_ = 0, stalled_ms_ = 0, stalls_ = 0, bitrate_ = 0, utility_ = 0, change_ = 0;
};

std::unique_ptr<AbrRule> sabre_rule(const std::string& algorithm) {
  if (algorithm == "throughput") return std::make_unique<ThroughputIbrRule>(0.9);
  if (algorithm == "bola-basic") return std::make_unique<BolaOriginalRule>(BolaOriginalRule::Kind::kBasic);
  if (algorithm == "bola-o") return std::make_unique<BolaOriginalRule>(BolaOriginalRule::Kind::kO);
  return std::make_unique<BolaERule>(algorithm == "bolae-o");
}

TEST(SabreFigures, AreReproduced) {
  const base::Json movie = sabre_file("movie.json"), expected = sabre_file("sabre-figures.json");
  EXPECT_EQ(expected.size(), 30u);
  for (const auto& row : expected) {
    const auto trace_name = row["trace"].get<std::string>(), algorithm = row["algorithm"].get<std::string>();
    const base::Json trace = sabre_file(trace_name + ".json");
    const auto rule = sabre_rule(algorithm);
    SabreSession session{movie, trace, *rule};
    session.run();
    for (const auto& [name, value] : row.items()) {
      const bool rounded = name == "total rebuffer events" && row["total rebuffer"].get<double>() == 0;
      if (!value.is_number() || rounded) continue;
      const double wanted = value.get<double>();
      EXPECT_NEAR(session.figure(name), wanted, std::max(1e-4, std::abs(wanted) * 1e-4)) << trace_name << ", " << algorithm << ": " << name;
    }
  }
}

}  // namespace
}  // namespace harness
