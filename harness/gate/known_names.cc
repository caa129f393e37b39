#include "harness/gate/known_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace harness {
namespace {

// Insertions, deletions, replacements and swaps of neighbours between the two (optimal string alignment), three rows at a time.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// Names of a file are short; longer ones are no slips, and their distance would cost.
constexpr std::size_t kLongestCompared = 64;

}  // namespace

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kLongestCompared) return "";
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t edits = edits_between(name, candidate);
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  const std::string shown{name.substr(0, kLongestCompared)};
  if (nearest.empty()) return fmt::format("\"{}\" is not a known {}; known: {}", shown, kind, joined(known));
  return fmt::format("\"{}\" is not a known {}; did you mean {}? Known: {}", shown, kind, nearest, joined(known));
}

}  // namespace harness
