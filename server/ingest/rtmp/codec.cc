#include "server/ingest/rtmp/codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace server::rtmp {

using namespace media::rtmp;

namespace {

constexpr unsigned kAvc = 7, kAac = 10, kEnhancedAudio = 9;
constexpr unsigned kCommandFrame = 5;    // a frame type: nothing to decode
constexpr std::uint8_t kAacHead = 0xAF;  // 44 kHz, 16 bit, stereo, whatever the sound is (section E.4.2.1)
constexpr std::uint8_t kHeaderPacket = 0, kCodedPacket = 1;

// Enhanced RTMP's packet types.
constexpr unsigned kSequenceStart = 0, kCodedFrames = 1, kCodedFramesX = 3, kMultitrackVideo = 6, kModifier = 7, kMultitrackAudio = 5;

struct VideoCodecName {
  unsigned id;
  const char* name;
};
constexpr VideoCodecName kVideoCodecs[] = {{2, "Sorenson H.263"}, {3, "Screen Video"}, {4, "VP6"}, {5, "VP6 with alpha"},
                                           {6, "Screen Video 2"}, {12, "HEVC"},        {13, "AV1"}};
constexpr const char* kAudioCodecs[] = {
    "PCM", "ADPCM", "MP3", "PCM", "Nellymoser 16 kHz", "Nellymoser 8 kHz", "Nellymoser", "G.711 A-law", "G.711 mu-law", "9",
    "AAC", "Speex", "12",  "13",  "MP3 8 kHz",         "a device's own"};
struct FourCc {
  std::string_view code;
  const char* name;
};
constexpr FourCc kFourCcs[] = {{"hvc1", "HEVC"}, {"av01", "AV1"},  {"vp08", "VP8"}, {"vp09", "VP9"},  {"vvc1", "VVC"},
                               {"Opus", "Opus"}, {"fLaC", "FLAC"}, {".mp3", "MP3"}, {"ac-3", "AC-3"}, {"ec-3", "E-AC-3"}};

base::Error unusable_video(std::string_view name) {
  return base::error(fmt::format("the video codec {} cannot be used; send H.264", name));
}
base::Error unusable_audio(std::string_view name) { return base::error(fmt::format("the audio codec {} cannot be used; send AAC", name)); }

std::string name_of(unsigned video_codec) {
  for (const VideoCodecName& known : kVideoCodecs)
    if (known.id == video_codec) return known.name;
  return std::to_string(video_codec);
}

std::string name_of(std::string_view four_cc) {
  for (const FourCc& known : kFourCcs)
    if (known.code == four_cc) return known.name;
  std::string printable{four_cc};
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '\'' + printable + '\'';
}

MediaPayload classic(MediaKind kind, Bytes head, Bytes body) {
  MediaPayload made{.kind = kind, .head_size = head.size(), .body = body};
  std::copy(head.begin(), head.end(), made.head.begin());
  return made;
}

MediaKind kind_of(unsigned frame_type) { return frame_type == 1 || frame_type == 4 ? MediaKind::kKeyframe : MediaKind::kFrame; }

MediaPayload video_tag(unsigned frame_type, std::uint8_t packet, Bytes composition, Bytes body) {
  const std::uint8_t head[] = {static_cast<std::uint8_t>(frame_type << 4 | kAvc), packet, composition[0], composition[1], composition[2]};
  return classic(packet == kHeaderPacket ? MediaKind::kHeader : kind_of(frame_type), head, body);
}

base::Result<MediaPayload> read_enhanced_video(unsigned frame_type, unsigned packet, Bytes rest) {
  constexpr std::uint8_t kNoComposition[3] = {};
  if (packet == kMultitrackVideo || packet == kModifier) return base::error("multitrack video cannot be used; send one H.264 track");
  if (rest.size() < 4) return MediaPayload{};
  const std::string_view four_cc = text_of(take(rest, 4));
  if (four_cc != "avc1") return unusable_video(name_of(four_cc));
  if (packet == kSequenceStart) return video_tag(frame_type, kHeaderPacket, kNoComposition, rest);
  if (packet == kCodedFramesX) return video_tag(frame_type, kCodedPacket, kNoComposition, rest);
  if (packet != kCodedFrames || rest.size() < 3) return MediaPayload{};
  const Bytes composition = take(rest, 3);
  return video_tag(frame_type, kCodedPacket, composition, rest);
}

base::Result<MediaPayload> read_enhanced_audio(unsigned packet, Bytes rest) {
  if (packet == kMultitrackAudio || packet == kModifier) return base::error("multitrack audio cannot be used; send one AAC track");
  if (rest.size() < 4) return MediaPayload{};
  const std::string_view four_cc = text_of(take(rest, 4));
  if (four_cc != "mp4a") return unusable_audio(name_of(four_cc));
  if (packet > kCodedFrames) return MediaPayload{};
  const std::uint8_t head[] = {kAacHead, static_cast<std::uint8_t>(packet)};
  return classic(packet == kSequenceStart ? MediaKind::kHeader : MediaKind::kFrame, head, rest);
}

}  // namespace

base::Result<MediaPayload> read_video(Bytes payload) {
  if (payload.empty()) return MediaPayload{};
  const unsigned frame_type = payload[0] >> 4 & 7u, low = payload[0] & 0xFu;
  if (frame_type == kCommandFrame) return MediaPayload{};
  if ((payload[0] & 0x80) != 0) return read_enhanced_video(frame_type, low, payload.subspan(1));
  if (low != kAvc) return unusable_video(name_of(low));
  if (payload.size() < 5 || payload[1] > kCodedPacket) return MediaPayload{};
  const MediaKind kind = payload[1] == kHeaderPacket ? MediaKind::kHeader : kind_of(frame_type);
  return classic(kind, payload.first(5), payload.subspan(5));
}

base::Result<MediaPayload> read_audio(Bytes payload) {
  if (payload.empty()) return MediaPayload{};
  const unsigned format = payload[0] >> 4;
  if (format == kEnhancedAudio) return read_enhanced_audio(payload[0] & 0xFu, payload.subspan(1));
  if (format != kAac) return unusable_audio(kAudioCodecs[format]);
  if (payload.size() < 2 || payload[1] > kCodedPacket) return MediaPayload{};
  return classic(payload[1] == kHeaderPacket ? MediaKind::kHeader : MediaKind::kFrame, payload.first(2), payload.subspan(2));
}

}  // namespace server::rtmp
