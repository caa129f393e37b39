// A file played over and over: its H.264 and AAC tracks as units in sending order, on one timeline that goes on growing from one
// round to the next. A round is as long as the video track; sound beyond it is cut, and no sound overlaps the next round's.
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "generators/feed/av.h"

namespace generators {

// One coded picture (Annex B, parameter sets before key frames) or one AAC frame.
struct Unit {
  bool is_video = false;
  bool is_key = false;
  base::Duration dts{}, pts{};  // since the beginning of the first round
  std::vector<std::uint8_t> bytes;
};

class Clip {
 public:
  // Throws base::RunFailed naming the file.
  explicit Clip(std::string file);
  const AVCodecParameters& video() const { return *filter_->par_out; }
  const AVCodecParameters& audio() const { return *input_->streams[audio_]->codecpar; }
  base::Duration length() const { return length_; }
  AVRational frame_rate() const;  // 25 when the file does not say
  // By how much later a picture is shown than sent: of B-frames; else 0.
  base::Duration reorder_delay() const { return reorder_delay_; }

  // The next unit will be the first key frame at or after `position`; later units follow. Requires: position >= 0.
  void seek(base::Duration position);
  // Throws base::RunFailed when the file can no longer be read.
  Unit next();

 private:
  void find_tracks();
  void open_filter();
  std::optional<Unit> read_unit();  // nothing at the end of a round
  void rewind();
  bool is_wanted(const Unit& unit);
  void to_annex_b();
  base::Duration time_of(std::int64_t ticks, int stream) const;

  std::string file_;
  AvInput input_;
  AvFilter filter_;
  AvPacketOwner packet_;
  int video_ = -1, audio_ = -1;
  base::Duration start_{}, length_{};  // of the video track
  base::Duration audio_frame_{}, reorder_delay_{};
  std::int64_t round_ = 0;
  std::optional<base::Duration> key_frame_from_;  // set until the key frame is found
  base::Duration last_video_{-1}, audio_end_{0};
};

}  // namespace generators
