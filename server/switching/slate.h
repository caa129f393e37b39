// Slate: what a stream shows while none of its sources sends: a picture and a tone, or silence. Also fitted(), by which pictures of another
// shape get the shape of the stream.
#pragma once

#include <cstdint>
#include <string>

#include "server/ingest/source.h"

namespace server {

// The picture in the middle of a black one of this size, as large as it fits; itself where its shape is the same within 1 %. Throws
// base::RunFailed when its pixel format cannot be converted.
Picture fitted(const Picture& picture, int width, int height);

// The first picture of an image or video file. Throws base::RunFailed naming the file and the reason.
Picture picture_of(const std::string& file);

class Slate {
 public:
  // `image`: null: plain grey. Throws as fitted() does.
  Slate(const Picture& image, bool tone, int width, int height);

  const Picture& picture() const { return picture_; }
  // The sound from one sample of the stream's timeline up to another.
  AudioBlock sound(std::int64_t from, std::int64_t to) const;

 private:
  Picture picture_;
  bool tone_;
};

}  // namespace server
