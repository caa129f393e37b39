// Good contributions that damage starts from: a second each of test video by our own feed's muxers, as MPEG-TS and as what an RTMP
// publisher sends; with other pictures, and with other channels of sound.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "tests/contract/stream_damage.h"

namespace damage {

struct Contribution {
  TransportStream transport_stream;
  std::vector<FlvMessage> messages;
};

// Of a clip, in the order of sending. `begin`: of its timestamps.
Contribution contribution_of(const std::string& file, base::Duration length, base::Duration begin = {});

// Clips of a second: 25 pictures a second of 320x180, or 30 of 160x120; 1, 2 or 6 channels. Files that are gone with it.
class Clips {
 public:
  Clips();
  ~Clips();
  Clips(const Clips&) = delete;
  Clips& operator=(const Clips&) = delete;
  const std::string& stereo() const { return files_[0]; }
  const std::string& small() const { return files_[1]; }
  const std::string& mono() const { return files_[2]; }
  const std::string& surround() const { return files_[3]; }
  const std::vector<std::string>& all() const { return files_; }

 private:
  std::vector<std::string> files_;
};

// The messages as the server makes FLV of them, up to the first that it refuses.
std::string flv_of(const std::vector<FlvMessage>& messages);

}  // namespace damage
