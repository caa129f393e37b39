#include "server/ingest/file/source.h"

#include <fmt/format.h>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace server {

FileSource::FileSource(std::string file, SourceSink& sink) : file_{std::move(file)}, sink_{sink}, thread_{[this] { run(); }} {}

FileSource::~FileSource() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  thread_.join();
}

void FileSource::run() {
  try {
    const base::Instant start = base::steady_now();
    sink_.on_connected();
    while (play(start)) pass_start_ = pass_end_;
  } catch (const base::RunFailed& failure) {
    sink_.on_failed(failure.what());
  }
}

bool FileSource::play(base::Instant start) {
  const std::unique_ptr<MediaReader> reader = MediaReader::open_file(file_);
  file_start_.reset();
  while (std::optional<Media> media = reader->next()) {
    base::Duration& timestamp = std::visit([](auto& m) -> base::Duration& { return m.timestamp; }, *media);
    auto* frame = std::get_if<VideoFrame>(&*media);
    if (frame != nullptr && !file_start_) file_start_ = timestamp;
    if (!file_start_) continue;  // sound before the first picture
    timestamp += pass_start_ - *file_start_;
    if (!wait_until(start + timestamp)) return false;
    std::visit([](auto& m) { m.arrived = base::steady_now(); }, *media);
    if (frame == nullptr) {
      sink_.on_audio(std::get<AudioBlock>(std::move(*media)));
      continue;
    }
    if (frame->frames_per_second > 0) pass_end_ = std::max(pass_end_, timestamp + base::from_seconds(1 / frame->frames_per_second));
    sink_.on_video(std::move(*frame));
  }
  if (pass_end_ <= pass_start_) throw base::RunFailed(fmt::format("play '{}': it holds no moving picture", file_));
  return true;
}

bool FileSource::wait_until(base::Instant when) {
  std::unique_lock lock{mutex_};
  return !stopping_changed_.wait_for(lock, when - base::steady_now(), [this] { return stopping_; });
}

}  // namespace server
