// Packager: pictures and sound in, published slots out: the grid decides, the encoders encode, each complete slot becomes one CMAF
// segment in every track. Made at a source's first picture, outlives the source. One thread; the presentation is read by others.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/ingest/source.h"
#include "server/library/stream_metrics.h"
#include "server/package/presentation.h"
#include "server/transcode/encoded_packets.h"
#include "server/transcode/encoder_set.h"
#include "server/transcode/slot_grid.h"

namespace server {

class Packager {
 public:
  enum class Pace { kLive, kAtOnce };
  static constexpr base::Duration kNever = std::chrono::hours{24 * 365};
  struct Options {
    std::string name;
    Pace pace = Pace::kLive;
    std::vector<LadderRung> ladder;
    base::UtcTime start;                                         // wall time of media time 0
    base::Duration loss_after = std::chrono::milliseconds{500};  // without a picture for so long the feed is lost
    const std::atomic<bool>* stopping = nullptr;                 // once it is true nothing more is encoded; outlives the packager
    PacketTap packets{};                                         // told of what the highest rung's and the sound's encoder let out
  };
  // `first` gives size, colours and frame rate; it is still to be put in. Throws base::RunFailed when the encoders refuse.
  Packager(Options options, const VideoFrame& first, StreamMetrics& metrics);

  // `now`: the moment's media time, `at`: the picture's or sound's (source_clock.h). All throw base::RunFailed when an encoder fails.
  void video(base::Duration now, base::Duration at, const VideoFrame& frame);
  void audio(base::Duration at, const AudioBlock& block);
  void tick(base::Duration now);
  void finish();

  const SlotGeometry& geometry() const { return geometry_; }
  bool is_running() const { return grid_.is_running(); }
  base::Duration position() const { return grid_.position(); }
  std::uint64_t losses() const { return grid_.losses(); }
  std::uint64_t held() const { return grid_.held(); }   // frames that repeat the last picture
  std::uint64_t segments() const { return segments_; }  // gaps included
  std::shared_ptr<const Presentation> presentation() const { return presentation_; }

 private:
  void apply(const GridActions& actions, const AudioBlock* block);
  void act(const StartRun& start);
  void act(const EncodeVideo& encode);
  void act(const CompleteSlot& complete);
  void act(const GapSlot& gap);
  void tell(std::size_t track, const EncodedSample& sample) const;
  void note_capture(base::Duration now, base::Duration at, const VideoFrame& frame);
  void count_frames();
  Segment segment_frame(std::size_t track, std::int64_t slot) const;
  Segment full_segment(std::size_t track, std::int64_t slot);

  const Options options_;
  StreamMetrics& metrics_;
  SlotGeometry geometry_;
  SlotGrid grid_;
  EncoderSet encoders_;
  EncodedPackets packets_;
  std::shared_ptr<Presentation> presentation_;
  Picture given_, last_;  // the picture just given; the last one encoded
  struct EarlyAudio {
    base::Duration at;
    AudioBlock block;
  };
  std::deque<EarlyAudio> early_audio_;  // came while nothing runs: its pictures may still be on their way
  base::Duration capture_offset_{};     // capture time minus (start + media time)
  std::uint64_t segments_ = 0;
  bool finishing_ = false;
  struct Counted {
    double held = 0, dropped = 0;
  } counted_;  // already in the metrics
};

}  // namespace server
