#include "harness/replay/recording.h"

#include "harness/replay/replay_script.h"

namespace harness {
namespace {

using base::Json;
using base::Problem;
using namespace base::literals;

constexpr const char* kFile = "hls.js_step_r1.json";

std::vector<Problem> problems_of(const Json& document) {
  std::vector<Problem> problems;
  read_recording(document, problems);
  return problems;
}

std::vector<Problem> problems_with(const std::string& pointer, Json value) {
  Json document = replay_document(kFile);
  document[Json::json_pointer{pointer}] = std::move(value);
  return problems_of(document);
}

TEST(ReplayRecording, SaysWhoPlayedWhat) {
  const Recording recording = read_recording_file(replay_file(kFile));
  EXPECT_EQ(recording.player, "hls.js");
  EXPECT_EQ(recording.version, "1.7.4");
  EXPECT_EQ(recording.trace, "step");
  EXPECT_EQ(recording.protocol, StreamingProtocol::kHls);
  EXPECT_FALSE(recording.live);
  EXPECT_EQ(recording.trace_start, 4ms);
}

TEST(ReplayRecording, TakesTheLengthAsItTurnedOut) {
  EXPECT_EQ(read_recording_file(replay_file(kFile)).session.length, 9'998'500us);
  Json document = replay_document(kFile);
  document.erase("end_ms");
  std::vector<Problem> problems;
  EXPECT_EQ(read_recording(document, problems).session.length, 10s);
}

TEST(ReplayRecording, KeepsRequestsAndStalls) {
  const SessionRecord session = read_recording_file(replay_file(kFile)).session;
  ASSERT_EQ(session.requests.size(), 23u);
  EXPECT_EQ(session.requests[4].kind, RequestKind::kVideo);
  EXPECT_EQ(session.requests[4].rung, 1);
  EXPECT_EQ(session.requests[4].segment, 1);
  EXPECT_EQ(session.requests[4].ended, 760ms);
  EXPECT_TRUE(is_complete(session.requests[4]));
  EXPECT_FALSE(is_complete(session.requests.back()));
  EXPECT_EQ(session.stalls, (std::vector<StallRecord>{{7s, 250'500us}}));
}

TEST(ReplayRecording, CountsTheConnectionsThatWereOpened) { EXPECT_EQ(read_recording_file(replay_file(kFile)).session.connections, 2); }

TEST(ReplayRecording, TakesNullForASessionThatNeverPlayed) {
  Json document = replay_document(kFile);
  document["startup_ms"] = nullptr;
  std::vector<Problem> problems;
  EXPECT_EQ(read_recording(document, problems).session.startup, std::nullopt);
  EXPECT_TRUE(problems.empty());
}

TEST(ReplayRecording, IgnoresFieldsThatItDoesNotUse) { EXPECT_TRUE(problems_with("/weather", "fine").empty()); }

TEST(ReplayRecording, NamesEveryMissingField) {
  const auto problems = problems_of(Json::object());
  std::string paths;
  for (const Problem& each : problems) paths += each.path + " ";
  EXPECT_EQ(paths, "player version trace url trace_start_ms session_s startup_ms stalls requests ");
}

TEST(ReplayRecording, RefusesAbsurdValuesWithTheirPath) {
  EXPECT_EQ(only_problem(problems_with("/session_s", -5)), "session_s: is -5; it must be from 1 to 86400");
  EXPECT_EQ(only_problem(problems_with("/requests/4/t_start", 1e12)),
            "requests[4].t_start: is 1000000000000; it must be from -86400000 to 86400000");
  EXPECT_EQ(only_problem(problems_with("/requests/4/t_end", 1)), "requests[4].t_end: is before t_start");
  EXPECT_EQ(only_problem(problems_with("/requests/4/rung", nullptr)), "requests[4].rung: is required where kind is video; 0 is the lowest");
  EXPECT_EQ(only_problem(problems_with("/requests/4/seg", "one")), "requests[4].seg: expected a whole number, got a string");
  EXPECT_EQ(only_problem(problems_with("/url", "http://origin/clip.mp4")),
            "url: must end in .m3u8 (HLS) or .mpd (DASH): it tells what was played");
  EXPECT_THAT(only_problem(problems_with("/requests/4/kind", "vidio")), testing::HasSubstr("did you mean video?"));
}

TEST(ReplayRecording, RefusesALiveStreamThatIsNotModelled) {
  Json document = replay_document(kFile);
  document["live"] = true;
  EXPECT_TRUE(problems_of(document).empty());
  document["url"] = "http://origin/live/manifest.mpd";
  EXPECT_EQ(only_problem(problems_of(document)), "live: is true for an MPD; of live streams, only HLS can be replayed");
}

TEST(ReplayRecording, RefusesATruncatedFile) {
  EXPECT_THROW(read_recording_file(replay_file("missing.json")), base::InvalidInput);
  EXPECT_FALSE(base::parse_json(replay_document(kFile).dump().substr(0, 900)).has_value());
}

TEST(ReplayRecording, StopsListingProblemsOfAFileInTheWrongUnit) {
  Json document = replay_document(kFile);
  for (Json& each : document["requests"]) each["t_start"] = "soon";
  for (int i = 0; i < 5; ++i)
    for (Json each : Json(document["requests"])) document["requests"].push_back(std::move(each));
  EXPECT_LE(problems_of(document).size(), 25u);
}

}  // namespace
}  // namespace harness
