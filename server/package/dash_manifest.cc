#include <cmath>
#include <string>

#include "media/dash.h"
#include "server/package/declared_rate.h"
#include "server/package/presentation.h"

namespace server {
namespace {

constexpr int kPresentationDelaySegments = 3;

struct Span {
  base::Duration begin{}, end{};
};

base::Duration time_of(std::int64_t units, const TrackInfo& track) {
  return base::from_seconds(static_cast<double>(units) / track.timescale);
}

// Of the listed segments of the first track, on the stream's timeline.
Span listed_span(const Snapshot& stream) {
  const TrackSnapshot& track = stream.tracks.front();
  if (track.listed.empty()) return {};
  const Segment& last = track.listed.back();
  return {time_of(track.listed.front().start, track.info), time_of(last.start + last.duration, track.info)};
}

void append(std::vector<media::DashTimelineEntry>& timeline, const Segment& segment) {
  if (!timeline.empty()) {
    media::DashTimelineEntry& last = timeline.back();
    const bool follows = last.start + (last.repeat + 1) * last.duration == segment.start;
    if (follows && last.duration == segment.duration) {
      ++last.repeat;
      return;
    }
  }
  timeline.push_back({.start = segment.start, .duration = segment.duration, .repeat = 0});
}

// A gap is left out, which leaves a hole between two S elements. A timeline must not be empty: where only gaps are listed, the last
// real segment stands for them.
std::vector<media::DashTimelineEntry> timeline_of(const TrackSnapshot& track) {
  std::vector<media::DashTimelineEntry> timeline;
  for (const Segment& segment : track.listed) {
    if (segment.bytes != nullptr) append(timeline, segment);
  }
  for (auto s = track.retained.rbegin(); timeline.empty() && s != track.retained.rend(); ++s) {
    if (s->bytes != nullptr) append(timeline, *s);
  }
  return timeline;
}

// A finished presentation starts at zero, whatever its window began with.
std::int64_t time_offset(const Snapshot& stream, const TrackSnapshot& track) {
  if (!stream.ended) return 0;
  return std::llround(base::to_seconds(listed_span(stream).begin) * track.info.timescale);
}

media::DashSegmentTemplate template_of(const Snapshot& stream, const TrackSnapshot& track) {
  return {.initialization = "$RepresentationID$/init.mp4",
          .media = "$RepresentationID$/t$Time$.m4s",
          .timescale = track.info.timescale,
          .start_number = 1,
          .presentation_time_offset = time_offset(stream, track),
          .duration = 0,
          .timeline = timeline_of(track)};
}

// "30", "30000/1001".
std::string frame_rate_text(double rate) {
  const double whole = std::round(rate);
  if (std::abs(rate - whole) < 0.001) return std::to_string(std::llround(whole));
  return std::to_string(std::llround(rate * 1001)) + "/1001";
}

media::DashRepresentation representation_of(const Snapshot& stream, const TrackSnapshot& track) {
  const bool video = track.info.kind == media::TrackKind::kVideo;
  return {.id = track.info.name,
          .bandwidth = declared_rate(stream, track).peak,
          .codecs = track.info.codec,
          .width = track.info.width,
          .height = track.info.height,
          .frame_rate = video ? frame_rate_text(track.info.frame_rate) : "",
          .audio_sampling_rate = track.info.sample_rate,
          .segments = template_of(stream, track)};
}

media::DashAdaptationSet set_of(const Snapshot& stream, media::TrackKind kind) {
  const bool video = kind == media::TrackKind::kVideo;
  media::DashAdaptationSet set;
  set.id = video ? "1" : "2";
  set.content_type = video ? "video" : "audio";
  set.mime_type = video ? "video/mp4" : "audio/mp4";
  set.segment_alignment = true;
  for (const TrackSnapshot& track : stream.tracks) {
    if (track.info.kind == kind) set.representations.push_back(representation_of(stream, track));
  }
  return set;
}

void describe_live_edge(media::DashManifest& manifest, const Snapshot& stream, const std::string& utc_timing_url) {
  const Span listed = listed_span(stream);
  manifest.availability_start = stream.availability_start;
  manifest.publish_time = stream.availability_start + listed.end;
  manifest.minimum_update_period = stream.segment_duration;
  manifest.time_shift_buffer_depth = listed.end - listed.begin;
  manifest.suggested_presentation_delay = kPresentationDelaySegments * stream.segment_duration;
  if (utc_timing_url.empty()) return;
  manifest.utc_timings.push_back({.scheme = "urn:mpeg:dash:utc:http-iso:2014", .value = utc_timing_url});
}

}  // namespace

std::string dash_manifest(const Snapshot& stream, const std::string& utc_timing_url) {
  media::DashManifest manifest;
  manifest.dynamic = !stream.ended;
  manifest.profiles = "urn:mpeg:dash:profile:isoff-live:2011";
  manifest.min_buffer_time = stream.segment_duration;
  media::DashPeriod period;
  period.id = "0";
  for (const media::TrackKind kind : {media::TrackKind::kVideo, media::TrackKind::kAudio}) {
    media::DashAdaptationSet set = set_of(stream, kind);
    if (!set.representations.empty()) period.adaptation_sets.push_back(std::move(set));
  }
  if (manifest.dynamic) {
    describe_live_edge(manifest, stream, utc_timing_url);
  } else {
    const Span listed = listed_span(stream);
    manifest.duration = listed.end - listed.begin;
  }
  manifest.periods.push_back(std::move(period));
  return media::write_mpd(manifest);
}

}  // namespace server
