// HealthThresholds: from when on a source counts as impaired, and from when on as well again; one set for each stream.
#pragma once

#include <chrono>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "server/ingest/health/aspect.h"
#include "server/ingest/health/dwell.h"

namespace server {

struct HealthThresholds {
  // Which aspects make a source unfit to be shown. Pictures only: black, still and silent moments belong to many a programme, so an
  // operator says whether they do to this one.
  HealthAspectSet counts{HealthAspect::kPicture};

  // No picture for so long. An assumption: 12 pictures at 25 a second; the slot grid's loss_after.
  base::Duration picture_gap = std::chrono::milliseconds{500};
  base::Duration picture_clear_after = std::chrono::seconds{1};  // of pictures without such a gap. An assumption

  // Over two key frame distances of an encoder that puts one every second, so that key frames do not show. An assumption.
  base::Duration bitrate_window = std::chrono::seconds{2};
  base::Bitrate bitrate_floor{};   // 0: none
  double bitrate_collapse = 0.25;  // of the usual rate; 0: never. An assumption
  DwellTimes bitrate{.raise_after = std::chrono::seconds{1}, .clear_after = std::chrono::seconds{5}};  // an assumption

  // So many errors within the window. ETSI TR 101 290 makes every one an error of the first priority; one a second is taken as damage that
  // lasts, an assumption.
  int continuity_errors = 5;
  base::Duration continuity_window = std::chrono::seconds{5};
  base::Duration continuity_clear_after = std::chrono::seconds{5};

  base::Duration timestamp_jump = std::chrono::seconds{1};          // the slot grid's `jump`
  base::Duration timestamps_clear_after = std::chrono::seconds{5};  // without another jump. An assumption

  // Mean absolute luma difference, in levels of 255. FFmpeg's freezedetect takes 0.001 of white (0.255). Measured: a still picture encoded
  // anew by x264 at 0.5 Mbit/s and more, 720p, stays below 0.43 in 95 of 100 pictures (FreezeMeter has the rest), and each picture of our
  // test videos moves by 1.2 and more.
  double freeze_difference = 0.5;
  DwellTimes freeze{.raise_after = std::chrono::seconds{2}, .clear_after = std::chrono::seconds{1}};  // freezedetect; an assumption

  // AWS Elemental MediaLive's example for its black condition is a tenth of white, 25 of 255, for every sample; the mean is taken here, and
  // the spread (standard deviation) keeps out pictures with something in them. The spread is an assumption.
  double black_luma = 25, black_spread = 5;
  DwellTimes black{.raise_after = std::chrono::seconds{2}, .clear_after = std::chrono::seconds{1}};  // FFmpeg's blackdetect; an assumption

  double silence_level = -60;  // dBFS. FFmpeg's silencedetect (its peak); MediaLive takes -50
  DwellTimes silence{.raise_after = std::chrono::seconds{2},
                     .clear_after = std::chrono::milliseconds{500}};  // silencedetect; an assumption

  // Short of the slot grid's audio_patience of 500 ms, beyond which sound is replaced by silence.
  base::Duration skew_limit = std::chrono::milliseconds{400};
  DwellTimes skew{.raise_after = std::chrono::seconds{2}, .clear_after = std::chrono::seconds{2}};  // an assumption

  friend bool operator==(const HealthThresholds&, const HealthThresholds&) = default;
};

// Names the first field that is out of its range, as it is called in JSON ("freeze_raise_after: 10ms: must be 100ms to 10m").
base::Result<void> check(const HealthThresholds& thresholds);

}  // namespace server
