// A sine from additions and multiplications only, so that pictures and tones are the same on every machine: the C library's sine
// may differ in the last bit between processors. Error below 4e-6.
#pragma once

#include <cmath>

namespace generators {

// Sine of so many turns: sine(0.25) is 1.
inline double sine(double turns) {
  double x = turns - std::floor(turns);                     // [0, 1)
  x = x < 0.25 ? 4 * x : x < 0.75 ? 2 - 4 * x : 4 * x - 4;  // [-1, 1] in quarter turns
  const double square = x * x;
  return x * (1.5707963267 + square * (-0.6459640867 + square * (0.0796926262 + square * (-0.0046817541 + square * 0.000160441))));
}
inline double cosine(double turns) { return sine(turns + 0.25); }

}  // namespace generators
