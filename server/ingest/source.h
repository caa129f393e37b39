// Source: where a live stream's pictures and sound come from (a contribution over SRT, a looped file). A source owns its threads and
// calls its sink from one of them, never from two at once; once its destructor returns the sink is not called any more.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "server/ingest/admission.h"
#include "server/ingest/byte_queue.h"
#include "server/ingest/media_packet.h"

struct AVFrame;

namespace server {

// A decoded picture; shared because several encoders read it, never written.
using Picture = std::shared_ptr<const AVFrame>;

inline constexpr int kSampleRate = 48000;  // of every AudioBlock

struct VideoFrame {
  Picture picture;
  base::Duration timestamp{};             // the source's clock, unwrapped
  base::Instant arrived;                  // MediaReader::next()
  std::optional<base::UtcTime> captured;  // from the timecode SEI (timecode.h)
  double frames_per_second = 0;           // what the source says; 0: not known yet
};

// Of sound as a source sends it.
struct SoundFormat {
  int channels = 0, sample_rate = 0;  // 0: not known
  friend bool operator==(const SoundFormat&, const SoundFormat&) = default;
};

// Stereo at kSampleRate, whatever the source sends.
struct AudioBlock {
  std::vector<float> left, right;  // of equal length
  base::Duration timestamp{};      // of the first sample, on the same clock as the video's
  base::Instant arrived;
  SoundFormat sent{};
};

class SourceSink {
 public:
  // A new connection: its timestamps have nothing to do with those of the one before.
  virtual void on_connected() = 0;
  // The bytes that the following comes out of, before they are demuxed. Not of files.
  virtual void on_bytes(std::span<const std::uint8_t> bytes, Container container) = 0;
  // What the pictures and the sound are decoded from; at about the same time, never waited for.
  virtual void on_packet(const MediaPacket& packet) = 0;
  virtual void on_video(VideoFrame frame) = 0;
  virtual void on_audio(AudioBlock block) = 0;
  virtual void on_disconnected(const std::string& reason) = 0;
  // A track that comes cannot be decoded, and why. Said once for each connection and track.
  virtual void on_unusable(const std::string& reason) = 0;
  // Somebody who would have been this source was not let in, or could not be reached. From any thread, at any time.
  virtual void on_refused(Refusal refusal, const std::string& reason) = 0;
  // What is amiss though it goes on: files that are passed over. Empty: nothing any more.
  virtual void on_remark(const std::string& /*text*/) {}
  // A file begins, of one or more that are played in turn.
  virtual void on_next_file(const std::string& /*file*/) {}
  // Nothing will ever come: no file can be played.
  virtual void on_failed(const std::string& reason) = 0;

 protected:
  ~SourceSink() = default;
};

class Source {
 public:
  virtual ~Source() = default;
};

}  // namespace server
