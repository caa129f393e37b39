#include "harness/abr/movie.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/abr/limits.h"

namespace harness::abr {
namespace {

using base::Json;

// The array at `name`, or null and a problem.
const Json* list_of(base::JsonObject& root, const char* name, const char* of) {
  const Json* list = root.take(name);
  if (list != nullptr && list->is_array() && !list->empty()) return list;
  root.problem(name, list == nullptr ? std::string{"is required and missing"} : fmt::format("must be a list of {}, at least one", of));
  return nullptr;
}

void read_ladder(const Json& list, std::vector<double>& kbps, std::vector<base::Problem>& problems) {
  if (list.size() > kMostRenditions)
    problems.push_back({"bitrates_kbps", fmt::format("has {} bitrates; at most {}", list.size(), kMostRenditions)});
  for (std::size_t i = 0; i < list.size() && problems.size() < kMostProblems; ++i) {
    const std::string path = fmt::format("bitrates_kbps[{}]", i);
    kbps.push_back(number_of(&list[i], path, {.most = kMostKbps}, problems));
    if (i > 0 && kbps[i] > 0 && kbps[i] <= kbps[i - 1])
      problems.push_back({path, fmt::format("is {}, no more than the {} before it; sort the bitrates and the sizes of each segment in "
                                            "ascending order, each bitrate once",
                                            kbps[i], kbps[i - 1])});
  }
}

void read_segment(const Json& row, std::size_t segment, Movie& movie, std::vector<base::Problem>& problems) {
  const auto path = [segment] { return fmt::format("segment_sizes_bits[{}]", segment); };
  if (!row.is_array()) return problems.push_back({path(), "must be a list of sizes in bits, one for each bitrate"});
  if (row.size() != movie.kbps.size())
    return problems.push_back({path(), fmt::format("has {} sizes for {} bitrates; give one for each", row.size(), movie.kbps.size())});
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool fine = row[i].is_number() && row[i].get<double>() > 0 && row[i].get<double>() <= kMostBits;
    movie.bits.push_back(fine ? row[i].get<double>() : number_of(&row[i], fmt::format("{}[{}]", path(), i), {.most = kMostBits}, problems));
  }
}

}  // namespace

Movie read_movie(const Json& document, std::vector<base::Problem>& problems) {
  Movie movie;
  base::JsonObject root{document, "", problems};
  if (!document.is_object()) return movie;
  movie.segment_ms = number_of(root.take("segment_duration_ms"), "segment_duration_ms", {.most = kMostMs}, problems);
  const Json* ladder = list_of(root, "bitrates_kbps", "bitrates in kbit/s");
  const Json* rows = list_of(root, "segment_sizes_bits", "segments, each a list of sizes in bits");
  if (ladder == nullptr || rows == nullptr) return movie;
  read_ladder(*ladder, movie.kbps, problems);
  if (movie.kbps.size() < ladder->size()) return movie;
  movie.bits.reserve(rows->size() * movie.kbps.size());
  for (std::size_t i = 0; i < rows->size() && problems.size() < kMostProblems; ++i) read_segment((*rows)[i], i, movie, problems);
  for (const double rate : movie.kbps) movie.utilities.push_back(std::log(rate) - std::log(movie.kbps.front()));
  return movie;
}

Movie read_movie_file(const std::string& file) {
  std::vector<base::Problem> problems;
  Movie movie = read_movie(base::read_json_file(file), problems);
  base::throw_if_any(file, problems);
  return movie;
}

}  // namespace harness::abr
