// ftyp and moov of a CMAF track. The boxes and their order follow ISO/IEC 14496-12, 8, and 23000-19, 7.
#include "base/ensure.h"
#include "media/mp4.h"
#include "media/mp4_boxes.h"

namespace media {
namespace {

constexpr std::uint64_t kTrackId = 1;

std::string fixed_point(std::uint64_t whole) { return u32(whole << 16); }

std::string unity_matrix() { return fixed_point(1) + zeros(12) + fixed_point(1) + zeros(12) + u32(0x40000000); }

std::string movie_header(std::uint32_t timescale) {
  return full_box(
      "mvhd", 0, 0,
      zeros(8) + u32(timescale) + u32(0) + fixed_point(1) + u16(0x0100) + zeros(10) + unity_matrix() + zeros(24) + u32(kTrackId + 1));
}

// Flags: enabled, in movie, in preview.
std::string track_header(const Mp4Track& track) {
  const bool audio = track.kind == TrackKind::kAudio;
  return full_box("tkhd", 0, 7,
                  zeros(8) + u32(kTrackId) + zeros(4) + u32(0) + zeros(8) + zeros(4) + u16(audio ? 0x0100 : 0) + zeros(2) + unity_matrix() +
                      fixed_point(static_cast<std::uint64_t>(track.width)) + fixed_point(static_cast<std::uint64_t>(track.height)));
}

// Three lower-case letters in five bits each; anything else is "und".
std::uint64_t packed_language(std::string_view language) {
  std::uint64_t packed = 0;
  for (const char c : language) {
    if (c < 'a' || c > 'z' || language.size() != 3) return packed_language("und");
    packed = packed << 5 | static_cast<std::uint64_t>(c - 0x60);
  }
  return packed == 0 ? packed_language("und") : packed;
}

std::string media_header(const Mp4Track& track) {
  return full_box("mdhd", 0, 0, zeros(8) + u32(track.timescale) + u32(0) + u16(packed_language(track.language)) + zeros(2));
}

std::string handler(TrackKind kind) {
  const bool audio = kind == TrackKind::kAudio;
  return full_box("hdlr", 0, 0, zeros(4) + (audio ? "soun" : "vide") + zeros(12) + (audio ? "SoundHandler" : "VideoHandler") + zeros(1));
}

std::string bit_rates(const Mp4Track& track) {
  if (track.average_bitrate == 0) return {};
  return box("btrt", u32(0) + u32(track.average_bitrate) + u32(track.average_bitrate));
}

std::string avc_sample_entry(const Mp4Track& track) {
  constexpr std::uint64_t kDotsPerInch = 72, kColourDepth = 24;
  return box("avc1", zeros(6) + u16(1) + zeros(16) + u16(static_cast<std::uint64_t>(track.width)) +
                         u16(static_cast<std::uint64_t>(track.height)) + fixed_point(kDotsPerInch) + fixed_point(kDotsPerInch) + zeros(4) +
                         u16(1) + zeros(32) + u16(kColourDepth) + u16(0xFFFF) + box("avcC", track.codec_config) +
                         box("pasp", u32(1) + u32(1)) + bit_rates(track));
}

// A descriptor of ISO/IEC 14496-1 with its length in the four-byte form that every player reads.
std::string descriptor(std::uint64_t tag, std::string_view payload) {
  const std::uint64_t n = payload.size();
  return u8(tag) + u8(0x80 | (n >> 21 & 0x7F)) + u8(0x80 | (n >> 14 & 0x7F)) + u8(0x80 | (n >> 7 & 0x7F)) + u8(n & 0x7F).append(payload);
}

std::string elementary_stream(const Mp4Track& track) {
  constexpr std::uint64_t kMpeg4Audio = 0x40, kAudioStream = 0x15;
  const std::string decoder = descriptor(4, u8(kMpeg4Audio) + u8(kAudioStream) + u24(0) + u32(track.average_bitrate) +
                                                u32(track.average_bitrate) + descriptor(5, track.codec_config));
  return full_box("esds", 0, 0, descriptor(3, u16(0) + u8(0) + decoder + descriptor(6, u8(2))));
}

std::string aac_sample_entry(const Mp4Track& track) {
  const auto rate = static_cast<std::uint64_t>(track.sample_rate);
  return box("mp4a", zeros(6) + u16(1) + zeros(8) + u16(static_cast<std::uint64_t>(track.channels)) + u16(16) + zeros(4) +
                         fixed_point(rate <= UINT16_MAX ? rate : 0) + elementary_stream(track) + bit_rates(track));
}

// The sample tables are there and empty: all samples are in fragments.
std::string sample_tables(const Mp4Track& track) {
  const std::string entry = track.kind == TrackKind::kVideo ? avc_sample_entry(track) : aac_sample_entry(track);
  return box("stbl", full_box("stsd", 0, 0, u32(1) + entry) + full_box("stts", 0, 0, u32(0)) + full_box("stsc", 0, 0, u32(0)) +
                         full_box("stsz", 0, 0, u32(0) + u32(0)) + full_box("stco", 0, 0, u32(0)));
}

std::string media_information(const Mp4Track& track) {
  const std::string kind = track.kind == TrackKind::kVideo ? full_box("vmhd", 0, 1, zeros(8)) : full_box("smhd", 0, 0, zeros(4));
  const std::string in_this_file = full_box("url ", 0, 1, {});
  return box("minf", kind + box("dinf", full_box("dref", 0, 0, u32(1) + in_this_file)) + sample_tables(track));
}

}  // namespace

std::string write_mp4_init(const Mp4Track& track) {
  ENSURE(track.timescale > 0 && !track.codec_config.empty());
  ENSURE(track.width >= 0 && track.width <= UINT16_MAX && track.height >= 0 && track.height <= UINT16_MAX);
  const std::string media = box("mdia", media_header(track) + handler(track.kind) + media_information(track));
  const std::string defaults = full_box("trex", 0, 0, u32(kTrackId) + u32(1) + zeros(12));
  return box("ftyp", "iso6" + u32(0) + "iso6cmfcmp41") +
         box("moov", movie_header(track.timescale) + box("trak", track_header(track) + media) + box("mvex", defaults));
}

}  // namespace media
