// FormatWatch: what a source's pictures and sound are, and when they become something else. Pure.
#pragma once

#include <optional>
#include <string>

#include "server/ingest/source.h"

namespace server {

class FormatWatch {
 public:
  // A sentence when the format is a new one: "1280x720 at 25 fps; before: 640x360 at 30 fps". Of frame rates, only what lasts counts:
  // some containers round the times that they are reckoned from.
  std::optional<std::string> take(const VideoFrame& frame);
  std::optional<std::string> take(const AudioBlock& block);

 private:
  struct Pictures {
    int width = 0, height = 0;
    double rate = 0;
  };
  static std::string to_text(const Pictures& pictures);
  bool has_new_rate(double rate);

  Pictures pictures_;
  double candidate_ = 0;
  int seen_ = 0;  // pictures in a row at the candidate's rate
  SoundFormat sound_;
};

}  // namespace server
