#include "server/ingest/health/source_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace server {
namespace {

using namespace std::chrono_literals;

std::string seconds_text(base::Duration time) {
  return time < 1s ? fmt::format("{:.0f} ms", base::to_milliseconds(time)) : fmt::format("{:.1f} s", base::to_seconds(time));
}
HealthFigure in_milliseconds(std::string_view name, base::Duration time) { return {name, base::to_milliseconds(time)}; }

}  // namespace

SourceHealth::SourceHealth(HealthThresholds thresholds, base::Instant now)
    : thresholds_{thresholds},
      now_{now},
      picture_awaited_since_{now},
      bitrate_{thresholds.bitrate_window},
      recent_errors_{thresholds.continuity_window} {
  ENSURE(check(thresholds_).has_value());
  Aspect& picture = aspects_[index_of(HealthAspect::kPicture)];
  picture.dwell.observe(now, now, DwellTimes{});
  picture.evidence = "no picture yet";
}

void SourceHealth::on_connected(base::Instant now) {
  advance(now);
  is_connected_ = true;
  forget();
}

void SourceHealth::on_disconnected(base::Instant now) {
  advance(now);
  is_connected_ = false;
  forget();
}

void SourceHealth::forget() {
  for (Aspect& aspect : aspects_) aspect.dwell.forget();
  last_picture_.reset();
  bitrate_.reset();
  continuity_.reset();
  recent_errors_.reset();
  errors_since_.reset();
  jumps_.reset();
  has_grid_ = false;
  freeze_.reset();
  black_.reset();
  sound_.reset();
  skew_.reset();
}

void SourceHealth::on_transport_stream(base::Instant now, std::span<const std::uint8_t> bytes) {
  on_bytes(now, base::ByteCount::bytes(static_cast<std::int64_t>(bytes.size())));
  const std::uint64_t before = continuity_.errors();
  continuity_.take(bytes);
  observe_continuity(continuity_.errors() - before);
}

void SourceHealth::on_bytes(base::Instant now, base::ByteCount size) {
  is_connected_ = true;
  bitrate_.take(advance(now), size);
}

void SourceHealth::on_video(const VideoFrame& frame) {
  const base::Instant now = advance(frame.arrived);
  is_connected_ = true;
  observe_picture(false);  // the gap that ends here may be long enough, though no tick has seen it
  last_picture_ = picture_awaited_since_ = now;
  observe_picture(true);
  new_jump_ = jumps_.take(now, frame.timestamp, thresholds_.timestamp_jump);
  observe_timestamps();
  skew_.take_picture(now, frame.timestamp);
  if (frame.picture == nullptr || !grid_.take(*frame.picture)) return;
  has_grid_ = true;
  observe_looks();
}

void SourceHealth::on_audio(const AudioBlock& block) {
  const base::Instant now = advance(block.arrived);
  is_connected_ = true;
  sound_.take(now, block, thresholds_.silence_level);
  observe_silence();
  skew_.take_sound(now, block.timestamp);
  observe_skew();
}

void SourceHealth::tick(base::Instant now) {
  advance(now);
  observe_picture(false);
  observe_bitrate();
  // Sound is well again by what comes only.
  if (sound_.silent_since(now_, thresholds_.picture_gap)) observe_silence();
}

template <class Accounts>
void SourceHealth::observe(HealthAspect aspect, std::optional<base::Instant> since, const DwellTimes& times, Accounts account) {
  Aspect& of = aspects_[index_of(aspect)];
  const base::Instant began = of.dwell.is_raised() ? of.dwell.since() : since.value_or(now_);
  const Dwell::Change change = of.dwell.observe(now_, since, times);
  if (change == Dwell::Change::kNone) return;
  const bool is_impaired = change == Dwell::Change::kRaised;
  Account told = account(is_impaired, now_ - began);
  of.evidence = told.evidence;
  told.figures.push_back(in_milliseconds("lasted_ms", now_ - began));
  changes_.push_back({now_, aspect, is_impaired, std::move(told.evidence), std::move(told.figures)});
}

void SourceHealth::observe_picture(bool has_come) {
  const base::Duration gap = now_ - picture_awaited_since_;
  const bool is_missing = gap >= thresholds_.picture_gap;
  if (!is_missing && !has_come) return;  // pictures are well again by what comes only
  if (is_missing) {                      // what they look like now is not known
    aspects_[index_of(HealthAspect::kFreeze)].dwell.forget();
    aspects_[index_of(HealthAspect::kBlack)].dwell.forget();
  }
  observe(HealthAspect::kPicture, is_missing ? std::optional{picture_awaited_since_} : std::nullopt,
          {.raise_after = 0ms, .clear_after = thresholds_.picture_clear_after}, [&](bool is_impaired, base::Duration lasted) {
            return is_impaired
                       ? Account{fmt::format("no picture for {}{}", seconds_text(gap), is_connected_ ? "" : ", and no connection"), {}}
                       : Account{fmt::format("pictures again, {} after the last before", seconds_text(lasted)), {}};
          });
}

void SourceHealth::observe_bitrate() {
  if (!is_connected_ || !bitrate_.is_known(now_)) return;
  const base::Bitrate usual = bitrate_.usual();
  const auto since = bitrate_.low_since(now_, {.floor = thresholds_.bitrate_floor, .collapse = thresholds_.bitrate_collapse});
  observe(HealthAspect::kBitrate, since, thresholds_.bitrate, [&](bool is_impaired, base::Duration lasted) {
    const base::Bitrate rate = bitrate_.rate(now_);
    return Account{is_impaired ? fmt::format("{:.0f} kbit/s for {}, usually {:.0f}", rate.kbps(), seconds_text(lasted), usual.kbps())
                               : fmt::format("{:.0f} kbit/s again", rate.kbps()),
                   {{"bitrate_kbps", rate.kbps()}, {"usual_kbps", usual.kbps()}}};
  });
}

void SourceHealth::observe_continuity(std::uint64_t new_errors) {
  if (new_errors > 0) recent_errors_.add(now_, static_cast<std::int64_t>(new_errors));
  const std::int64_t errors = recent_errors_.sum(now_);
  if (errors < thresholds_.continuity_errors)
    errors_since_.reset();
  else if (!errors_since_)
    errors_since_ = now_;
  observe(HealthAspect::kContinuity, errors_since_, {.raise_after = 0ms, .clear_after = thresholds_.continuity_clear_after},
          [&](bool is_impaired, base::Duration lasted) {
            const std::string window = seconds_text(thresholds_.continuity_window);
            return Account{is_impaired ? fmt::format("{} transport stream errors within {}", errors, window)
                                       : fmt::format("{} transport stream errors within {}, {} after there were too many", errors, window,
                                                     seconds_text(lasted)),
                           {{"errors", static_cast<double>(errors)}}};
          });
}

void SourceHealth::observe_timestamps() {
  if (new_jump_) ++jump_count_;
  observe(HealthAspect::kTimestamps, new_jump_ ? std::optional{now_} : std::nullopt,
          {.raise_after = 0ms, .clear_after = thresholds_.timestamps_clear_after}, [&](bool is_impaired, base::Duration lasted) {
            if (!is_impaired) return Account{fmt::format("timestamps steady again, {} after a jump", seconds_text(lasted)), {}};
            const char* where = *new_jump_ < 0ms ? "back" : "ahead";
            return Account{fmt::format("timestamps jumped {} by {}", where, seconds_text(std::chrono::abs(*new_jump_))),
                           {in_milliseconds("jump_ms", *new_jump_)}};
          });
}

void SourceHealth::observe_looks() {
  freeze_.take(now_, grid_, thresholds_.freeze_difference);
  observe(HealthAspect::kFreeze, freeze_.still_since(), thresholds_.freeze, [&](bool is_impaired, base::Duration lasted) {
    return Account{is_impaired ? fmt::format("frozen for {}: pictures differ by {:.2f} levels", seconds_text(lasted), freeze_.difference())
                               : fmt::format("pictures move again after {}", seconds_text(lasted)),
                   {{"luma_difference", freeze_.difference()}}};
  });
  black_.take(now_, grid_, {.luma = thresholds_.black_luma, .spread = thresholds_.black_spread});
  observe(HealthAspect::kBlack, black_.black_since(), thresholds_.black, [&](bool is_impaired, base::Duration lasted) {
    return Account{fmt::format("{} {}: mean luma {:.1f}, spread {:.1f}", is_impaired ? "black for" : "no longer black, after",
                               seconds_text(lasted), black_.luma(), black_.spread()),
                   {{"luma", black_.luma()}, {"luma_spread", black_.spread()}}};
  });
}

void SourceHealth::observe_silence() {
  if (!is_connected_ || !sound_.is_known()) return;
  // Sound that stays away counts from its last block; for as long as a picture may, it may just be late.
  const base::Duration patience = thresholds_.picture_gap;
  observe(HealthAspect::kSilence, sound_.silent_since(now_, patience), thresholds_.silence, [&](bool is_impaired, base::Duration lasted) {
    if (is_impaired && sound_.is_missing(now_, patience)) return Account{fmt::format("no sound for {}", seconds_text(lasted)), {}};
    return Account{
        fmt::format("{} {}: {:.1f} dBFS", is_impaired ? "silence for" : "sound again, after", seconds_text(lasted), sound_.level()),
        {{"level_dbfs", sound_.level()}}};
  });
}

void SourceHealth::observe_skew() {
  const auto since = skew_.apart_since(now_, thresholds_.skew_limit);
  if (!skew_.skew()) return;
  observe(HealthAspect::kSkew, since, thresholds_.skew, [&](bool is_impaired, base::Duration lasted) {
    const base::Duration skew = *skew_.skew();
    return Account{fmt::format("{} sound comes {} {} than the pictures", is_impaired ? "for " + seconds_text(lasted) : "again",
                               seconds_text(std::chrono::abs(skew)), skew < 0ms ? "earlier" : "later"),
                   {in_milliseconds("skew_ms", skew)}};
  });
}

bool SourceHealth::is_healthy() const {
  return std::none_of(kEveryHealthAspect.begin(), kEveryHealthAspect.end(), [this](HealthAspect aspect) {
    return thresholds_.counts.contains(aspect) && aspects_[index_of(aspect)].dwell.is_raised();
  });
}

HealthState SourceHealth::state(HealthAspect aspect) const {
  const Aspect& of = aspects_[index_of(aspect)];
  return {of.dwell.is_raised(), of.dwell.is_raised() ? of.dwell.since() : base::Instant{}, of.evidence};
}

HealthFigures SourceHealth::figures(base::Instant now) {
  advance(now);
  HealthFigures figures{.bitrate = bitrate_.rate(now_),
                        .usual_bitrate = bitrate_.usual(),
                        .continuity = continuity_.counts(),
                        .timestamp_jumps = jump_count_,
                        .skew = skew_.skew()};
  if (last_picture_) figures.picture_age = now_ - *last_picture_;
  if (has_grid_) {
    figures.luma = black_.luma();
    figures.luma_spread = black_.spread();
    figures.luma_difference = freeze_.difference();
  }
  if (sound_.is_known()) figures.level = sound_.level();
  return figures;
}

}  // namespace server
