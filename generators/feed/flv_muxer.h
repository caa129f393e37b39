// Packs units into the messages that RTMP carries: the bodies of FLV tags. Timestamps are the sender's matter.
#pragma once

#include <functional>
#include <memory>

#include "generators/feed/clip.h"
#include "media/rtmp/message.h"

namespace generators {

class FlvMuxer {
 public:
  // `take` gets the type and the payload of each message, inside the constructor (metadata, decoder configurations) and write().
  using Take = std::function<void(media::rtmp::MessageType, media::rtmp::Bytes)>;
  FlvMuxer(const Clip& clip, Take take);
  ~FlvMuxer();
  // A key frame with other parameter sets than before is preceded by a decoder configuration. Throws base::RunFailed.
  void write(const Unit& unit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators
