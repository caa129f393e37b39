#include "harness/engine/hlsjs_engine.h"

#include <algorithm>

#include "harness/engine/calibration.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr HlsJsPace kHlsJsPace = hlsjs_1_7_pace();
constexpr base::Duration kHlsJsTick = 100ms;                                             // TICK_INTERVAL
constexpr double kHlsJsMaxBufferBits = 8 * 60e6;                                         // maxBufferSize, config.ts
constexpr base::Duration kHlsJsMaxMaxBuffer = 600s;                                      // maxMaxBufferLength, config.ts
constexpr base::Bitrate kHlsJsHighestPrior = base::Bitrate::bits_per_second(5'000'000);  // abrEwmaDefaultEstimateMax, config.ts
constexpr base::Bitrate kHlsJsCountsParsing = base::Bitrate::bits_per_second(100'000);   // onFragBuffered, abr-controller.ts

constexpr std::size_t kVideo = index_of(TrackKind::kVideo), kAudio = index_of(TrackKind::kAudio);

base::Duration by_size(base::Duration any, base::Duration each_megabyte, base::ByteCount size) {
  return any + each_megabyte * size.count() / 1'000'000;
}

// The selected level's playlist is here, new enough to be used.
bool has_listing(const PlayerView& view) { return view.segment_duration(TrackKind::kVideo).count() > 0; }

// Everything that a live playlist lists is asked for.
bool is_at_edge(const PlayerView& view) {
  return view.is_live() && has_listing(view) && !view.segment_start(TrackKind::kVideo, view.next(TrackKind::kVideo));
}

base::Duration at_least_zero(base::Duration d) { return std::max(d, base::Duration{}); }

}  // namespace

HlsJsEngine::HlsJsEngine(const Device& device) : bandwidth_{device.initial_estimate} {}

const EngineTraits& HlsJsEngine::traits() const {
  static const EngineTraits kTraits = hlsjs_1_7();
  return kTraits;
}

std::size_t HlsJsEngine::start_rendition(const PlayerView& view) {
  if (levels_.empty()) {
    for (const LadderRung& rung : view.ladder()) levels_.push_back({.peak = rung.peak, .average = rung.average});
    const base::Bitrate first = levels_[view.first_listed()].peak;
    bandwidth_ = hlsjs::Bandwidth{std::max(view.device().initial_estimate, std::min(first, kHlsJsHighestPrior))};
    tick_zero_ = view.now() + kHlsJsPace.ticks;
  }
  return failures_.load_level = choose_level(view);
}

Next HlsJsEngine::next(TrackKind kind, const PlayerView& view) {
  if (view.is_live() && live_zero_ == base::Instant{}) live_zero_ = view.now() - view.playhead();
  return kind == TrackKind::kVideo ? next_video(view) : next_audio(view);
}

Next HlsJsEngine::next_video(const PlayerView& view) {
  if (!first_.video) return first(TrackKind::kVideo, view);
  if (const auto wait = wait_for_first(TrackKind::kVideo, view)) return *wait;
  const std::size_t before = std::exchange(failures_.load_level, choose_level(view));
  if (before == failures_.load_level && is_at_edge(view)) return wait_at_edge(view);
  if (const auto full = wait_while_full(TrackKind::kVideo, view)) return *full;
  return Load{.rendition = failures_.load_level, .from = view.next(TrackKind::kVideo), .pause = gap(TrackKind::kVideo, view)};
}

Next HlsJsEngine::next_audio(const PlayerView& view) {
  const Download* video = view.running(TrackKind::kVideo);
  if (video != nullptr) audio_.video_asked(video->start + video->duration);
  if (!first_.audio) return first(TrackKind::kAudio, view);
  if (const auto wait = wait_for_first(TrackKind::kAudio, view)) return *wait;
  if (const auto full = wait_while_full(TrackKind::kAudio, view)) return *full;
  if (audio_.is_held_back()) return Pause{};
  const base::Duration from = view.next(TrackKind::kAudio), start = view.segment_start(TrackKind::kAudio, from).value_or(from);
  Load load{.from = from, .pause = gap(TrackKind::kAudio, view)};
  if (view.is_live() && view.now() - live_zero_ <= view.buffered_end(TrackKind::kAudio)) return load;
  if (audio_.is_ahead(start)) return Pause{};
  const base::Duration beside = video == nullptr ? base::Duration{} : at_least_zero(video->asked - view.now()) + kHlsJsPace.audio_beside;
  if (last_at_[kAudio] == view.now()) {
    if (video != nullptr && video->asked > view.now() && audio_.is_ahead_of_received(start)) load.pause = std::max(load.pause, beside);
    return load;
  }
  if (video != nullptr) return Load{.from = from, .pause = beside};
  const base::Instant tick = hlsjs::next_tick(tick_zero_, std::max({last_at_[kVideo], last_at_[kAudio], first_release()}));
  if (view.now() < tick) return Pause{tick};
  return Load{.from = from};
}

// Of what counts for the second audio request. While video waits for a playlist audio goes ahead with a tick, but not with the one that
// releases the first segments, for video's is not in the buffer then (atBufferSyncLimit, audio-stream-controller.ts).
base::Instant HlsJsEngine::first_release() const {
  if (last_at_[kAudio] != *first_.audio) return {};
  return hlsjs::first_released(first_, true, tick_zero_).value_or(base::Instant{});
}

// Live audio is not asked for before video has told it its times.
Next HlsJsEngine::first(TrackKind kind, const PlayerView& view) {
  if (kind == TrackKind::kVideo) failures_.load_level = choose_level(view);
  const Load load{.rendition = failures_.load_level, .from = view.next(kind)};
  if (kind == TrackKind::kVideo || !view.is_live()) return load;
  const auto parsed = hlsjs::first_parsed(first_);
  if (!parsed) return Pause{};
  return view.now() < *parsed ? Next{Pause{*parsed}} : Next{load};
}

// Until both first segments are appended and the second ones may be asked for; nothing: they may.
std::optional<Pause> HlsJsEngine::wait_for_first(TrackKind kind, const PlayerView& view) const {
  const auto released = hlsjs::first_released(first_, view.has(TrackKind::kAudio), tick_zero_);
  if (!released) return Pause{};
  const base::Instant ready = *released + (kind == TrackKind::kVideo ? kHlsJsPace.second_video : kHlsJsPace.second_audio);
  return view.now() < ready ? std::optional{Pause{ready}} : std::nullopt;
}

// From what made this request possible to its call.
base::Duration HlsJsEngine::gap(TrackKind kind, const PlayerView& view) const {
  const bool video = kind == TrackKind::kVideo;
  if (last_at_[index_of(kind)] == (video ? first_.video : first_.audio)) return {};
  if (last_at_[index_of(kind)] == view.now())
    return video ? by_size(kHlsJsPace.video, kHlsJsPace.video_of_mb, last_size_) : kHlsJsPace.audio;
  return !video && last_at_[kVideo] == view.now() ? kHlsJsPace.audio_released : kHlsJsPace.after_playlist;
}

// hls.js chooses with each tick, and here nothing but the shrinking buffer can change its mind: below two segments peaks count.
Pause HlsJsEngine::wait_at_edge(const PlayerView& view) const {
  const base::Duration long_for = view.level(TrackKind::kVideo) - 2 * segment_;
  if (long_for.count() < 0 || view.state() != PlayerState::kPlaying) return Pause{};
  return Pause{hlsjs::next_tick(tick_zero_, view.now() + in_wall_time(long_for, view.rate()))};
}

base::Duration HlsJsEngine::most_buffered(const PlayerView& view) const {
  const double rate = std::max(static_cast<double>(levels_[failures_.load_level].peak.bps()), 1.0);
  const auto by_size = base::Duration{static_cast<std::int64_t>(std::min(kHlsJsMaxBufferBits / rate, 1e6) * 1e9)};
  return std::min(std::max(by_size, view.device().buffer_target), kHlsJsMaxMaxBuffer);
}

// More than 60 MB and half a minute are ahead: looked at again with each tick.
std::optional<Pause> HlsJsEngine::wait_while_full(TrackKind kind, const PlayerView& view) const {
  const base::Duration most = most_buffered(view), level = view.level(kind);
  if (level < most) return std::nullopt;
  if (view.state() != PlayerState::kPlaying) return Pause{};
  return Pause{hlsjs::next_tick(tick_zero_, view.now() + in_wall_time(level - most, view.rate()) + 1ms)};
}

std::size_t HlsJsEngine::choose_level(const PlayerView& view) {
  if (levels_.size() < 2) return 0;
  for (std::size_t i = 0; i < levels_.size(); ++i) levels_[i].listed = view.is_listed(i);
  const hlsjs::Outlook now = outlook(view);
  const bool measured = bandwidth_.measured() && loaded_;
  const auto& forced = failures_.forced_level;
  if (forced && !measured) return *forced;
  const std::size_t chosen = measured ? hlsjs::next_level(levels_, now) : hlsjs::first_level(levels_, now, view.first_listed());
  return forced && levels_[*forced].load_errors <= levels_[chosen].load_errors ? *forced : chosen;
}

hlsjs::Outlook HlsJsEngine::outlook(const PlayerView& view) const {
  return {.bandwidth = bandwidth_.estimate(),
          .first_byte = bandwidth_.first_byte(),
          .playlist = playlist_,
          .buffer = in_wall_time(view.level(TrackKind::kVideo), view.rate()),
          .segment = segment_,
          .base = loaded_.value_or(view.first_listed()),
          .loaded = loaded_,
          .highest = levels_.size() - 1,
          .live = segment_.count() > 0 && view.is_live()};
}

// hls.js looks at a download every 100 ms from its call; it does nothing before half the segment's duration is over.
base::Instant HlsJsEngine::next_check(const Download& download) const {
  const base::Duration patience = std::max(download.duration / 2, bandwidth_.first_byte());
  const base::Duration from = std::max(patience, checked_ - download.asked + base::Duration{1});
  return download.asked + (from + kHlsJsTick - base::Duration{1}) / kHlsJsTick * kHlsJsTick;
}

std::optional<base::Instant> HlsJsEngine::wake(const PlayerView& view) const {
  const Download* video = view.running(TrackKind::kVideo);
  if (video == nullptr || rescue_) return std::nullopt;
  return video->rendition < 2 || !loaded_ ? std::nullopt : std::optional{next_check(*video)};
}

bool HlsJsEngine::gives_up(const Download& download, const PlayerView& view) {
  if (download.init) return false;
  if (rescue_ && download.track == TrackKind::kVideo) return has_listing(view) && std::exchange(rescue_, std::nullopt);
  const base::Instant now = view.now();
  if (download.track != TrackKind::kVideo || download.rendition < 2 || !loaded_ || now < next_check(download)) return false;
  checked_ = now;
  hlsjs::Outlook outlook = this->outlook(view);
  outlook.segment = download.duration;
  hlsjs::Loading loading{
      .level = download.rendition, .elapsed = now - download.asked, .received = download.received, .size = download.expected};
  if (download.first_byte) loading.first_byte = *download.first_byte - download.asked;
  const auto rescue = hlsjs::rescue(levels_, outlook, loading);
  return rescue && leave(download, loading, *rescue, view);
}

// Returns: at once. Otherwise when the playlist of the level is here; a download that ends before that is used. The estimate starts again
// from the rate of the level that is loaded instead; in a hurry that is the lowest.
bool HlsJsEngine::leave(const Download& download, const hlsjs::Loading& loading, const hlsjs::Rescue& rescue, const PlayerView& view) {
  if (loading.first_byte && loading.received.count() > 0)
    bandwidth_.add(download.received, loading.elapsed, *loading.first_byte);
  else
    bandwidth_.add_first_byte(loading.elapsed);
  const base::Bitrate rate = levels_[rescue.level].peak;
  if (hlsjs::kStepUpFactor * static_cast<double>(bandwidth_.estimate().bps()) > static_cast<double>(rate.bps()))
    bandwidth_ = hlsjs::Bandwidth{rate};
  hlsjs::Outlook instead = outlook(view);
  instead.bandwidth = rate;
  instead.segment = download.duration;
  instead.highest = rescue.level;
  const base::Duration buffer = std::exchange(instead.buffer, base::Duration{});
  std::size_t level = hlsjs::best_level(levels_, instead, {.grace = buffer}).value_or(rescue.level);
  const bool at_once = rescue.urgent && level > 0;
  if (at_once) bandwidth_ = hlsjs::Bandwidth{levels_[level = 0].peak};
  failures_.forced_level = failures_.load_level = level;
  if (at_once || (levels_[level].listed && !view.is_live())) return true;
  rescue_ = level;
  return false;
}

std::optional<std::size_t> HlsJsEngine::prepares(const PlayerView& view) const {
  return view.running(TrackKind::kVideo) != nullptr ? rescue_ : std::nullopt;
}

Remedy HlsJsEngine::remedy(const FailedRequest& request, const PlayerView& view) {
  if (request.kind == RequestKind::kVideo && request.timed_out) bandwidth_.add_first_byte(traits().timeouts.silence);
  FailedRequest failed = request;
  const base::Duration next = view.next(request.track);
  const bool is_last = !view.segment_start(request.track, next + view.segment_duration(request.track));
  if (is_last) failed.live = false;  // the last one of a live stream may still come
  Remedy remedy = hlsjs::remedy(failed, levels_, failures_);
  if (remedy.what == Remedy::What::kRetry && request.kind != RequestKind::kManifest)
    remedy.after = remedy.after.count() > 0 ? hlsjs::next_tick(tick_zero_, view.now() + remedy.after) - view.now() : kHlsJsPace.video;
  return remedy;
}

// Whether to leave the running download is asked at wake(). Video that waits is chosen for anew by the shrinking buffer, at any time.
base::Instant HlsJsEngine::quiet_until(const PlayerView& view) const {
  const Download* video = view.running(TrackKind::kVideo);
  if (video == nullptr || rescue_) return {};
  if (!view.has(TrackKind::kAudio) || view.running(TrackKind::kAudio) != nullptr) return base::Instant::max();
  if (!first_.audio) return {};
  if (view.is_live()) return base::Instant::max();  // it waits for its playlist, for video or for a tick
  if (const auto wait = wait_for_first(TrackKind::kAudio, view)) return wait->until;
  const base::Duration above = view.level(TrackKind::kAudio) - most_buffered(view);
  if (above.count() >= 0) return view.now() + above;
  const base::Duration from = view.next(TrackKind::kAudio);
  const bool waits = audio_.is_held_back() || audio_.is_ahead(view.segment_start(TrackKind::kAudio, from).value_or(from));
  return waits ? base::Instant::max() : base::Instant{};
}

void HlsJsEngine::on_download(const Download& download, const PlayerView& view) {
  if (download.init) return;
  const std::size_t track = index_of(download.track);
  last_at_[track] = view.now();
  auto& first = download.track == TrackKind::kVideo ? first_.video : first_.audio;
  const bool is_first = !first;
  if (is_first) first = view.now();
  if (download.track == TrackKind::kAudio)
    audio_.audio_arrived(download.start, download.duration, is_first ? base::Duration::max() : view.buffered_end(TrackKind::kVideo));
  else
    video_arrived(download, is_first);
}

void HlsJsEngine::video_arrived(const Download& download, bool is_first) {
  rescue_.reset();
  audio_.video_arrived(download.start + download.duration);
  last_size_ = download.received;
  segment_ = download.duration;
  loaded_ = std::min(download.rendition, levels_.size() - 1);
  if (failures_.forced_level == loaded_) failures_.forced_level.reset();
  levels_[*loaded_].load_errors = levels_[*loaded_].segment_errors = 0;
  sample(download, is_first);
}

void HlsJsEngine::sample(const Download& download, bool is_first) {
  const base::Duration loading = download.latest - download.asked;
  const base::Duration first_byte = download.first_byte.value_or(download.latest) - download.asked;
  bandwidth_.add_first_byte(first_byte);
  const double rate = static_cast<double>(download.received.count()) * 8 / std::max(base::to_seconds(download.duration), 1e-3);
  const bool counts_parsing = rate >= static_cast<double>(kHlsJsCountsParsing.bps());
  const base::Duration parsing =
      is_first ? *hlsjs::first_parsed(first_) - download.latest : by_size(kHlsJsPace.parsing, kHlsJsPace.parsing_of_mb, download.received);
  bandwidth_.add(download.received, counts_parsing ? loading + parsing : loading, first_byte);
}

void HlsJsEngine::on_playlist(std::size_t rendition, base::Duration took, const PlayerView&) {
  playlist_ = at_least_zero(took - bandwidth_.first_byte());
  failures_.playlist = 0;
  if (rendition < levels_.size() && levels_[rendition].segment_errors == 0) levels_[rendition].load_errors = 0;
}

}  // namespace harness
