// FlvWriter: the messages of an RTMP publisher as an FLV stream (FLV 10.1, annex E), each tag handed on whole or not at all. When there is
// no room for a decoder's configuration it is owed: nothing else goes before it. After a lost picture the next one is a keyframe. Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "media/rtmp/message.h"
#include "server/ingest/rtmp/codec.h"
#include "server/ingest/rtmp/tag_clock.h"

namespace server::rtmp {

using media::rtmp::MessageType;

class FlvSink {
 public:
  // The pieces belong together. False: there is no room for them; nothing was taken.
  virtual bool push(std::span<const std::span<const char>> pieces) = 0;

 protected:
  ~FlvSink() = default;
};

class FlvWriter {
 public:
  // Requires: `sink` outlives the writer.
  explicit FlvWriter(FlvSink& sink);

  // The errors name a codec that cannot be used and say what to send instead.
  base::Result<void> video(std::uint32_t timestamp, Bytes payload);
  base::Result<void> audio(std::uint32_t timestamp, Bytes payload);
  // "onMetaData" and what follows it, in AMF0.
  void metadata(Bytes payload);

 private:
  // False: lost, or owed.
  bool write(MessageType type, const MediaPayload& media, std::uint32_t timestamp);
  bool settle();

  FlvSink& sink_;
  TagClock clock_;
  bool wants_keyframe_ = false;
  std::array<std::string, 3> owed_;  // the file's header, the video decoder's configuration, the audio decoder's
};

}  // namespace server::rtmp
