// ModelStream: the reference server's stream "main" without its media: which segments exist at an instant, which slots are gaps, how
// large each segment is, and the playlists and manifests that say so. Slot n covers [n, n+1) x the segment duration from media time
// 0; a live segment exists once its slot has passed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/transport/kept_lines.h"
#include "harness/transport/kept_manifest.h"
#include "harness/transport/reference_model.h"
#include "media/dash.h"
#include "media/hls.h"

namespace harness {

class ModelStream {
 public:
  explicit ModelStream(ReferenceModel::Options options);

  struct Track {
    std::string name;  // "video-720p", "audio"; "video-720p-2" where two rungs are as high
    base::Bitrate average, peak;
    std::int64_t timescale;
    int width = 0, height = 0;  // 0: audio
    base::Bitrate audio{};      // of the average: what its segments carry of it
  };

  // Of a live stream: what has come since is not listed before it goes on or is lost.
  void halt(base::Instant since, ReferenceModel::HaltEnd end);
  // Nothing has come since: slots that were not begun are gaps.
  void lose(base::Instant since, base::Instant now);
  void resume(base::Instant now);
  // A live stream is ready once three segments exist.
  bool is_ready(base::Instant now) const;
  const Track* find_track(std::string_view name) const;
  // Nothing when it does not exist yet, is no longer kept, or is a gap. Requires: `track` is one of this stream's.
  std::optional<base::ByteCount> segment_size(base::Instant now, const Track& track, std::int64_t number) const;
  // The slot of "N.m4s" or "tTIME.m4s".
  std::optional<std::int64_t> number_of(const Track& track, std::string_view file) const;

  // Live: when the segment of this number is listed.
  base::Instant listed_from(std::int64_t number) const;

  const std::string& multivariant() const { return multivariant_; }
  std::string media_playlist(base::Instant now) const;  // the same for every track
  std::string manifest(base::Instant now) const;
  // The same for a stream that goes on: of what was written before only what has changed is written.
  std::string next_media_playlist(base::Instant now);
  std::string next_manifest(base::Instant now);
  // Documents of two instants are equal when their versions are.
  std::int64_t version(base::Instant now) const { return end_of_listed(now); }

 private:
  struct Slots {  // [first, end)
    std::int64_t first = 0;
    std::int64_t end = 0;
  };
  std::int64_t slot_at(base::Instant t) const { return (t - options_.wall.at) / options_.segment_duration; }
  base::Instant start_of(std::int64_t slot) const { return options_.wall.at + slot * options_.segment_duration; }
  std::int64_t next_whole_slot(base::Instant t) const;
  std::int64_t end_of_listed(base::Instant now) const;
  Slots listed(base::Instant now) const;
  bool is_fetchable(base::Instant now, std::int64_t slot) const;
  base::Duration duration_of(std::int64_t slot) const;
  base::ByteCount size_of(const Track& track, std::int64_t number) const;
  base::Bitrate largest_rate(const Track& track) const;
  std::string free_name(const std::string& wanted) const;
  bool is_gap(std::int64_t slot) const;
  bool resumes_in_vain(base::Instant lost);
  media::HlsMediaPlaylist playlist_head(const Slots& window) const;
  void write_head();
  media::HlsSegment segment_at(std::int64_t slot) const;
  std::vector<std::int64_t> slots_with_media(const Slots& window) const;
  std::int64_t units_per_slot(const Track& track) const;
  enum class Kind { kVideo, kAudio };
  std::vector<media::DashTimelineEntry> timeline_of(const Track& track, const std::vector<std::int64_t>& slots) const;
  media::DashAdaptationSet adaptation_set(Kind kind, const std::vector<std::int64_t>& slots) const;
  void describe_live_edge(base::Instant now, media::DashManifest& manifest) const;

  ReferenceModel::Options options_;
  std::vector<Track> tracks_;              // video as listed, then audio where it is apart
  std::vector<Slots> gaps_;                // closed outages
  std::optional<std::int64_t> dead_from_;  // first slot without media of a running outage
  std::int64_t completed_ = 0;             // end of the slots that are there before they have passed
  base::Instant completed_at_{};
  struct Resumption {
    std::int64_t slot;   // where media begin again
    std::int64_t since;  // first slot without
  };
  std::optional<Resumption> resumption_;  // the last one, until it is lost behind its slot's begin
  struct Halt {
    std::int64_t end;  // of the slots that are listed
    ReferenceModel::HaltEnd until;
  };
  std::optional<Halt> halt_;
  std::string multivariant_;
  std::array<std::string, 2> head_;  // of a live media playlist, before and behind its EXT-X-MEDIA-SEQUENCE's number; written once
  KeptLines lines_;                  // of its segments
  KeptManifest manifest_;
};

}  // namespace harness
