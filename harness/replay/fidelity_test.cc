#include "harness/replay/fidelity.h"

#include "harness/replay/replay_json.h"
#include "harness/replay/replay_script.h"
#include "harness/replay/replay_text.h"
#include "harness/replay/request_table.h"

namespace harness {
namespace {

using namespace base::literals;

Recording played(base::Duration startup, std::vector<RequestRecord> requests) {
  return {.file = "a.json",
          .player = "hls.js",
          .version = "1.7.4",
          .trace = "step",
          .session = {.length = 10s, .startup = startup, .requests = std::move(requests)}};
}

struct ReplayFidelity : testing::Test {
  const Verdict& verdict(const std::vector<ReplayRun>& runs, Figure figure) {
    std::vector<const ReplayRun*> pointers;
    for (const ReplayRun& run : runs) pointers.push_back(&run);
    verdicts = judge(pointers);
    for (const Verdict& each : verdicts)
      if (each.form.figure == figure) return each;
    return verdicts.front();
  }
  ReplayRun run(const Recording& real, SessionRecord emulated) {
    return compare(real, content, {.name = "desktop-hlsjs"}, std::move(emulated));
  }
  ContentTable content = small_content();
  std::vector<Verdict> verdicts;
  Recording fast = played(1s, {video(1, 1, 0s), video(2, 1, 1s)});
  Recording slow = played(1400ms, {video(1, 1, 0s), video(2, 0, 1s)});
};

TEST_F(ReplayFidelity, MeetsEveryTargetAgainstItself) {
  const ReplayRun same = run(fast, fast.session);
  const ReplayRun* pointer = &same;
  EXPECT_TRUE(all_met(judge(std::span{&pointer, 1})));
}

TEST_F(ReplayFidelity, AllowsAStartATenthOfASecondApart) {
  SessionRecord emulated = fast.session;
  emulated.startup = 1100ms;
  EXPECT_TRUE(verdict({run(fast, emulated)}, Figure::kStartup).met);
  emulated.startup = 1101ms;
  EXPECT_FALSE(verdict({run(fast, emulated)}, Figure::kStartup).met);
}

TEST_F(ReplayFidelity, AllowsALateStartAShareOfItself) {
  Recording late = fast;
  late.session.startup = 4s;
  SessionRecord emulated = late.session;
  emulated.startup = 3800ms;
  EXPECT_TRUE(verdict({run(late, emulated)}, Figure::kStartup).met);
  EXPECT_DOUBLE_EQ(verdict({run(late, emulated)}, Figure::kStartup).limit, 200);
}

TEST_F(ReplayFidelity, MissesWhenOnlyOneOfThemPlayed) {
  SessionRecord emulated = fast.session;
  emulated.startup.reset();
  EXPECT_FALSE(verdict({run(fast, emulated)}, Figure::kStartup).met);
}

TEST_F(ReplayFidelity, AllowsTheRealPlayersOwnSpreadWhereThatIsWider) {
  SessionRecord emulated = fast.session;
  emulated.startup = 1200ms;
  EXPECT_FALSE(verdict({run(fast, emulated)}, Figure::kStartup).met);
  const Verdict& of_two = verdict({run(fast, emulated), run(slow, emulated)}, Figure::kStartup);
  EXPECT_EQ(of_two.spread, 400);
  EXPECT_DOUBLE_EQ(of_two.distance, 200);
  EXPECT_TRUE(of_two.met);
}

TEST_F(ReplayFidelity, DoesNotLetDifferencesOfRunsCancelOut) {
  SessionRecord early = fast.session, late = fast.session;
  early.startup = 500ms;
  late.startup = 1500ms;
  const Verdict& verdict_of_two = verdict({run(fast, early), run(fast, late)}, Figure::kStartup);
  EXPECT_DOUBLE_EQ(*verdict_of_two.difference, 0);
  EXPECT_DOUBLE_EQ(verdict_of_two.distance, 500);
  EXPECT_FALSE(verdict_of_two.met);
}

TEST_F(ReplayFidelity, AsksForAgreementAsTheRealPlayerAgreesWithItself) {
  EXPECT_DOUBLE_EQ(verdict({run(fast, slow.session)}, Figure::kAgreement).limit, 90);
  EXPECT_FALSE(verdict({run(fast, slow.session)}, Figure::kAgreement).met);
  EXPECT_DOUBLE_EQ(verdict({run(fast, slow.session), run(slow, slow.session)}, Figure::kAgreement).limit, 50);
  EXPECT_TRUE(verdict({run(fast, slow.session), run(slow, slow.session)}, Figure::kAgreement).met);
}

TEST_F(ReplayFidelity, PairsRequestsBySegmentAndOccurrence) {
  const SessionRecord real{.requests = {video(1, 1, 0s), video(2, 1, 1s), video(1, 2, 2s)}};
  const SessionRecord emulated{.requests = {video(1, 1, 10ms), video(1, 2, 1500ms), video(3, 1, 1800ms)}};
  const auto pairs = paired_requests(real, emulated);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].emulated, &emulated.requests[0]);
  EXPECT_EQ(pairs[1].emulated, nullptr);
  EXPECT_EQ(pairs[2].real, nullptr);
  EXPECT_EQ(pairs[3].real, &real.requests[2]);
  EXPECT_EQ(pairs[3].emulated, &emulated.requests[1]);
}

TEST_F(ReplayFidelity, ShowsRequestsBesideEachOther) {
  SessionRecord emulated{.requests = {video(1, 2, 30ms)}};
  emulated.requests[0].aborted = true;
  const std::string text = request_table(run(fast, emulated));
  EXPECT_THAT(text,
              testing::ContainsRegex("video +1 \\| +0\\.0 +100\\.0  +1 +- +100 +0\\.0 +- \\| +30\\.0 +130\\.0a +2 .*\\| +\\+30\\.0 \\*\n"));
}

TEST_F(ReplayFidelity, SaysOfEachTargetWhetherItIsMet) {
  const std::string text = to_text(run(fast, slow.session));
  EXPECT_THAT(text, testing::HasSubstr("hls.js 1.7.4 on step, as desktop-hlsjs"));
  EXPECT_THAT(text, testing::ContainsRegex("startup +ms +1000 +1400 +\\+400 +at most 100.0 apart +NO\n"));
  EXPECT_THAT(text, testing::ContainsRegex("stall ratio +% +0.00 +0.00 +\\+0.00 +at most 0.30 apart +yes\n"));
}

TEST_F(ReplayFidelity, SaysWhyTheEmulatedPlayerGaveUp) {
  SessionRecord emulated = fast.session;
  emulated.failure = "manifest: HTTP status 404";
  EXPECT_THAT(to_text(run(fast, emulated)), testing::HasSubstr("gave up: manifest: HTTP status 404"));
}

TEST_F(ReplayFidelity, WritesTheSameFiguresAsJson) {
  std::deque<ReplayRun> runs{run(fast, slow.session)};
  const ReplayGroup group{.runs = {&runs.front()}, .verdicts = judge(std::vector<const ReplayRun*>{&runs.front()})};
  const base::Json out = replay_json(runs, std::span{&group, 1}, {.requests = true});
  EXPECT_EQ(out["schema"], "rehearsal/replay/1");
  EXPECT_EQ(out["recordings"][0]["emulated"]["startup_ms"], 1400.0);
  EXPECT_EQ(out["recordings"][0]["requests"][1]["emulated"]["rung"], 0);
  EXPECT_EQ(out["groups"][0]["targets"][0]["figure"], "startup_ms");
  EXPECT_EQ(out["groups"][0]["targets"][0]["met"], false);
  EXPECT_EQ(out["groups"][0]["real_request_starts"], nullptr);
}

}  // namespace
}  // namespace harness
