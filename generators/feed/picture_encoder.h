// PictureEncoder: encodes in a clip's place while a feed's pictures are not to be the clip's own: the clip is decoded, and what is to be
// shown instead, or the same with fewer bits, is encoded by x264 in real time, as a live encoder would. It stands in for the clip from any
// picture on, beginning with a key frame. Belongs to one thread.
#pragma once

#include <memory>
#include <span>

#include "generators/feed/clip.h"

namespace generators {

class PictureEncoder {
 public:
  struct Look {
    bool is_frozen = false;  // the picture shown last, again and again
    bool is_black = false;
    double bitrate = 1;  // factor to the clip's own
    bool is_plain() const { return !is_frozen && !is_black && bitrate == 1; }
    friend bool operator==(const Look&, const Look&) = default;
  };
  // `group`: the clip's video units since its last key frame, that included, up to the one shown last. Throws base::RunFailed.
  PictureEncoder(const Clip& clip, std::span<const Unit> group);
  ~PictureEncoder();

  // The next picture is a key frame.
  void begin_anew();
  // Returns: what to send in place of the clip's next video unit. Throws base::RunFailed.
  Unit in_place_of(const Unit& unit, const Look& look);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators
