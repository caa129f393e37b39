// Small content, sessions and recordings for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json_reader.h"
#include "harness/replay/content_table.h"
#include "harness/replay/session_record.h"

namespace harness {

inline std::string replay_file(const std::string& name) { return std::string{REHEARSAL_SOURCE_DIR "/tests/data/replay/"} + name; }

// Three rungs of 300, 600 and 1200 kbit/s, four segments of 2 s.
inline ContentTable small_content() {
  using namespace base::literals;
  const auto track = [](std::int64_t kbps) {
    return ContentTable::Track{.codecs = kbps < 200 ? "mp4a.40.2" : "avc1.4d401e",
                               .declared = base::Bitrate::bits_per_second(kbps * 1000),
                               .init = 800_B,
                               .segments = std::vector<base::ByteCount>(4, base::ByteCount::bytes(kbps * 250)),
                               .durations = std::vector<base::Duration>(4, 2s)};
  };
  ContentTable content{.segment_duration = 2s, .audio = track(100), .hls_order = {1, 0, 2}, .file_sizes = {{"media_0.m3u8", 5000_B}}};
  for (const std::int64_t kbps : {300, 600, 1200})
    content.video.push_back({.track = track(kbps),
                             .width = 640,
                             .height = 360,
                             .hls_bandwidth = base::Bitrate::bits_per_second(kbps * 1500),
                             .hls_average_bandwidth = base::Bitrate::bits_per_second(kbps * 1100)});
  return content;
}

// A video request of a tenth of a second.
inline RequestRecord video(int segment, int rung, base::Duration started) {
  using namespace base::literals;
  return {.kind = RequestKind::kVideo, .rung = rung, .segment = segment, .started = started, .ended = started + 100ms};
}

inline base::Json replay_document(const std::string& name) { return base::read_json_file(replay_file(name)); }

// "path: message" of the only problem, or what there is instead.
inline std::string only_problem(const std::vector<base::Problem>& problems) {
  if (problems.size() != 1) return std::to_string(problems.size()) + " problems";
  return problems.front().path + ": " + problems.front().message;
}

}  // namespace harness
