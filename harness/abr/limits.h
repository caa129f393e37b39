// What the numbers of movies and traces must be, so that a session ends and its arithmetic stays finite.
#pragma once

#include "base/json_reader.h"

namespace harness::abr {

constexpr std::size_t kMostProblems = 20;  // a file in the wrong unit has one for each number
constexpr std::size_t kMostRenditions = 64;
constexpr double kMostMs = 86'400'000;     // a day
constexpr double kMostKbps = 100'000'000;  // 100 Gbit/s
constexpr double kMostBits = 1e13;

struct Limits {
  double least = 0;
  bool above_least = true;  // or equal
  double most = 0;
};

// The number, or 0 and a problem at `path`.
double number_of(const base::Json* value, const std::string& path, const Limits& limits, std::vector<base::Problem>& problems);

}  // namespace harness::abr
