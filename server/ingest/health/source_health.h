// SourceHealth: how well a source is, computed on what it sends: for each aspect whether it is impaired, since when and by what evidence,
// and the changes as events. Impaired and well again each need their time (HealthThresholds), so that an aspect does not flap.
// Pure: time comes in, with the bytes, the pictures (VideoFrame::arrived), the sound and the ticks; an instant before the newest one counts
// as that. Not thread-safe: the owner sees to it that one thread at a time is here.
//
// Bytes tell of bitrate and continuity; pictures of freeze, black and timestamps; pictures and sound of skew; sound, and its staying away,
// of silence; ticks show what stays away. What cannot be judged at the moment stays as it was: a source that is gone is not well again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "server/ingest/health/aspect.h"
#include "server/ingest/health/bitrate_meter.h"
#include "server/ingest/health/black_meter.h"
#include "server/ingest/health/continuity_meter.h"
#include "server/ingest/health/dwell.h"
#include "server/ingest/health/freeze_meter.h"
#include "server/ingest/health/jump_meter.h"
#include "server/ingest/health/luma_grid.h"
#include "server/ingest/health/skew_meter.h"
#include "server/ingest/health/sliding_sum.h"
#include "server/ingest/health/sound_meter.h"
#include "server/ingest/health/thresholds.h"
#include "server/ingest/source.h"

namespace server {

struct HealthState {
  bool is_impaired = false;
  base::Instant since;   // of the condition, not of its being noticed. Meaningless while well
  std::string evidence;  // "black for 2.0 s: mean luma 16.4, spread 0.3"; "" before anything has happened
};

struct HealthFigure {
  std::string_view name;  // with its unit, as in JSON: "gap_ms", "level_dbfs"
  double value = 0;
};

struct HealthChange {
  base::Instant when;
  HealthAspect aspect{};
  bool is_impaired = false;  // else cleared
  std::string evidence;
  std::vector<HealthFigure> figures;
};

// As they are now; what has not come yet is absent.
struct HealthFigures {
  base::Bitrate bitrate, usual_bitrate;
  ContinuityCounts continuity;
  std::uint64_t timestamp_jumps = 0;
  std::optional<base::Duration> picture_age;  // since the last one
  std::optional<double> luma, luma_spread, luma_difference;
  std::optional<double> level;         // dBFS
  std::optional<base::Duration> skew;  // sound behind the pictures
};

class SourceHealth {
 public:
  // Impaired for want of a picture until pictures come, which is no change. Requires: check(thresholds).
  SourceHealth(HealthThresholds thresholds, base::Instant now);

  void on_connected(base::Instant now);
  void on_disconnected(base::Instant now);
  void on_transport_stream(base::Instant now, std::span<const std::uint8_t> bytes);  // MPEG-TS, in pieces of any size
  void on_bytes(base::Instant now, base::ByteCount size);                            // of anything else
  void on_video(const VideoFrame& frame);
  void on_audio(const AudioBlock& block);
  // Ten times a second and more, always: what stays away is noticed here.
  void tick(base::Instant now);

  // No aspect is impaired that counts.
  bool is_healthy() const;
  HealthState state(HealthAspect aspect) const;
  HealthFigures figures(base::Instant now);
  // Since the last call, oldest first.
  std::vector<HealthChange> take_changes() { return std::exchange(changes_, {}); }
  const HealthThresholds& thresholds() const { return thresholds_; }

 private:
  struct Account {  // of a change
    std::string evidence;
    std::vector<HealthFigure> figures;
  };
  struct Aspect {
    Dwell dwell;
    std::string evidence;
  };
  base::Instant advance(base::Instant now) { return now_ = std::max(now_, now); }
  void forget();
  void observe_picture(bool has_come);
  void observe_bitrate();
  void observe_continuity(std::uint64_t new_errors);
  void observe_timestamps();
  void observe_looks();
  void observe_silence();
  void observe_skew();
  template <class Accounts>
  void observe(HealthAspect aspect, std::optional<base::Instant> since, const DwellTimes& times, Accounts account);

  const HealthThresholds thresholds_;
  base::Instant now_;
  std::array<Aspect, kHealthAspects> aspects_;
  std::vector<HealthChange> changes_;

  bool is_connected_ = false;
  std::optional<base::Instant> last_picture_;  // of this connection
  base::Instant picture_awaited_since_;        // the last picture of any, or the beginning
  BitrateMeter bitrate_;
  ContinuityMeter continuity_;
  SlidingSum recent_errors_;
  std::optional<base::Instant> errors_since_;
  JumpMeter jumps_;
  std::uint64_t jump_count_ = 0;
  std::optional<base::Duration> new_jump_;
  LumaGrid grid_;
  bool has_grid_ = false;
  FreezeMeter freeze_;
  BlackMeter black_;
  SoundMeter sound_;
  SkewMeter skew_;
};

}  // namespace server
