// A small presentation for tests: one video track, one audio track, segments whose bytes are their names.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/package/presentation.h"

namespace server {

inline base::UtcTime test_start() { return base::UtcTime{std::chrono::seconds{1'800'000'000}}; }

inline Presentation::Options live_options() { return {.name = "main", .availability_start = test_start()}; }

inline std::vector<TrackInfo> two_tracks() {
  const auto init = std::make_shared<const std::string>("init");
  return {{.name = "video-720p",
           .kind = media::TrackKind::kVideo,
           .codec = "avc1.64001f",
           .bandwidth = base::Bitrate::bits_per_second(3'000'000),
           .average_bandwidth = base::Bitrate::bits_per_second(2'500'000),
           .width = 1280,
           .height = 720,
           .frame_rate = 30,
           .timescale = 90000,
           .init = init},
          {.name = "audio",
           .kind = media::TrackKind::kAudio,
           .codec = "mp4a.40.2",
           .bandwidth = base::Bitrate::bits_per_second(140'000),
           .average_bandwidth = base::Bitrate::bits_per_second(128'000),
           .sample_rate = 48000,
           .channels = 2,
           .timescale = 48000,
           .init = init}};
}

// AAC frames whose start lies in the slot.
inline std::int64_t audio_start(std::int64_t number) { return (number * 96000 + 1023) / 1024 * 1024; }

inline std::vector<Segment> segments(std::int64_t number, bool gap) {
  const auto bytes = [&](const char* track) { return gap ? nullptr : std::make_shared<const std::string>(track + std::to_string(number)); };
  const base::UtcTime wall = test_start() + number * std::chrono::seconds{2};
  return {{.number = number, .start = number * 180000, .duration = 180000, .wall = wall, .bytes = bytes("v")},
          {.number = number,
           .start = audio_start(number),
           .duration = audio_start(number + 1) - audio_start(number),
           .wall = wall,
           .bytes = bytes("a")}};
}

inline void publish(Presentation& to, std::int64_t from, std::int64_t until) {
  for (std::int64_t number = from; number < until; ++number) to.publish(segments(number, false));
}

inline void publish_gap(Presentation& to, std::int64_t number) { to.publish(segments(number, true)); }

}  // namespace server
