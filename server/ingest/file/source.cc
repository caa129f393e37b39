#include "server/ingest/file/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/file/cut_sound.h"

namespace server {
namespace {

// Sound that goes on for so long after the last picture is no ragged end: it is played, and the pictures stand still. Interleaving and the
// reordering of pictures put sound less far ahead.
constexpr base::Duration kSoundAlone = std::chrono::seconds{2};
constexpr std::size_t kMostEarly = 500;  // blocks of sound before the first picture: ten seconds of AAC

}  // namespace

FileSource::FileSource(std::vector<std::string> files, SourceSink& sink)
    : files_{std::move(files)}, sink_{sink}, start_{base::steady_now()}, thread_{[this] { run(); }} {}

FileSource::~FileSource() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  thread_.join();
}

void FileSource::run() {
  sink_.on_connected();
  std::size_t failed = 0;  // in a row
  for (std::size_t i = 0;; i = (i + 1) % files_.size()) {
    sink_.on_next_file(files_[i]);
    try {
      if (!play(files_[i])) return;
      failed = 0;
    } catch (const base::RunFailed& failure) {
      remark(files_[i], failure.what());
      if (++failed == files_.size()) return sink_.on_failed(reasons());
    }
    pass_start_ = pass_end_;
  }
}

bool FileSource::play(const std::string& file) {
  file_ = file;
  file_start_.reset();
  sound_alone_ = false;
  sound_.clear();
  read_.clear();
  packets_.clear();
  const std::unique_ptr<MediaReader> reader = MediaReader::open_file(file, [this](const MediaPacket& packet) { read_.push_back(packet); });
  while (std::optional<Media> media = reader->next()) {
    auto* frame = std::get_if<VideoFrame>(&*media);
    const bool goes_on = frame != nullptr ? show(std::move(*frame)) : hear(std::get<AudioBlock>(std::move(*media)));
    if (!goes_on) return false;
  }
  if (pass_end_ <= pass_start_) throw base::RunFailed(fmt::format("play '{}': it holds no moving picture", file));
  if (!end_sound()) return false;
  send_the_rest();
  return true;
}

bool FileSource::show(VideoFrame frame) {
  if (!file_start_) file_start_ = frame.timestamp;
  place_packets();
  frame.timestamp = placed(frame.timestamp);
  if (frame.timestamp >= pass_end_) sound_alone_ = false;  // not one of the last, which a decoder gives out at the very end
  frame.captured.reset();                                  // when the file was made
  if (!play_sound(frame.timestamp) || !wait_until(frame.timestamp)) return false;
  if (frame.frames_per_second > 0) {
    pass_end_ = std::max(pass_end_, frame.timestamp + base::from_seconds(1 / frame.frames_per_second));
    remark(file_, "");
  }
  frame.arrived = base::steady_now();
  sink_.on_video(std::move(frame));
  return true;
}

bool FileSource::hear(AudioBlock block) {
  sound_.push_back(std::move(block));
  if (!file_start_ || pass_end_ <= pass_start_) {
    if (sound_.size() > kMostEarly) sound_.pop_front();
    return true;
  }
  const base::Duration shown = placed(sound_.back().timestamp) - kSoundAlone;
  sound_alone_ |= shown > pass_end_;
  pass_end_ = std::max(pass_end_, shown);
  return play_sound(pass_end_);
}

bool FileSource::play_sound(base::Duration until) {
  while (!sound_.empty() && placed(end_of(sound_.front())) <= until) {
    AudioBlock block = std::move(sound_.front());
    sound_.pop_front();
    cut_before(block, *file_start_);
    if (block.left.empty()) continue;
    block.timestamp = placed(block.timestamp);
    if (!wait_until(block.timestamp)) return false;
    block.arrived = base::steady_now();
    sink_.on_audio(std::move(block));
  }
  return true;
}

bool FileSource::end_sound() {
  if (sound_alone_) pass_end_ = std::max(pass_end_, placed(end_of(sound_.back())));
  place_packets();
  for (AudioBlock& block : sound_) cut_behind(block, pass_end_ - pass_start_ + *file_start_);
  return play_sound(base::Duration::max());
}

void FileSource::place_packets() {
  for (MediaPacket& packet : read_) {
    packet.decode = placed(packet.decode);
    packet.present = placed(packet.present);
    const bool is_early = packet.track == PacketTrack::kAudio && packet.present < pass_start_;
    if (!is_early) packets_.emplace(packet.decode, std::move(packet));
  }
  read_.clear();
}

bool FileSource::wait_until(base::Duration when) {
  for (;;) {
    const bool packet_first = !packets_.empty() && packets_.begin()->first < when;
    const base::Instant next = start_ + (packet_first ? packets_.begin()->first : when);
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

// The packets of two files are not mixed.
void FileSource::send_the_rest() {
  for (auto& [decode, packet] : packets_) {
    if (packet.track == PacketTrack::kAudio && packet.present >= pass_end_) continue;
    packet.arrived = base::steady_now();
    sink_.on_packet(packet);
  }
  packets_.clear();
}

void FileSource::remark(const std::string& file, const std::string& reason) {
  const auto at = passed_over_.find(file);
  if ((at == passed_over_.end() ? "" : at->second) == reason) return;
  if (reason.empty()) {
    passed_over_.erase(at);
  } else {
    passed_over_[file] = reason;
  }
  sink_.on_remark(passed_over_.empty() ? "" : "passed over: " + reasons());
}

std::string FileSource::reasons() const {
  std::string all;
  for (const auto& [file, reason] : passed_over_) all += (all.empty() ? "" : "; ") + reason;
  return all;
}

}  // namespace server
