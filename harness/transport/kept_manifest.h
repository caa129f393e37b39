// KeptManifest: the text of a live MPD that is written anew for every segment: where nothing has changed in it but when it was published
// and the times at which its timelines begin, those are all that is written. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace harness {

class KeptManifest {
 public:
  // What an MPD says differently from the one before it.
  struct Instant {
    std::string published;            // @publishTime
    std::vector<std::int64_t> times;  // each S@t, as they stand
  };
  // A text of the same shape is the same but for what its Instant says.
  bool has(const std::vector<std::int64_t>& shape) const { return !pieces_.empty() && shape == shape_; }
  // Requires: `text` says `now` and every S of it has a @t.
  void keep(std::vector<std::int64_t> shape, const std::string& text, const Instant& now);
  // Requires: has() its shape.
  std::string text(const Instant& now) const;
  void forget() { pieces_.clear(); }

 private:
  std::vector<std::int64_t> shape_;
  std::vector<std::string> pieces_;  // of the text, between what an Instant says
};

}  // namespace harness
