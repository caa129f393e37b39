// Plays a movie over many traces on all cores; one thread takes one trace after the other, reads it and plays it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/abr/session.h"

namespace harness {

struct AbrBatch {
  const abr::Movie& movie;
  std::vector<std::string> traces;  // files
  abr::SessionOptions options;
  unsigned threads = 1;
};

// The figures of each trace, in the order of the files; nothing where it was stopped before. `watch` is called on the caller's thread
// with the number of traces done: at the start, after each, and ten times a second. False: stop. Throws base::InvalidInput for the first
// file that cannot be used.
std::vector<std::optional<abr::Figures>> play_batch(const AbrBatch& batch, const std::function<bool(std::size_t done)>& watch);

}  // namespace harness
