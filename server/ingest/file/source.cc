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
  const std::unique_ptr<MediaReader> reader = MediaReader::open_file(file_, [this](const MediaPacket& packet) { read_.push_back(packet); });
  file_start_.reset();
  read_.clear();
  while (std::optional<Media> media = reader->next()) {
    base::Duration& timestamp = std::visit([](auto& m) -> base::Duration& { return m.timestamp; }, *media);
    auto* frame = std::get_if<VideoFrame>(&*media);
    if (frame != nullptr && !file_start_) file_start_ = timestamp;
    if (!file_start_) continue;  // sound before the first picture
    place_packets();
    timestamp += pass_start_ - *file_start_;
    if (!wait_until(start, timestamp)) return false;
    std::visit([](auto& m) { m.arrived = base::steady_now(); }, *media);
    if (frame == nullptr) {
      sink_.on_audio(std::get<AudioBlock>(std::move(*media)));
      continue;
    }
    if (frame->frames_per_second > 0) pass_end_ = std::max(pass_end_, timestamp + base::from_seconds(1 / frame->frames_per_second));
    sink_.on_video(std::move(*frame));
  }
  if (file_start_) place_packets();
  if (pass_end_ <= pass_start_) throw base::RunFailed(fmt::format("play '{}': it holds no moving picture", file_));
  return true;
}

void FileSource::place_packets() {
  for (MediaPacket& packet : read_) {
    packet.decode += pass_start_ - *file_start_;
    packet.present += pass_start_ - *file_start_;
    packets_.emplace(packet.decode, std::move(packet));
  }
  read_.clear();
}

bool FileSource::wait_until(base::Instant start, base::Duration when) {
  for (;;) {
    const bool packet_first = !packets_.empty() && packets_.begin()->first < when;
    const base::Instant next = start + (packet_first ? packets_.begin()->first : when);
    {
      std::unique_lock lock{mutex_};
      if (stopping_changed_.wait_for(lock, next - base::steady_now(), [this] { return stopping_; })) return false;
    }
    if (!packet_first) return true;
    MediaPacket packet = std::move(packets_.extract(packets_.begin()).mapped());
    packet.arrived = base::steady_now();
    sink_.on_packet(packet);
  }
}

}  // namespace server
