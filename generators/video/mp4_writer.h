// Encodes pictures (libx264) and sound (AAC) and writes them to an MP4 file. Same input, same bytes: the number of threads is
// fixed, and nothing of the time or the machine goes into the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "generators/video/picture.h"
#include "generators/video/video.h"

namespace generators {

class Mp4Writer {
 public:
  // Writes to `path`. Requires: spec.bitrate is not zero. Throws base::RunFailed naming spec.file, as the functions below do.
  Mp4Writer(const VideoSpec& spec, const std::string& path);
  ~Mp4Writer();

  // The picture to draw the next frame into; valid until it is added.
  Picture next_picture();
  // Encodes it, together with the sound up to its end.
  void add_picture();
  // Writes what is left and closes the file.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators
