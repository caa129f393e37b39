#include <fmt/format.h>

#include <algorithm>

#include "media/mp4.h"
#include "media/mp4_boxes.h"
#include "media/mp4_fragment.h"
#include "media/text_fields.h"

namespace media {
namespace {

// Per-sample values where a run does not give them; from trex, overridden by tfhd.
struct Defaults {
  std::optional<std::uint64_t> duration;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> flags;
};

struct Run {
  std::uint64_t samples = 0;
  std::uint64_t duration = 0;
  std::uint64_t bytes = 0;
  bool starts_with_sync = false;
};

base::Error cut_short(std::string_view type) { return base::error(fmt::format("box {} is too short for what it announces", type)); }

// The value of one field of one sample: from the run where its flag is set, otherwise the default.
std::uint64_t field(ByteReader& reader, std::uint64_t flags, std::uint32_t flag, const std::optional<std::uint64_t>& fallback) {
  return (flags & flag) != 0 ? reader.take(4) : fallback.value_or(0);
}

Run read_samples(ByteReader& reader, std::uint64_t flags, std::uint64_t count, const Defaults& defaults,
                 std::optional<std::uint64_t> first_flags) {
  Run run{.samples = count};
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    run.duration += field(reader, flags, kSampleDuration, defaults.duration);
    run.bytes += field(reader, flags, kSampleSize, defaults.size);
    const std::uint64_t sample_flags = field(reader, flags, kSampleFlags, defaults.flags);
    field(reader, flags, kSampleComposition, 0);
    if (i == 0) run.starts_with_sync = (first_flags.value_or(sample_flags) & kNonSyncBit) == 0;
  }
  return run;
}

base::Result<Run> read_run(std::string_view payload, const Defaults& defaults) {
  ByteReader reader{payload};
  const std::uint64_t flags = reader.take(4) & 0xFFFFFF;
  const std::uint64_t count = reader.take(4);
  if ((flags & kDataOffset) != 0) reader.skip(4);
  std::optional<std::uint64_t> first_flags;
  if ((flags & kFirstSampleFlags) != 0) first_flags = reader.take(4);
  if (count > static_cast<std::uint64_t>(kMostSegments)) return base::error(fmt::format("trun announces {} samples", count));
  if (count > 0 && (flags & kSampleDuration) == 0 && !defaults.duration)
    return base::error("neither trun nor tfhd gives the sample durations; they stand in the init segment's trex");
  const Run run = read_samples(reader, flags, count, defaults, first_flags);
  if (!reader.ok()) return cut_short("trun");
  return run;
}

Defaults read_track_header(ByteReader& reader, std::uint64_t flags, Defaults defaults) {
  if ((flags & kBaseDataOffset) != 0) reader.skip(8);
  if ((flags & kSampleDescription) != 0) reader.skip(4);
  if ((flags & kDefaultDuration) != 0) defaults.duration = reader.take(4);
  if ((flags & kDefaultSize) != 0) defaults.size = reader.take(4);
  if ((flags & kDefaultFlags) != 0) defaults.flags = reader.take(4);
  return defaults;
}

// Calls visit(box) for each box in `bytes`; stops at the first error.
template <class Visit>
base::Result<void> walk(std::string_view bytes, Visit visit) {
  BoxWalk boxes{bytes};
  for (;;) {
    const auto found = boxes.next();
    if (!found.has_value()) return found.error();
    if (!*found) return {};
    if (const base::Result<void> result = visit(**found); !result.has_value()) return result;
  }
}

class SegmentReader {
 public:
  base::Result<Mp4SegmentFacts> read(std::string_view bytes);

 private:
  base::Result<void> visit_top(const Mp4Box& found);
  base::Result<void> visit_movie(const Mp4Box& found);
  base::Result<void> visit_fragment(const Mp4Box& found);
  base::Result<void> visit_track(const Mp4Box& found);
  base::Result<void> read_tfhd(std::string_view payload);
  base::Result<void> read_tfdt(std::string_view payload);
  base::Result<void> add_run(std::string_view payload);

  Mp4SegmentFacts facts_;
  Defaults movie_defaults_;
  Defaults track_defaults_;
  std::optional<std::uint64_t> track_id_;  // the first one met; other tracks of a muxed segment are not counted
  bool in_track_ = false;                  // the current traf is of that track
  bool has_header_ = false;                // its tfhd has been read
  bool has_decode_time_ = false;
  bool has_samples_ = false;
  std::uint64_t wanted_bytes_ = 0;  // of samples whose mdat has not come yet
};

base::Result<void> SegmentReader::read_tfhd(std::string_view payload) {
  ByteReader reader{payload};
  const std::uint64_t flags = reader.take(4) & 0xFFFFFF;
  const std::uint64_t id = reader.take(4);
  track_defaults_ = read_track_header(reader, flags, movie_defaults_);
  if (!reader.ok()) return cut_short("tfhd");
  if (!track_id_) track_id_ = id;
  in_track_ = *track_id_ == id;
  has_header_ = true;
  return {};
}

base::Result<void> SegmentReader::read_tfdt(std::string_view payload) {
  ByteReader reader{payload};
  const std::uint64_t version = reader.take(4) >> 24;
  const std::uint64_t time = reader.take(version == 1 ? 8 : 4);
  if (!reader.ok()) return cut_short("tfdt");
  if (in_track_ && !has_decode_time_) facts_.decode_time = time;
  has_decode_time_ |= in_track_;
  return {};
}

base::Result<void> SegmentReader::add_run(std::string_view payload) {
  if (!has_header_) return base::error("trun stands before tfhd");
  const base::Result<Run> run = read_run(payload, track_defaults_);
  if (!run.has_value()) return run.error();
  wanted_bytes_ += run->bytes;
  if (!in_track_ || run->samples == 0) return {};
  if (!has_samples_) facts_.starts_with_sync = run->starts_with_sync;
  has_samples_ = true;
  facts_.samples += run->samples;
  facts_.duration += run->duration;
  if (facts_.samples > static_cast<std::uint64_t>(kMostSegments)) return base::error(fmt::format("more than {} samples", kMostSegments));
  return {};
}

base::Result<void> SegmentReader::visit_track(const Mp4Box& found) {
  if (found.type == "tfhd") return read_tfhd(found.payload);
  if (found.type == "tfdt") return read_tfdt(found.payload);
  if (found.type == "trun") return add_run(found.payload);
  return {};
}

base::Result<void> SegmentReader::visit_fragment(const Mp4Box& found) {
  if (found.type != "traf") return {};
  in_track_ = has_header_ = false;
  return walk(found.payload, [this](const Mp4Box& inner) { return visit_track(inner); });
}

// An init segment in front of the media: its trex gives defaults.
base::Result<void> SegmentReader::visit_movie(const Mp4Box& found) {
  if (found.type == "mvex") return walk(found.payload, [this](const Mp4Box& inner) { return visit_movie(inner); });
  if (found.type != "trex") return {};
  ByteReader reader{found.payload};
  reader.skip(12);
  movie_defaults_.duration = reader.take(4);
  movie_defaults_.size = reader.take(4);
  movie_defaults_.flags = reader.take(4);
  return reader.ok() ? base::Result<void>{} : base::Result<void>{cut_short("trex")};
}

base::Result<void> SegmentReader::visit_top(const Mp4Box& found) {
  if (found.type == "moov") return walk(found.payload, [this](const Mp4Box& inner) { return visit_movie(inner); });
  if (found.type == "moof") return walk(found.payload, [this](const Mp4Box& inner) { return visit_fragment(inner); });
  if (found.type != "mdat") return {};
  if (found.payload.size() < wanted_bytes_)
    return base::error(fmt::format("mdat holds {} bytes, its samples need {}", found.payload.size(), wanted_bytes_));
  wanted_bytes_ = 0;
  return {};
}

base::Result<Mp4SegmentFacts> SegmentReader::read(std::string_view bytes) {
  const base::Result<void> walked = walk(bytes, [this](const Mp4Box& found) { return visit_top(found); });
  if (!walked.has_value()) return walked.error();
  if (!has_samples_) return base::error("the segment has no moof with samples");
  if (!has_decode_time_) return base::error("the segment has no tfdt");
  if (wanted_bytes_ > 0) return base::error("the segment has no mdat for its last moof");
  return facts_;
}

}  // namespace

base::Result<Mp4SegmentFacts> read_mp4_segment(std::string_view bytes) { return SegmentReader{}.read(bytes); }

}  // namespace media
