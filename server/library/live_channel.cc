#include "server/library/live_channel.h"

#include <fmt/format.h>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/file/source.h"
#include "server/ingest/publisher_source.h"
#include "server/library/ladder_of.h"

namespace server {
namespace {

// A second of pictures: beyond that the encoder cannot keep up, and a picture less is better than one late.
constexpr std::size_t kMostFrames = 30;
constexpr std::size_t kMostBlocks = 200;
// An encoder this far behind gets no more to do: the grid then sees a loss, and what cannot be encoded in time is a gap, not latency.
constexpr base::Duration kStale = std::chrono::seconds{1};
constexpr base::Duration kTick = std::chrono::milliseconds{20};

}  // namespace

LiveChannel::LiveChannel(StreamSpec spec, PublishPoints& points, prometheus::Registry& registry, ChangeBell& bell)
    : spec_{std::move(spec)}, bell_{bell}, metrics_{registry, spec_.name} {
  status_.spec = spec_;
  status_.reason = spec_.source == SourceKind::kSrt ? "no publisher has connected yet" : "opening the file";
  thread_ = std::thread{[this] { run(); }};
  SourceSink& sink = *this;
  if (spec_.source == SourceKind::kSrt) {
    source_ = std::make_unique<PublisherSource>(points, spec_.name, PublishPoints::Options{.key = spec_.publish_key}, sink);
  } else {
    source_ = std::make_unique<FileSource>(spec_.file, sink);
  }
}

LiveChannel::~LiveChannel() {
  ask_to_stop();
  source_.reset();
  thread_.join();
}

void LiveChannel::ask_to_stop() {
  {
    const std::lock_guard lock{queue_mutex_};  // not between the thread's look at the flag and its wait
    stopping_ = true;
  }
  queued_.notify_all();
}

StreamStatus LiveChannel::status() const {
  const std::lock_guard lock{status_mutex_};
  StreamStatus status = status_;
  if (presentation_) status.snapshot = presentation_->snapshot();
  // Until viewers can start there is nothing whose feed could be missing.
  if (status.state != StreamState::kFailed && status.snapshot == nullptr) status.state = StreamState::kStarting;
  return status;
}

// ---- the source's thread ----

void LiveChannel::on_connected() { push(Connected{}); }
void LiveChannel::on_video(VideoFrame frame) { push(std::move(frame)); }
void LiveChannel::on_audio(AudioBlock block) { push(std::move(block)); }
void LiveChannel::on_disconnected(const std::string& reason) { push(Disconnected{reason}); }
void LiveChannel::on_failed(const std::string& reason) { push(Failed{reason}); }

void LiveChannel::push(Event event) {
  {
    const std::lock_guard lock{queue_mutex_};
    if (std::holds_alternative<VideoFrame>(event) && ++queued_frames_ > kMostFrames) {
      --queued_frames_;
      metrics_.frames_dropped->Increment();
      return;
    }
    if (std::holds_alternative<AudioBlock>(event) && ++queued_blocks_ > kMostBlocks) {
      --queued_blocks_;
      return;
    }
    queue_.push_back(std::move(event));
  }
  queued_.notify_one();
}

// ---- the encoder's thread ----

void LiveChannel::run() {
  try {
    while (!stopping_) {
      const std::optional<Event> event = next_event();
      if (event) std::visit([this](const auto& e) { take(e); }, *event);
      if (!event || is_idle()) tick();
      show();
    }
  } catch (const base::RunFailed& failure) {
    fail(failure.what());
  }
}

std::optional<LiveChannel::Event> LiveChannel::next_event() {
  std::unique_lock lock{queue_mutex_};
  if (!queued_.wait_for(lock, kTick, [this] { return stopping_ || !queue_.empty(); }) || queue_.empty()) return std::nullopt;
  Event event = std::move(queue_.front());
  queue_.pop_front();
  if (std::holds_alternative<VideoFrame>(event)) --queued_frames_;
  if (std::holds_alternative<AudioBlock>(event)) --queued_blocks_;
  return event;
}

// Only then does the clock say more than the events: one still queued may be a picture that came in time.
bool LiveChannel::is_idle() {
  const std::lock_guard lock{queue_mutex_};
  return queue_.empty();
}

void LiveChannel::take(const Connected&) {
  last_word_.clear();
  if (packager_) packager_->connect();
}

void LiveChannel::take(const VideoFrame& frame) {
  if (base::steady_now() - frame.arrived > kStale) return metrics_.frames_dropped->Increment();
  if (packager_ == nullptr && !begin_with(frame)) return;
  packager_->video(frame.arrived - epoch_, frame);
}

// Media time 0 is when the first picture came.
bool LiveChannel::begin_with(const VideoFrame& frame) {
  if (frame.frames_per_second <= 0) return false;
  epoch_ = frame.arrived;
  const base::UtcTime start = std::chrono::round<std::chrono::milliseconds>(base::utc_now() - (base::steady_now() - epoch_));
  packager_ = std::make_unique<Packager>(
      Packager::Options{
          .name = spec_.name, .pace = Packager::Pace::kLive, .ladder = ladder_of(spec_), .start = start, .stopping = &stopping_},
      frame, metrics_);
  const std::lock_guard lock{status_mutex_};
  presentation_ = packager_->presentation();
  return true;
}

void LiveChannel::take(const AudioBlock& block) {
  if (packager_) packager_->audio(block);
}

void LiveChannel::take(const Disconnected& event) { last_word_ = event.reason; }
void LiveChannel::take(const Failed& event) { throw base::RunFailed(event.reason); }

void LiveChannel::tick() {
  if (packager_) packager_->tick(base::steady_now() - epoch_);
}

void LiveChannel::show() {
  if (packager_ == nullptr) return;
  const bool running = packager_->is_running();
  bool changed = false;
  {
    const std::lock_guard lock{status_mutex_};
    changed = running != was_running_ || status_.segments != packager_->segments();
    status_.segments = packager_->segments();
    status_.source_losses = packager_->losses();
    status_.state = running ? StreamState::kReady : StreamState::kNoFeed;
    status_.reason = running ? "" : last_word_.empty() ? "no picture for half a second" : last_word_;
  }
  if (!changed) return;
  was_running_ = running;
  metrics_.source_connected->Set(running ? 1 : 0);
  metrics_.source_losses->Increment(static_cast<double>(packager_->losses() - std::exchange(losses_shown_, packager_->losses())));
  bell_.ring();
}

void LiveChannel::fail(const std::string& reason) {
  {
    const std::lock_guard lock{status_mutex_};
    status_.state = StreamState::kFailed;
    status_.reason = reason;
  }
  metrics_.source_connected->Set(0);
  bell_.ring();
}

}  // namespace server
