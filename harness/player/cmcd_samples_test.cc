// tests/data/cmcd.ndjson holds what each player sends with each kind of request. This test holds the encoder to it; the end-to-end test
// "cmcd_samples" has an independent implementation of the standard validate it.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json_reader.h"
#include "harness/player/cmcd_players.h"

namespace harness {
namespace {

using namespace base::literals;

struct NamedPlayer {
  const char* name;
  CmcdPlayer player;
};
constexpr NamedPlayer kSampledPlayers[] = {
    {"hls.js", CmcdPlayer::kHlsJs}, {"dash.js", CmcdPlayer::kDashJs}, {"shaka", CmcdPlayer::kShaka}, {"standard", CmcdPlayer::kStandard}};
constexpr RequestKind kSampledKinds[] = {RequestKind::kManifest, RequestKind::kPlaylist, RequestKind::kInit, RequestKind::kVideo,
                                         RequestKind::kAudio};
const std::string kSampledUrl = "http://cdn.test/live/main/video-720p/6.m4s";

CmcdMoment sampled(CmcdPlayer player, RequestKind kind, bool started) {
  CmcdMoment m{.player = player, .kind = kind, .session = "00000000-0000-8000-a000-00000000002a", .content = "main \"live\""};
  m.protocol = player == CmcdPlayer::kHlsJs ? StreamingProtocol::kHls : StreamingProtocol::kDash;
  m.throughput = base::Bitrate::bits_per_second(7'360'000);
  m.since_begin = started ? 20s : 0s;
  m.sequence = started ? 17 : 0;
  if (kind == RequestKind::kManifest && !started) return m;
  m.live = true;
  m.next_url = "http://cdn.test/live/main/video-720p/7.m4s?a=1&b=2";
  m.next_range = "1024-2047";
  m.bitrate = base::Bitrate::bits_per_second(2'500'900);
  m.top_bitrate = 5_Mbps;
  m.lowest_bitrate = 300_kbps;
  m.playhead_bitrate = 1_Mbps;
  m.duration = 2'002ms;
  m.first_of_track = !started;
  m.started = started;
  if (!started) return m;
  m.buffer = 140ms;
  m.shortest_buffer = 120ms;
  m.playback_rate = 0.96;
  m.stalled = m.starved = m.hidden = true;
  m.stall_lasted = 1'234ms;
  m.startup_time = 812ms;
  m.latency = 6'123ms;
  m.playhead_time = 91'234ms;
  return m;
}

base::Json sample(const NamedPlayer& player, RequestKind kind, bool started, int version) {
  const CmcdFacts facts = cmcd_facts(sampled(player.player, kind, started));
  base::Json headers = base::Json::object();
  for (const auto& [name, value] : cmcd_headers(facts, version, kSampledUrl)) headers[name] = value;
  return {{"player", player.name},
          {"request", to_text(kind)},
          {"started", started},
          {"version", version},
          {"url", cmcd_url(facts, version, kSampledUrl)},
          {"headers", headers}};
}

std::string all_samples() {
  std::string out;
  for (const NamedPlayer& player : kSampledPlayers)
    for (const RequestKind kind : kSampledKinds)
      for (const bool started : {false, true})
        for (const int version : {1, 2}) out += sample(player, kind, started, version).dump() + '\n';
  return out;
}

TEST(CmcdSamples, AreWhatThePlayersSend) {
  std::ifstream in{std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/cmcd.ndjson"};
  std::stringstream kept;
  kept << in.rdbuf();
  std::istringstream expected{kept.str()}, written{all_samples()};
  std::string want, have;
  while (std::getline(written, have)) {
    want.clear();
    std::getline(expected, want);
    EXPECT_EQ(have, want);
  }
  EXPECT_FALSE(std::getline(expected, want)) << "left over: " << want;
}

}  // namespace
}  // namespace harness
