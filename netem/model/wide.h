// 128-bit integers, for products of bits per second and nanoseconds: a day at 1 Gbit/s has 8.6e22 of them.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace netem {

__extension__ typedef __int128 Wide;

// Capacity is counted in bits per second times nanoseconds: whole numbers whatever the rate.
constexpr std::int64_t kUnitsPerByte = 8'000'000'000;

struct WideDivision {
  Wide quotient, rest;
};

// Most operands fit into 64 bits, where a division takes a few nanoseconds. Requires: n >= 0, d > 0.
constexpr WideDivision divide(Wide n, Wide d) {
  if ((n >> 64) == 0 && (d >> 64) == 0) {
    const auto small_n = static_cast<std::uint64_t>(n), small_d = static_cast<std::uint64_t>(d);
    return {static_cast<Wide>(small_n / small_d), static_cast<Wide>(small_n % small_d)};
  }
  return {n / d, n % d};
}

inline Wide units_of(base::ByteCount size) { return static_cast<Wide>(size.count()) * kUnitsPerByte; }
inline base::ByteCount whole_bytes(Wide units) {
  return base::ByteCount::bytes(static_cast<std::int64_t>(divide(units, kUnitsPerByte).quotient));
}
inline base::ByteCount begun_bytes(Wide units) { return whole_bytes(units + (kUnitsPerByte - 1)); }

}  // namespace netem
