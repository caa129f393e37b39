// Seeded, portable random numbers (xoshiro256**, Blackman and Vigna 2018; seeded by splitmix64). The same seed gives the same
// numbers on every machine: no std distribution is used. One stream per viewer, so adding a viewer changes no other.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace base {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = splitmix(seed);
  }
  // An independent stream for `id` under `seed`.
  static Random stream(std::uint64_t seed, std::uint64_t id) {
    std::uint64_t mixed = seed ^ (id * 0x9E3779B97F4A7C15ull + 0xD1B54A32D192ED03ull);
    return Random{splitmix(mixed)};
  }
  // A stream for a named purpose ("arrivals", "cohorts").
  static Random stream(std::uint64_t seed, std::string_view purpose) {
    std::uint64_t hash = 0xCBF29CE484222325ull;  // FNV-1a, 64 bit
    for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return stream(seed, hash);
  }

  std::uint64_t next() {
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }
  // Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Uniform in [0, n). Requires: n > 0. The modulo bias is below 2^-32 for n < 2^32.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool chance(double probability) { return uniform() < probability; }
  // Exponential with the given mean.
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }
  // Standard normal (Box–Muller, one of the pair).
  double normal() { return std::sqrt(-2 * std::log1p(-uniform())) * std::cos(6.283185307179586 * uniform()); }

 private:
  static std::uint64_t splitmix(std::uint64_t& x) {
    std::uint64_t z = (x += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  static constexpr std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace base
