#include "server/library/live_channel.h"

#include <fmt/format.h>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/file/source.h"
#include "server/ingest/publisher_source.h"
#include "server/ingest/srt/source.h"

namespace server {
namespace {

// A second of pictures of each source: beyond that the encoder cannot keep up, and a picture less is better than one late.
constexpr std::size_t kMostFrames = 30;
constexpr base::Duration kLongWait = std::chrono::milliseconds{500};
constexpr std::size_t kMostBlocks = 200;
constexpr std::size_t kMostPieces = 2000;  // of bytes, for the source's health alone
constexpr std::size_t kMostRefusals = 100;
constexpr const char* kBackupPoint = "/backup";
constexpr base::Duration kMeasureEvery = std::chrono::seconds{1};
constexpr base::Duration kTick = std::chrono::milliseconds{20};

PublishProtocol protocol_of(SourceKind kind) {
  if (kind == SourceKind::kHttp) return PublishProtocol::kHttp;
  return kind == SourceKind::kRtmp ? PublishProtocol::kRtmp : PublishProtocol::kSrt;
}

std::unique_ptr<Source> open_source(const SourceSpec& spec, const std::string& point, PublishPoints& points, SourceSink& sink) {
  if (spec.kind == SourceKind::kFile) return std::make_unique<FileSource>(std::vector{spec.file}, sink);
  if (spec.kind == SourceKind::kPlaylist) return std::make_unique<FileSource>(spec.files, sink);
  if (spec.kind == SourceKind::kSrtCall) return std::make_unique<SrtCaller>(media::parse_srt_url(spec.url).value(), spec.passphrase, sink);
  return std::make_unique<PublisherSource>(
      points, point, PublishPoints::Options{.protocol = protocol_of(spec.kind), .key = spec.publish_key, .passphrase = spec.passphrase},
      sink);
}

}  // namespace

LiveChannel::LiveChannel(StreamSpec spec, PublishPoints& points, prometheus::Registry& registry, ChangeBell& bell)
    : spec_{std::move(spec)},
      bell_{bell},
      points_{points},
      metrics_{registry, spec_.name},
      primary_metrics_{registry, spec_.name, Feed::kPrimary},
      fan_out_{{.stream = spec_.name,
                .has_backup = spec_.backup.has_value(),
                .destinations = spec_.forward,
                .on_change = [&bell] { bell.ring(); }},
               registry},
      output_{spec_, metrics_, stopping_, base::steady_now(),
              [this](const MediaPacket& packet) { fan_out_.offer(ForwardWhat::kOutput, packet); }} {
  status_.spec = spec_;
  if (spec_.backup) backup_metrics_.emplace(registry, spec_.name, Feed::kBackup);
  output_.describe(status_, base::steady_now());
  thread_ = std::thread{[this] { run(); }};
  sources_.push_back(open_source(spec_.source, spec_.name, points, primary_sink_));
  if (spec_.backup) sources_.push_back(open_source(*spec_.backup, spec_.name + kBackupPoint, points, backup_sink_));
}

LiveChannel::~LiveChannel() {
  ask_to_stop();
  sources_.clear();
  thread_.join();
}

void LiveChannel::ask_to_stop() {
  {
    const std::lock_guard lock{queue_mutex_};  // not between the thread's look at the flag and its wait
    stopping_ = true;
  }
  queued_.notify_all();
  fan_out_.ask_to_stop();
}

StreamStatus LiveChannel::status() const {
  std::vector<ForwardStatus> forward = fan_out_.status();
  const std::lock_guard lock{status_mutex_};
  StreamStatus status = status_;
  status.forward = std::move(forward);
  if (presentation_) status.snapshot = presentation_->snapshot();
  // Until viewers can start there is nothing whose feed could be missing.
  if (status.state != StreamState::kFailed && status.snapshot == nullptr) status.state = StreamState::kStarting;
  return status;
}

base::Result<void> LiveChannel::put_on_air(Feed source, bool pinned) {
  if (source == Feed::kBackup && !spec_.backup) return base::error(fmt::format("the stream '{}' has no backup source", spec_.name));
  push(source, Order{.pinned = pinned});
  return {};
}

base::Result<void> LiveChannel::unpin() {
  push(Feed::kPrimary, Order{.unpin = true});
  return {};
}

std::optional<LiveChannel::Bound> LiveChannel::bound_of(Feed feed, const Event& event) {
  Waiting& mine = waiting_[feed == Feed::kBackup ? 1 : 0];
  if (std::holds_alternative<VideoFrame>(event)) return Bound{mine.frames, kMostFrames};
  if (std::holds_alternative<AudioBlock>(event)) return Bound{mine.blocks, kMostBlocks};
  if (std::holds_alternative<Bytes>(event)) return Bound{mine.pieces, kMostPieces};
  if (std::holds_alternative<Refused>(event)) return Bound{mine.refusals, kMostRefusals};
  return std::nullopt;
}

void LiveChannel::push(Feed feed, Event event) {
  // What a connection sent last, and only its end after a silence has brought out, is late by its own doing.
  if (const auto* frame = std::get_if<VideoFrame>(&event); frame != nullptr && base::steady_now() - frame->arrived > kLongWait)
    return metrics_.frames_dropped->Increment();
  {
    const std::lock_guard lock{queue_mutex_};
    if (const auto bound = bound_of(feed, event)) {
      if (bound->waiting == bound->most) {
        if (const auto* frame = std::get_if<VideoFrame>(&event))
          (is_behind(feed, *frame) ? metrics_.frames_late : metrics_.frames_dropped)->Increment();
        return;
      }
      ++bound->waiting;
    }
    queue_.push_back({feed, std::move(event)});
  }
  queued_.notify_one();
}

// By what waits: pictures that came in one burst have waited for no encoder.
bool LiveChannel::is_behind(Feed feed, const VideoFrame& frame) const {
  for (const Queued& queued : queue_)
    if (const auto* waiting = std::get_if<VideoFrame>(&queued.event); waiting != nullptr && queued.feed == feed)
      return frame.arrived - waiting->arrived >= kLongWait;
  return false;
}

// ---- the encoder's thread ----

void LiveChannel::run() {
  try {
    while (!stopping_) {
      std::optional<Queued> queued = next_event();
      if (queued) std::visit([&](auto& event) { take(queued->feed, std::move(event)); }, queued->event);
      if (!queued || is_idle()) output_.tick(base::steady_now());
      show();
    }
  } catch (const base::RunFailed& failure) {
    fail(failure.what());
  }
}

std::optional<LiveChannel::Queued> LiveChannel::next_event() {
  std::unique_lock lock{queue_mutex_};
  const base::Duration patience = output_.is_catching_up() ? base::Duration{} : kTick;
  if (!queued_.wait_for(lock, patience, [this] { return stopping_ || !queue_.empty(); }) || queue_.empty()) return std::nullopt;
  Queued queued = std::move(queue_.front());
  queue_.pop_front();
  if (const auto bound = bound_of(queued.feed, queued.event)) --bound->waiting;
  return queued;
}

// Only then does the clock say more than the events: one still queued may be a picture that came in time.
bool LiveChannel::is_idle() {
  const std::lock_guard lock{queue_mutex_};
  return queue_.empty();
}

void LiveChannel::take(Feed feed, const Connected&) { output_.connected(feed, base::steady_now()); }
void LiveChannel::take(Feed feed, const Bytes& bytes) { output_.bytes(feed, bytes.bytes, bytes.container, base::steady_now()); }
void LiveChannel::take(Feed feed, const Disconnected& event) { output_.disconnected(feed, event.reason, base::steady_now()); }
void LiveChannel::take(Feed feed, VideoFrame&& frame) { output_.video(feed, std::move(frame), base::steady_now()); }
void LiveChannel::take(Feed feed, AudioBlock&& block) { output_.audio(feed, std::move(block), base::steady_now()); }

void LiveChannel::take(Feed feed, const Order& order) {
  if (order.unpin) return output_.unpin();
  output_.put_on_air(feed, order.pinned);
}

void LiveChannel::show() {
  bool changed = false;
  const base::Instant now = base::steady_now();
  if (now - measured_ >= kMeasureEvery) measure(now);
  {
    const std::lock_guard lock{status_mutex_};
    const StreamState was = status_.state;
    const std::uint64_t segments = status_.segments, switches = status_.switches;
    output_.describe(status_, now);
    if (std::exchange(history_shown_, output_.history()) != output_.history()) output_.describe_history(status_);
    presentation_ = output_.presentation();
    changed = was != status_.state || segments != status_.segments || switches != status_.switches;
  }
  if (!changed) return;
  metrics_.source_connected->Set(output_.is_running() && output_.on_air() != Feed::kSlate ? 1 : 0);
  metrics_.source_losses->Increment(static_cast<double>(output_.losses() - std::exchange(losses_shown_, output_.losses())));
  bell_.ring();
}

void LiveChannel::measure(base::Instant now) {
  measured_ = now;
  const auto note = [&](SourceMetrics& metrics, const std::string& point, const SourceStatus& source) {
    metrics.note(source);
    metrics.note(output_.figures(source.feed, now));
    metrics.note(output_.event_counts(source.feed));
    if (const auto link = points_.link(point)) metrics.note(*link);
  };
  note(primary_metrics_, spec_.name, status_.sources.front());
  fan_out_.measure();
  if (backup_metrics_) note(*backup_metrics_, spec_.name + kBackupPoint, status_.sources.back());
}

void LiveChannel::fail(const std::string& reason) {
  const base::Instant now = base::steady_now();
  {
    const std::lock_guard lock{status_mutex_};
    output_.describe(status_, now);
    output_.describe_history(status_);
    status_.state = StreamState::kFailed;
    status_.reason = reason;
  }
  measure(now);
  metrics_.source_connected->Set(0);
  bell_.ring();
}

}  // namespace server
