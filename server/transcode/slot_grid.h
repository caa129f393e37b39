// SlotGrid: the heart of the live path. Puts a source's pictures and sound onto the stream's own timeline (media time: wall time since
// the stream began) and says what to encode, so that every slot is either complete or a gap, whatever the source does:
//
//   a picture goes to the nearest frame of the grid; frames without one repeat the last picture; missing sound is silence;
//   no picture for `loss_after` is a loss: the slot that was begun is completed that way, and those after it become gaps as the clock
//   passes their ends; what comes back starts at the next slot boundary.
//
// Where a source's timestamps lie on the timeline, source_clock.h says. Pure. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "server/transcode/slot_geometry.h"

namespace server {

// Encoding starts at this slot's boundary; what the encoders still held of the time before is void.
struct StartRun {
  std::int64_t slot;
  friend bool operator==(const StartRun&, const StartRun&) = default;
};
// `held`: the last picture again, else the one just given.
struct EncodeVideo {
  std::int64_t frame;
  bool key;
  bool held;
  friend bool operator==(const EncodeVideo&, const EncodeVideo&) = default;
};
// The sound just given, without its first `skip` samples.
struct EncodeAudio {
  std::int64_t skip;
  friend bool operator==(const EncodeAudio&, const EncodeAudio&) = default;
};
struct EncodeSilence {
  std::int64_t samples;
  friend bool operator==(const EncodeSilence&, const EncodeSilence&) = default;
};
// Everything in this slot has been given to the encoders, and enough after it for them to let it out.
struct CompleteSlot {
  std::int64_t slot;
  friend bool operator==(const CompleteSlot&, const CompleteSlot&) = default;
};
struct GapSlot {
  std::int64_t slot;
  friend bool operator==(const GapSlot&, const GapSlot&) = default;
};
using GridAction = std::variant<StartRun, EncodeVideo, EncodeAudio, EncodeSilence, CompleteSlot, GapSlot>;
using GridActions = std::vector<GridAction>;

class SlotGrid {
 public:
  struct Options {
    SlotGeometry geometry;
    base::Duration loss_after = std::chrono::milliseconds{500};
    base::Duration audio_patience = std::chrono::milliseconds{500};  // how far sound may trail the pictures before it is silence
    std::int64_t audio_lookahead = 2;                                // AAC frames the encoder wants after one before it lets that one out
  };
  explicit SlotGrid(Options options) : options_{options} {}

  // A picture or sound that belongs at media time `at`; `now`: the media time of the moment.
  GridActions video(base::Duration now, base::Duration at);
  GridActions audio(base::Duration at, std::int64_t samples);
  // To be called often, also while nothing comes.
  GridActions tick(base::Duration now);
  // The source is complete (a file): the last slot ends with its last picture.
  GridActions finish();

  // Between two slots that a source fills. Before the first picture it does not run either.
  bool is_running() const { return running_; }
  // Media time of the next frame to encode.
  base::Duration position() const { return geometry().frame_time(next_frame_); }
  std::uint64_t losses() const { return losses_; }
  std::uint64_t held() const { return held_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  const SlotGeometry& geometry() const { return options_.geometry; }
  bool starts_at(std::int64_t frame);
  void start_run(std::int64_t slot, GridActions& actions);
  void put(std::int64_t frame, bool held, GridActions& actions);
  void hold_until(std::int64_t frame, bool held, GridActions& actions);
  void silence_until(std::int64_t sample, GridActions& actions);
  void complete_slots(GridActions& actions);
  void lose(GridActions& actions);
  void pass_gaps(base::Duration now, GridActions& actions);
  std::int64_t samples_needed(std::int64_t slot) const;

  Options options_;
  std::optional<std::int64_t> resume_slot_;
  bool running_ = false;
  bool started_ = false;        // once
  bool audio_heard_ = false;    // once
  bool audio_follows_ = false;  // the next block continues the one before
  std::int64_t slot_ = 0;       // the oldest not published yet
  std::int64_t next_frame_ = 0;
  std::int64_t next_sample_ = 0;
  base::Duration last_video_{};
  std::uint64_t losses_ = 0, held_ = 0, dropped_ = 0;
};

}  // namespace server
