#include "server/library/live_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/av_handles.h"
#include "server/library/ladder_of.h"

namespace server {
namespace {

// An encoder this far behind gets no more to do: the grid then sees a loss, and what cannot be encoded in time is a gap, not latency.
constexpr base::Duration kStale = std::chrono::seconds{1};
// An encoder that is half as fast again as its pictures come has caught up after twice as long as it was behind. One that takes longer
// never might.
constexpr int kCatchUp = 2;
// What a source that stands by keeps beyond the time that a switch takes: delays of two contributions differ.
constexpr base::Duration kKeptBeyond = std::chrono::seconds{1};
// Pictures that come late make no loss, and the slate goes on air before the grid gives up.
constexpr base::Duration kLeastLoss = std::chrono::milliseconds{500};
constexpr base::Duration kSlateBehindSwitch = std::chrono::milliseconds{100};
constexpr base::Duration kLossBehindSwitch = std::chrono::milliseconds{300};
constexpr std::size_t kRemembered = 64;  // switches, changes of health, events

base::Duration slate_after(const StreamSpec& spec) { return std::max(kLeastLoss, spec.failover.switch_after + kSlateBehindSwitch); }

base::Duration loss_after(const StreamSpec& spec) {
  if (spec.slate) return slate_after(spec) + kLossBehindSwitch;
  return spec.backup ? std::max(kLeastLoss, spec.failover.switch_after + kLossBehindSwitch) : kLeastLoss;
}

SourceSelector::Options selector_options(const StreamSpec& spec) {
  SourceSelector::Options options{.failover = spec.failover, .backup = spec.backup.has_value()};
  if (spec.slate) options.slate_after = slate_after(spec);
  return options;
}

Picture slate_image(const StreamSpec& spec) { return spec.slate && !spec.slate->image.empty() ? picture_of(spec.slate->image) : nullptr; }

const char* waiting_for(SourceKind kind) {
  switch (kind) {
    case SourceKind::kSrt:
    case SourceKind::kRtmp:
    case SourceKind::kHttp:
      return "no publisher has connected yet";
    case SourceKind::kSrtCall:
      return "calling";
    case SourceKind::kFile:
    case SourceKind::kPlaylist:
      return "opening the file";
  }
  return "";
}

}  // namespace

LiveOutput::LiveOutput(const StreamSpec& spec, StreamMetrics& metrics, const std::atomic<bool>& stopping, base::Instant now,
                       PacketTap packets)
    : spec_{spec},
      metrics_{metrics},
      stopping_{stopping},
      packets_{std::move(packets)},
      selector_{selector_options(spec)},
      lanes_{Lane{SourceHealth{spec.health, now}}, Lane{SourceHealth{spec.health, now}}},
      slate_image_{slate_image(spec)} {}

void LiveOutput::connected(Feed feed, base::Instant now) {
  Lane& mine = lane(feed);
  mine.health.on_connected(now);
  mine.connected = mine.linked = true;
  mine.heard = mine.is_beyond_encoding = false;
  mine.last_word.clear();
  mine.refusal.clear();
  mine.unusable.clear();
  remember(feed, SourceEventKind::kConnected, {});
  if (catching_up_ && feed == on_air()) put_rest(feed, now);
  if (mine.media) mine.media->connect();
}

void LiveOutput::bytes(Feed feed, std::span<const std::uint8_t> bytes, Container container, base::Instant now) {
  SourceHealth& health = lane(feed).health;
  if (container == Container::kMpegTs) return health.on_transport_stream(now, bytes);
  health.on_bytes(now, base::ByteCount::bytes(static_cast<std::int64_t>(bytes.size())));
}

void LiveOutput::video(Feed feed, VideoFrame frame, base::Instant now) {
  lane(feed).health.on_video(frame);
  if (auto format = lane(feed).format.take(frame)) remember(feed, SourceEventKind::kFormat, std::move(*format));
  if (now - frame.arrived > kStale) return metrics_.frames_late->Increment();
  if (is_of_no_use(lane(feed))) return;
  selector_.picture(feed, frame.arrived);
  select(now);
  if (packager_ == nullptr && (feed != on_air() || !begin_with(feed, frame))) return;
  const bool shown = feed == on_air();
  const base::Duration earliest = shown && is_running() ? packager_->position() : base::Duration{};
  lane(feed).media->take(frame.arrived - epoch_, std::move(frame), earliest, capture_zero_);
  if (shown) put_on(feed, now);
}

void LiveOutput::audio(Feed feed, AudioBlock block, base::Instant now) {
  lane(feed).health.on_audio(block);
  if (auto format = lane(feed).format.take(block)) remember(feed, SourceEventKind::kFormat, std::move(*format));
  lane(feed).heard = true;
  if (packager_ == nullptr) return;
  lane(feed).media->take(std::move(block));
  if (feed == on_air() && !catching_up_) put_on(feed, now);
}

void LiveOutput::disconnected(Feed feed, const std::string& reason, base::Instant now) {
  lane(feed).health.on_disconnected(now);
  lane(feed).linked = false;
  lane(feed).last_word = reason;
  selector_.ended(feed);
  remember(feed, SourceEventKind::kDisconnected, reason);
}

void LiveOutput::remark(Feed feed, const std::string& text) {
  lane(feed).remark = text;
  if (!text.empty()) remember(feed, SourceEventKind::kUnusable, text);
}

void LiveOutput::unusable(Feed feed, const std::string& reason) {
  lane(feed).unusable = reason;
  remember(feed, SourceEventKind::kUnusable, reason);
}

// A list's next may be better.
void LiveOutput::next_file(Feed feed, const std::string& file) {
  Lane& mine = lane(feed);
  mine.file = file;
  const SourceSpec& spec = spec_of(feed);
  if (packager_ != nullptr || spec.kind != SourceKind::kPlaylist || mine.unusable.empty()) return;
  if (++mine.files_since == spec.files.size() && !has_backup()) return failed(feed, mine.unusable);
  mine.is_beyond_encoding = false;
}

// A stranger who is turned away says nothing of a publisher that is there, unless it was that one's doing.
void LiveOutput::refused(Feed feed, Refusal refusal, const std::string& reason) {
  const bool own_doing = refusal == Refusal::kUnsupportedMedia || refusal == Refusal::kBadRequest;
  if (own_doing || !lane(feed).linked) lane(feed).refusal = reason;
  remember(feed, SourceEventKind::kRefused, reason);
}

void LiveOutput::remember(Feed feed, SourceEventKind kind, std::string text) {
  ++lane(feed).counts[static_cast<std::size_t>(kind)];
  ++history_;
  const bool again = kind == SourceEventKind::kRefused && !events_.empty() && events_.back().source == feed &&
                     events_.back().kind == kind && events_.back().text == text;
  if (!again) events_.push_back({.source = feed, .kind = kind, .text = std::move(text), .times = 0});
  events_.back().when = base::utc_now();
  ++events_.back().times;
  if (events_.size() > kRemembered) events_.pop_front();
}

void LiveOutput::failed(Feed feed, const std::string& reason) {
  lane(feed).failed = true;
  lane(feed).last_word = reason;
  remember(feed, SourceEventKind::kFailed, reason);
  if (!has_backup() || (lanes_[0].failed && lanes_[1].failed)) throw base::RunFailed(reason);
}

void LiveOutput::tick(base::Instant now) {
  examine(now);
  select(now);
  if (packager_ == nullptr) return;
  if (on_air() == Feed::kSlate) show_slate(now);
  if (catching_up_) put_on(on_air(), now);
  packager_->tick(now - epoch_);
}

void LiveOutput::put_on_air(Feed source, bool pinned) {
  if (pinned) return selector_.pin(source);
  selector_.pin(std::nullopt);
  selector_.prefer(source);
}

// What has changed in the health of the sources. Whether pictures come, the selector sees by itself, and sooner.
void LiveOutput::examine(base::Instant now) {
  for (const Feed feed : {Feed::kPrimary, Feed::kBackup}) {
    if (feed == Feed::kBackup && !has_backup()) continue;
    SourceHealth& health = lane(feed).health;
    health.tick(now);
    for (HealthChange& change : health.take_changes()) {
      HealthEvent event{.when = base::utc_now() - (now - change.when),
                        .source = feed,
                        .aspect = change.aspect,
                        .impaired = change.is_impaired,
                        .evidence = std::move(change.evidence),
                        .figures = {}};
      for (const HealthFigure& figure : change.figures) event.figures.emplace_back(figure.name, figure.value);
      health_.push_back(std::move(event));
      ++history_;
      if (health_.size() > kRemembered) health_.pop_front();
    }
    selector_.judge(feed, is_fit(health), now);
  }
}

bool LiveOutput::is_fit(const SourceHealth& health) const {
  return std::ranges::none_of(kEveryHealthAspect, [&](HealthAspect aspect) {
    return aspect != HealthAspect::kPicture && spec_.health.counts.contains(aspect) && health.state(aspect).is_impaired;
  });
}

void LiveOutput::select(base::Instant now) {
  const auto made = selector_.tick(now);
  if (!made) return;
  if (catching_up_) put_rest(made->from, now);
  ++switches_;
  const std::uint64_t held = packager_ == nullptr ? 0 : packager_->held();
  pending_ = Pending{.made = {.when = base::utc_now(), .from = made->from, .to = made->to, .reason = made->reason},
                     .last_picture = last_picture_,
                     .held = held};
  metrics_.note_on_air(made->to);
  if (packager_ == nullptr) return;
  if (made->to == Feed::kSlate) {
    ++slates_;
    if (!slate_) slate_.emplace(slate_image_, spec_.slate->tone, width_, height_);
    slate_sample_ = SlotGeometry::nearest_sample(packager_->position());
  } else {
    // Timestamps may be rounded (RTMP's are whole milliseconds): what lies within half a frame of the next one is the next one.
    lane(made->to).media->drop_before(packager_->position() - packager_->geometry().frame_time(1) / 2);
    catching_up_ = true;
    catches_up_until_ = now + kCatchUp * (now - epoch_ - packager_->position()) + kStale;
  }
}

// Pictures that no encoder takes end the stream only where nothing else can come: another publisher's or the next file's may be better.
bool LiveOutput::begin_with(Feed feed, const VideoFrame& frame) {
  if (frame.frames_per_second <= 0) return false;
  try {
    make_packager(frame);
    return true;
  } catch (const base::RunFailed& failure) {
    Lane& mine = lane(feed);
    mine.is_beyond_encoding = true;
    unusable(feed, mine.file.empty() ? failure.what() : fmt::format("play '{}': {}", mine.file, failure.what()));
    if (spec_.source.kind == SourceKind::kFile && !has_backup()) failed(feed, mine.unusable);
    return false;
  }
}

// Media time 0 is when the first picture came.
void LiveOutput::make_packager(const VideoFrame& frame) {
  epoch_ = frame.arrived;
  width_ = shown_width(*frame.picture);
  height_ = frame.picture->height;
  const base::UtcTime start = std::chrono::round<std::chrono::milliseconds>(base::utc_now() - (base::steady_now() - epoch_));
  packager_ = std::make_unique<Packager>(Packager::Options{.name = spec_.name,
                                                           .pace = Packager::Pace::kLive,
                                                           .ladder = ladder_of(spec_),
                                                           .start = start,
                                                           .loss_after = loss_after(spec_),
                                                           .stopping = &stopping_,
                                                           .packets = packets_},
                                         frame, metrics_);
  for (Lane& each : lanes_) {
    each.media.emplace(SourceClock::Options{.geometry = packager_->geometry()}, spec_.failover.switch_after + kKeptBeyond);
  }
}

// All that is there, or up to a picture of it.
void LiveOutput::put_on(Feed feed, base::Instant now) {
  if (!catching_up_) return put_rest(feed, now);
  if (now > catches_up_until_) metrics_.frames_late->Increment(static_cast<double>(lane(feed).media->drop_before(now - epoch_ - kStale)));
  catching_up_ = put_next(feed, now);
}

void LiveOutput::put_rest(Feed feed, base::Instant now) {
  while (put_next(feed, now)) {
  }
  catching_up_ = false;
}

// With the sound before it. Returns whether there was one.
bool LiveOutput::put_next(Feed feed, base::Instant now) {
  while (auto next = lane(feed).media->take_next()) {
    if (auto* frame = std::get_if<VideoFrame>(&next->media)) {
      put_on(next->at, std::move(*frame), now);
      return true;
    }
    packager_->audio(next->at, std::get<AudioBlock>(next->media));
  }
  return false;
}

void LiveOutput::put_on(base::Duration at, VideoFrame frame, base::Instant now) {
  frame.picture = fitted(frame.picture, width_, height_);
  if (frame.captured) capture_zero_ = *frame.captured - at;
  packager_->video(now - epoch_, at, frame);
  note_first_picture(now);
}

// In step with the clock.
void LiveOutput::show_slate(base::Instant now) {
  while (packager_->position() <= now - epoch_) {
    packager_->video(now - epoch_, packager_->position(), {.picture = slate_->picture(), .arrived = now});
    note_first_picture(now);
    const std::int64_t until = SlotGeometry::nearest_sample(packager_->position());
    const base::Duration at = base::from_seconds(static_cast<double>(slate_sample_) / SlotGeometry::kSampleRate);
    packager_->audio(at, slate_->sound(slate_sample_, until));
    slate_sample_ = until;
    if (stopping_ || !packager_->is_running()) return;
  }
}

void LiveOutput::note_first_picture(base::Instant now) {
  last_picture_ = now;
  if (!pending_) return;
  FeedSwitch made = pending_->made;
  if (pending_->last_picture) made.gap = now - *pending_->last_picture;
  made.held_pictures = static_cast<std::int64_t>(packager_->held() - pending_->held);
  if (made.reason != SwitchReason::kFirstPicture) metrics_.note_switch(made);
  switched_.push_back(made);
  ++history_;
  if (switched_.size() > kRemembered) switched_.pop_front();
  pending_.reset();
}

void LiveOutput::describe(StreamStatus& status, base::Instant now) const {
  status.segments = segments();
  status.source_losses = losses();
  status.late_pictures = static_cast<std::uint64_t>(metrics_.frames_late->Value());
  status.on_air = on_air();
  status.pinned = selector_.pinned();
  status.switches = switches_;
  status.sources = {status_of(Feed::kPrimary, now)};
  if (has_backup()) status.sources.push_back(status_of(Feed::kBackup, now));
  status.state = packager_ == nullptr ? StreamState::kStarting : is_running() ? StreamState::kReady : StreamState::kNoFeed;
  status.reason.clear();
  if (on_air() == Feed::kSlate) status.reason = "the slate is on air: no source sends";
  if (status.state == StreamState::kReady) return;
  const SourceStatus& primary = status.sources.front();
  status.reason = status.state == StreamState::kStarting ? primary.reason
                  : primary.reason.empty()               ? "no picture for half a second"
                                                         : primary.reason;
}

void LiveOutput::describe_history(StreamStatus& status) const {
  status.switched.assign(switched_.begin(), switched_.end());
  status.health.assign(health_.begin(), health_.end());
  status.events.assign(events_.begin(), events_.end());
}

SourceStatus LiveOutput::status_of(Feed feed, base::Instant now) const {
  const Lane& mine = lane(feed);
  SourceStatus status{.feed = feed, .healthy = mine.health.is_healthy()};
  for (const HealthAspect aspect : kEveryHealthAspect) {
    const HealthState state = mine.health.state(aspect);
    if (state.is_impaired) status.impaired.push_back({.aspect = aspect, .lasts = now - state.since, .evidence = state.evidence});
  }
  const auto last = selector_.last_picture(feed);
  if (mine.failed) {
    status.state = SourceState::kFailed;
    status.reason = mine.last_word;
  } else if (selector_.is_sending(feed, now) && !is_of_no_use(mine)) {
    status.state = SourceState::kSending;
    status.reason = mine.remark;
  } else if (last) {
    status.state = SourceState::kSilent;
    status.reason = reason_of(feed);
    if (status.reason.empty()) status.reason = "no picture for half a second";
  } else {
    status.reason = reason_of(feed);
    if (status.reason.empty())
      status.reason = mine.heard       ? "sound comes, but no picture: it sends none"
                      : mine.connected ? "connected, no picture yet"
                                       : waiting_for(spec_of(feed).kind);
  }
  return status;
}

// Why no pictures come of it, if it was said.
std::string LiveOutput::reason_of(Feed feed) const {
  const Lane& mine = lane(feed);
  if (!mine.refusal.empty()) return spec_of(feed).kind == SourceKind::kSrtCall ? mine.refusal : "a publisher was refused: " + mine.refusal;
  return !mine.last_word.empty() ? mine.last_word : mine.unusable;
}

}  // namespace server
