#include "server/ingest/srt_source.h"

#include "base/errors.h"

namespace server {

SrtSource::SrtSource(SrtListener& listener, std::string name, std::string key, SourceSink& sink)
    : listener_{listener}, name_{std::move(name)}, sink_{sink}, thread_{[this] { run(); }} {
  listener_.open_point(name_, std::move(key), *this);
}

SrtSource::~SrtSource() {
  listener_.close_point(name_);
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (playing_) playing_->abandon();
  }
  changed_.notify_all();
  thread_.join();
}

void SrtSource::take(std::shared_ptr<ByteQueue> mpeg_ts) {
  {
    const std::lock_guard lock{mutex_};
    waiting_ = std::move(mpeg_ts);
    if (playing_) playing_->abandon();  // the newcomer is live, what the one before still has queued is not
  }
  changed_.notify_all();
}

std::shared_ptr<ByteQueue> SrtSource::next_connection() {
  std::unique_lock lock{mutex_};
  playing_.reset();
  changed_.wait(lock, [this] { return stopping_ || waiting_ != nullptr; });
  if (stopping_) return nullptr;
  playing_ = std::exchange(waiting_, nullptr);
  return playing_;
}

void SrtSource::run() {
  while (const std::shared_ptr<ByteQueue> mpeg_ts = next_connection()) {
    sink_.on_connected();
    try {
      play(*mpeg_ts);
      sink_.on_disconnected("the publisher has left");
    } catch (const base::RunFailed& failure) {
      sink_.on_disconnected(failure.what());
    }
    mpeg_ts->abandon();
  }
}

void SrtSource::play(ByteQueue& mpeg_ts) {
  const std::unique_ptr<MediaReader> reader = MediaReader::open_stream(mpeg_ts);
  while (std::optional<Media> media = reader->next()) {
    if (auto* frame = std::get_if<VideoFrame>(&*media)) {
      sink_.on_video(std::move(*frame));
    } else {
      sink_.on_audio(std::get<AudioBlock>(std::move(*media)));
    }
  }
}

}  // namespace server
