// A CMAF fragment that is a whole segment: styp, moof, mdat (ISO/IEC 14496-12, 8.8, and 23000-19, 7.3.2).
#include <algorithm>

#include "base/ensure.h"
#include "media/mp4.h"
#include "media/mp4_boxes.h"
#include "media/mp4_fragment.h"

namespace media {
namespace {

std::uint32_t flags_of(const Mp4Sample& sample) { return sample.sync ? kSyncSampleFlags : kDependentSampleFlags; }

// What all samples have in common stands once in tfhd; the rest is written per sample in trun.
struct Layout {
  bool equal_durations = true;
  bool equal_flags = true;
  bool composition = false;
};

Layout layout_of(const std::vector<Mp4Sample>& samples) {
  Layout layout;
  for (const Mp4Sample& sample : samples) {
    layout.equal_durations &= sample.duration == samples.front().duration;
    layout.equal_flags &= sample.sync == samples.front().sync;
    layout.composition |= sample.composition != 0;
  }
  return layout;
}

std::string track_fragment_header(const Layout& layout, const Mp4Sample& first) {
  const std::uint64_t flags =
      kDefaultBaseIsMoof | (layout.equal_durations ? kDefaultDuration : 0) | (layout.equal_flags ? kDefaultFlags : 0);
  std::string fields = u32(1);
  if (layout.equal_durations) fields += u32(first.duration);
  if (layout.equal_flags) fields += u32(flags_of(first));
  return full_box("tfhd", 0, flags, fields);
}

// Version 1: composition offsets are signed.
std::string track_run(const Layout& layout, const std::vector<Mp4Sample>& samples, std::size_t data_offset) {
  const std::uint64_t flags = kDataOffset | kSampleSize | (layout.equal_durations ? 0 : kSampleDuration) |
                              (layout.equal_flags ? 0 : kSampleFlags) | (layout.composition ? kSampleComposition : 0);
  std::string fields = u32(samples.size()) + u32(data_offset);
  for (const Mp4Sample& sample : samples) {
    if (!layout.equal_durations) fields += u32(sample.duration);
    fields += u32(sample.bytes.size());
    if (!layout.equal_flags) fields += u32(flags_of(sample));
    if (layout.composition) fields += u32(static_cast<std::uint32_t>(sample.composition));
  }
  return full_box("trun", 1, flags, fields);
}

std::string movie_fragment(std::uint32_t sequence, std::uint64_t decode_time, const std::vector<Mp4Sample>& samples,
                           std::size_t data_offset) {
  const Layout layout = layout_of(samples);
  return box("moof", full_box("mfhd", 0, 0, u32(sequence)) +
                         box("traf", track_fragment_header(layout, samples.front()) + full_box("tfdt", 1, 0, u64(decode_time)) +
                                         track_run(layout, samples, data_offset)));
}

std::size_t total_bytes(const std::vector<Mp4Sample>& samples) {
  std::size_t total = 0;
  for (const Mp4Sample& sample : samples) total += sample.bytes.size();
  return total;
}

}  // namespace

std::string write_mp4_fragment(std::uint32_t sequence, std::uint64_t decode_time, const std::vector<Mp4Sample>& samples) {
  constexpr std::size_t kBoxHeader = 8;
  ENSURE(!samples.empty());
  const std::size_t size = total_bytes(samples);
  ENSURE(size < UINT32_MAX - kBoxHeader);
  // The offset counts from the start of moof, whose size does not depend on it.
  const std::size_t moof_size = movie_fragment(sequence, decode_time, samples, 0).size();
  std::string out = box("styp", "msdh" + u32(0) + "msdhcmfs");
  out.reserve(out.size() + moof_size + kBoxHeader + size);
  out += movie_fragment(sequence, decode_time, samples, moof_size + kBoxHeader);
  out += u32(size + kBoxHeader) + "mdat";
  for (const Mp4Sample& sample : samples) out += sample.bytes;
  return out;
}

}  // namespace media
