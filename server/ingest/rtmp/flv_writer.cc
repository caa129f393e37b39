#include "server/ingest/rtmp/flv_writer.h"

namespace server::rtmp {

using namespace media::rtmp;

namespace {

// The file's header, which promises sound and pictures, and the size of the tag before the first (section E.2).
constexpr std::string_view kFileHeader{"FLV\1\5\0\0\0\11\0\0\0\0", 13};
constexpr std::size_t kTagHeaderSize = 11;
constexpr std::size_t kLargestConfiguration = 64 * 1024;  // real ones have some dozens of bytes

}  // namespace

FlvWriter::FlvWriter(FlvSink& sink) : sink_{sink}, owed_{std::string{kFileHeader}} {}

base::Result<void> FlvWriter::video(std::uint32_t timestamp, Bytes payload) {
  const auto media = read_video(payload);
  if (media.has_error()) return media.error();
  if (media->kind == MediaKind::kHeader) write(MessageType::kVideo, *media, clock_.now());
  if (media->kind != MediaKind::kKeyframe && media->kind != MediaKind::kFrame) return {};
  const std::uint32_t at = clock_.at(timestamp);
  if (media->kind == MediaKind::kFrame && wants_keyframe_) return {};
  wants_keyframe_ = !write(MessageType::kVideo, *media, at);
  return {};
}

base::Result<void> FlvWriter::audio(std::uint32_t timestamp, Bytes payload) {
  const auto media = read_audio(payload);
  if (media.has_error()) return media.error();
  if (media->kind == MediaKind::kHeader) write(MessageType::kAudio, *media, clock_.now());
  if (media->kind == MediaKind::kFrame) write(MessageType::kAudio, *media, clock_.at(timestamp));
  return {};
}

void FlvWriter::metadata(Bytes payload) { write(MessageType::kData, {.kind = MediaKind::kFrame, .body = payload}, clock_.now()); }

// Section E.4.1.
bool FlvWriter::write(MessageType type, const MediaPayload& media, std::uint32_t timestamp) {
  const std::size_t data_size = media.head_size + media.body.size();
  if (media.kind == MediaKind::kHeader && data_size > kLargestConfiguration) return false;
  std::string head;
  head += static_cast<char>(type);
  append_big<3>(head, data_size);
  append_big<3>(head, timestamp & 0xFFFFFF);
  append_big<1>(head, timestamp >> 24);
  append_big<3>(head, 0);
  head += text_of(Bytes{media.head}.first(media.head_size));
  std::string tail;
  append_big<4>(tail, kTagHeaderSize + data_size);
  const std::span<const char> pieces[] = {head, chars_of(media.body), tail};
  if (settle() && sink_.push(pieces)) return true;
  if (media.kind == MediaKind::kHeader) owed_[type == MessageType::kVideo ? 1 : 2] = head + std::string{text_of(media.body)} + tail;
  return false;
}

bool FlvWriter::settle() {
  for (std::string& owed : owed_) {
    const std::span<const char> piece[] = {owed};
    if (!owed.empty() && !sink_.push(piece)) return false;
    owed.clear();
  }
  return true;
}

}  // namespace server::rtmp
