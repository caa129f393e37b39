// Movie: what is played, as in Sabre's movie files: a ladder, and the size of every segment at each of its bitrates. Plain data, read
// once and shared by all sessions.
#pragma once

#include "base/json_reader.h"
#include "harness/engine/sabre_rule.h"

namespace harness::abr {

struct Movie {
  std::vector<double> kbps;       // ascending
  std::vector<double> utilities;  // ln(kbps / the lowest)
  double segment_ms = 0;
  std::vector<double> bits;  // a row of kbps.size() for each segment
  std::size_t segments() const { return bits.size() / kbps.size(); }
  double bits_of(std::size_t segment, std::size_t rendition) const { return bits[segment * kbps.size() + rendition]; }
};

// {"segment_duration_ms": 3000, "bitrates_kbps": [230, …], "segment_sizes_bits": [[…], …]}; other fields are left alone, as Sabre does.
// The movie is usable only if no problem was added.
Movie read_movie(const base::Json& document, std::vector<base::Problem>& problems);
// Throws base::InvalidInput.
Movie read_movie_file(const std::string& file);

}  // namespace harness::abr
