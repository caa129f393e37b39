// H.264 in its two packagings: Annex B (start codes) and MP4 (avcC and length prefixes, ISO/IEC 14496-15, 5.3.3).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "media/bit_reader.h"
#include "media/mp4.h"
#include "media/mp4_boxes.h"

namespace media {
namespace {

enum NalType : unsigned { kSps = 7, kPps = 8, kAccessUnitDelimiter = 9 };

unsigned type_of(std::string_view nal) { return static_cast<unsigned char>(nal.front()) & 0x1Fu; }

// Where the next 00 00 01 starts, or the end.
std::size_t find_start_code(std::string_view bytes, std::size_t from) {
  constexpr std::string_view kStartCode{"\0\0\1", 3};
  return std::min(bytes.find(kStartCode, from), bytes.size());
}

// A NAL unit never ends in a zero byte: those before the next start code are padding or part of its long form.
std::string_view without_trailing_zeros(std::string_view nal) {
  const auto last = nal.find_last_not_of('\0');
  return last == std::string_view::npos ? std::string_view{} : nal.substr(0, last + 1);
}

std::vector<std::string_view> split_nal_units(std::string_view bytes) {
  std::vector<std::string_view> units;
  for (std::size_t at = find_start_code(bytes, 0); at < bytes.size();) {
    const std::size_t begin = at + 3;
    at = find_start_code(bytes, begin);
    const std::string_view nal = without_trailing_zeros(bytes.substr(begin, at - begin));
    if (!nal.empty()) units.push_back(nal);
  }
  return units;
}

void add_once(std::vector<std::string_view>& set, std::string_view nal) {
  if (std::find(set.begin(), set.end(), nal) == set.end()) set.push_back(nal);
}

std::string counted(const std::vector<std::string_view>& units) {
  std::string out;
  for (const std::string_view nal : units) out.append(u16(nal.size())).append(nal);
  return out;
}

bool has_chroma_fields(unsigned profile) { return profile == 100 || profile == 110 || profile == 122 || profile == 144; }

// 00 00 03 in a NAL unit stands for 00 00.
std::string without_emulation_prevention(std::string_view nal) {
  std::string out;
  std::size_t zeros_before = 0;
  for (const char c : nal) {
    if (zeros_before >= 2 && c == 3) {
      zeros_before = 0;
      continue;
    }
    zeros_before = c == 0 ? zeros_before + 1 : 0;
    out += c;
  }
  return out;
}

// chroma_format_idc and the two bit depths of a High profile SPS (ITU-T H.264, 7.3.2.1.1), as avcC repeats them.
std::optional<std::string> chroma_fields(std::string_view sps) {
  const std::string payload = without_emulation_prevention(sps.substr(4));
  BitReader bits{payload};
  bits.exponential_golomb();  // seq_parameter_set_id
  const std::uint64_t chroma = bits.exponential_golomb();
  if (chroma == 3) bits.take(1);  // separate_colour_plane_flag
  const std::uint64_t luma_depth = bits.exponential_golomb(), chroma_depth = bits.exponential_golomb();
  if (!bits.ok() || chroma > 3 || luma_depth > 6 || chroma_depth > 6) return std::nullopt;
  return u8(0xFC | chroma) + u8(0xF8 | luma_depth) + u8(0xF8 | chroma_depth) + u8(0);
}

}  // namespace

base::Result<std::string> avc_config_from_annex_b(std::string_view extradata) {
  std::vector<std::string_view> sps, pps;
  for (const std::string_view nal : split_nal_units(extradata)) {
    if (type_of(nal) == kSps) add_once(sps, nal);
    if (type_of(nal) == kPps) add_once(pps, nal);
  }
  if (sps.empty() || sps.front().size() < 5) return base::error("the H.264 extradata has no sequence parameter set (SPS)");
  if (pps.empty()) return base::error("the H.264 extradata has no picture parameter set (PPS)");
  const auto fits = [](std::string_view nal) { return nal.size() <= UINT16_MAX; };
  if (sps.size() > 31 || pps.size() > 255 || !std::all_of(sps.begin(), sps.end(), fits) || !std::all_of(pps.begin(), pps.end(), fits))
    return base::error("the H.264 extradata has more parameter sets than avcC can hold");
  std::string out =
      u8(1).append(sps.front().substr(1, 3)) + u8(0xFF) + u8(0xE0 | sps.size()) + counted(sps) + u8(pps.size()) + counted(pps);
  if (!has_chroma_fields(static_cast<unsigned char>(sps.front()[1]))) return out;
  const auto chroma = chroma_fields(sps.front());
  if (!chroma) return base::error("the sequence parameter set (SPS) is damaged");
  return out + *chroma;
}

std::string annex_b_to_length_prefixed(std::string_view access_unit) {
  std::string out;
  out.reserve(access_unit.size() + 16);
  for (const std::string_view nal : split_nal_units(access_unit)) {
    const unsigned type = type_of(nal);
    if (type != kSps && type != kPps && type != kAccessUnitDelimiter) out.append(u32(nal.size())).append(nal);
  }
  return out;
}

base::Result<std::string> avc_codec_string(std::string_view avcc) {
  if (avcc.size() < 7 || avcc[0] != 1) return base::error("not an AVCDecoderConfigurationRecord");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(avcc[i])); };
  return fmt::format("avc1.{:02x}{:02x}{:02x}", byte(1), byte(2), byte(3));
}

base::Result<std::string> aac_codec_string(std::string_view audio_specific_config) {
  constexpr std::uint64_t kEscape = 31, kFirstEscaped = 32;
  BitReader bits{audio_specific_config};
  std::uint64_t object_type = bits.take(5);
  if (object_type == kEscape) object_type = kFirstEscaped + bits.take(6);
  if (!bits.ok() || audio_specific_config.size() < 2 || object_type == 0) return base::error("not an AudioSpecificConfig");
  return fmt::format("mp4a.40.{}", object_type);
}

}  // namespace media
