// Quantities with a unit: ByteCount (bytes) and Bitrate (bits per second). Only dimensionally meaningful operators exist;
// dividing bytes by a rate gives a Duration and so on. Internal units are in the names of the factories.
#pragma once

#include <compare>
#include <cstdint>

#include "base/ensure.h"
#include "base/time.h"

namespace base {

class ByteCount {
 public:
  constexpr ByteCount() = default;
  static constexpr ByteCount bytes(std::int64_t n) { return ByteCount{n}; }
  constexpr std::int64_t count() const { return bytes_; }
  constexpr ByteCount& operator+=(ByteCount o) {
    bytes_ += o.bytes_;
    return *this;
  }
  constexpr ByteCount& operator-=(ByteCount o) {
    bytes_ -= o.bytes_;
    return *this;
  }
  friend constexpr ByteCount operator+(ByteCount a, ByteCount b) { return a += b; }
  friend constexpr ByteCount operator-(ByteCount a, ByteCount b) { return a -= b; }
  friend constexpr ByteCount operator*(ByteCount a, std::int64_t times) { return ByteCount{a.bytes_ * times}; }
  friend constexpr auto operator<=>(ByteCount, ByteCount) = default;

 private:
  explicit constexpr ByteCount(std::int64_t n) : bytes_{n} {}
  std::int64_t bytes_ = 0;
};

class Bitrate {
 public:
  constexpr Bitrate() = default;
  static constexpr Bitrate bits_per_second(std::int64_t n) { return Bitrate{n}; }
  static constexpr Bitrate of(ByteCount size, Duration over) {
    return Bitrate{
        over.count() <= 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(size.count()) * 8e9 / static_cast<double>(over.count()))};
  }
  constexpr std::int64_t bps() const { return bps_; }
  constexpr double kbps() const { return static_cast<double>(bps_) / 1e3; }
  friend constexpr auto operator<=>(Bitrate, Bitrate) = default;
  friend constexpr Bitrate operator*(Bitrate r, double factor) {
    return Bitrate{static_cast<std::int64_t>(static_cast<double>(r.bps_) * factor)};
  }
  friend constexpr Bitrate operator+(Bitrate a, Bitrate b) { return Bitrate{a.bps_ + b.bps_}; }

 private:
  explicit constexpr Bitrate(std::int64_t n) : bps_{n} {}
  std::int64_t bps_ = 0;
};

// Time to send `size` at `rate`. Requires: rate > 0.
constexpr Duration operator/(ByteCount size, Bitrate rate) {
  return Duration{static_cast<std::int64_t>(static_cast<double>(size.count()) * 8e9 / static_cast<double>(rate.bps()))};
}
// What `rate` carries in `time`.
constexpr ByteCount operator*(Bitrate rate, Duration time) {
  return ByteCount::bytes(static_cast<std::int64_t>(static_cast<double>(rate.bps()) * to_seconds(time) / 8));
}

// One emulated viewer of a run: 0, 1, 2, … in order of arrival plan.
enum class ViewerId : std::uint32_t {};
constexpr std::uint32_t index_of(ViewerId id) { return static_cast<std::uint32_t>(id); }

namespace literals {
constexpr Bitrate operator""_kbps(unsigned long long n) { return Bitrate::bits_per_second(static_cast<std::int64_t>(n) * 1000); }
constexpr Bitrate operator""_Mbps(unsigned long long n) { return Bitrate::bits_per_second(static_cast<std::int64_t>(n) * 1'000'000); }
constexpr ByteCount operator""_B(unsigned long long n) { return ByteCount::bytes(static_cast<std::int64_t>(n)); }
constexpr ByteCount operator""_KiB(unsigned long long n) { return ByteCount::bytes(static_cast<std::int64_t>(n) * 1024); }
}  // namespace literals

}  // namespace base
