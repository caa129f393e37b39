// ISO base media file format for CMAF tracks (ISO/IEC 14496-12, 23000-19): our own writer of init segments and fragments (no
// muxer state, so the timeline is ours), and a reader of what tests and the packager need back. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace media {

enum class TrackKind { kVideo, kAudio };

// What an init segment says. One track per file (CMAF).
struct Mp4Track {
  TrackKind kind = TrackKind::kVideo;
  std::uint32_t timescale = 90000;
  int width = 0;  // pixels, video only
  int height = 0;
  int sample_rate = 0;  // Hz, audio only
  int channels = 0;
  std::string codec_config;           // video: AVCDecoderConfigurationRecord (avcC payload); audio: AudioSpecificConfig
  std::uint32_t average_bitrate = 0;  // bit/s, for esds and btrt; 0: unknown
  std::string language = "und";       // ISO 639-2/T
};

struct Mp4Sample {
  std::string_view bytes;        // video: length-prefixed NAL units
  std::uint32_t duration = 0;    // timescale units
  std::int32_t composition = 0;  // pts - dts, may be negative (trun version 1)
  bool sync = true;
};

// ftyp (cmfc, iso6) and moov with mvex; no edit list.
std::string write_mp4_init(const Mp4Track& track);
// styp, moof (mfhd, traf: tfhd default-base-is-moof, tfdt version 1, trun version 1) and mdat.
std::string write_mp4_fragment(std::uint32_t sequence, std::uint64_t decode_time, const std::vector<Mp4Sample>& samples);

// avcC from Annex B SPS and PPS (start codes of 3 or 4 bytes); an error when one of them is missing.
base::Result<std::string> avc_config_from_annex_b(std::string_view extradata);
// Annex B access unit -> 4-byte length-prefixed NAL units, without SPS, PPS and access unit delimiters.
std::string annex_b_to_length_prefixed(std::string_view access_unit);
// RFC 6381: "avc1.64001f" from an avcC payload, "mp4a.40.2" from an AudioSpecificConfig.
base::Result<std::string> avc_codec_string(std::string_view avcc);
base::Result<std::string> aac_codec_string(std::string_view audio_specific_config);

// What a media segment says of itself, summed over its fragments.
struct Mp4SegmentFacts {
  std::uint64_t decode_time = 0;  // of the first fragment
  std::uint64_t duration = 0;     // sum of sample durations
  std::uint64_t samples = 0;
  bool starts_with_sync = false;
};
// Never throws and never reads outside `bytes`, whatever they are.
base::Result<Mp4SegmentFacts> read_mp4_segment(std::string_view bytes);

}  // namespace media
