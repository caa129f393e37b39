// Whole rehearsals in virtual time.
#include "harness/run/rehearsal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "harness/run/self_usage.h"
#include "harness/run/virtual_stage.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/load.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr const char* kScenario = R"({
  "name": "test", "seed": 5, "target": { "reference": { "token_lifetime": "20s" } },
  "content": { "kind": "live", "video": "talk-360p30" }, "duration": "40s",
  "audience": { "sessions": 20, "arrivals": { "shape": "ramp", "over": "5s" }, "cohorts": [
    { "share": 0.5, "device": "desktop-hlsjs", "network": "fibre", "region": "eu", "path": "direct" },
    { "share": 0.5, "device": "desktop-dashjs", "network": "fibre", "region": "us", "path": "authenticated" } ] },
  "drills": [
    { "name": "token", "at": "10s", "inject": "token-expiry", "cohorts": { "path": "authenticated" } },
    { "name": "feed", "at": "20s", "inject": "contribution-loss", "for": "9s" } ],
  "gates": { "startup_success": ["rate>=0.99"] } })";

Scenario scenario() {
  std::vector<base::Problem> problems;
  Scenario out = read_scenario(*base::parse_json(kScenario), "test.json", problems);
  base::throw_if_any("test.json", problems);
  return out;
}

// A stage whose token lever is stuck; the rest forwards.
class StuckLever final : public Stage {
 public:
  explicit StuckLever(VirtualStage& stage) : stage_{stage} {}
  base::Timeline& timeline() override { return stage_.timeline(); }
  Transport& transport() override { return stage_.transport(); }
  base::WallAnchor wall() override { return stage_.wall(); }
  std::string manifest_url(StreamingProtocol protocol, std::size_t channel) const override {
    return stage_.manifest_url(protocol, channel);
  }
  std::optional<TokenSource> token_source(std::size_t channel) const override { return stage_.token_source(channel); }
  std::optional<Entrance> entrance(PathKind path, std::size_t channel) const override { return stage_.entrance(path, channel); }
  void expire_tokens(const std::string&, std::function<void(std::string)> failed) override {
    answer_ = timeline().call_at(timeline().now() + 1s, [failed] { failed("HTTP status 404"); });
  }
  std::size_t halls() const override { return stage_.halls(); }
  Hall& hall(std::size_t i) override { return stage_.hall(i); }
  void connect(const LinkUse& use) override { stage_.connect(use); }
  LinkFacts disconnect(base::ViewerId viewer) override { return stage_.disconnect(viewer); }
  std::string link_backend() const override { return stage_.link_backend(); }
  void strike_feed(const DrillPlan& drill) override { stage_.strike_feed(drill); }
  void mend_feed(const DrillPlan& drill) override { stage_.mend_feed(drill); }
  std::optional<ContributionFacts> contribution(base::Instant from, base::Instant to) override { return stage_.contribution(from, to); }
  std::optional<std::string> failure() override { return stage_.failure(); }
  void measure_from() override { stage_.measure_from(); }
  reports::HarnessRow measured(std::uint32_t sessions) override { return stage_.measured(sessions); }
  std::vector<std::string> notes() const override { return stage_.notes(); }

 private:
  VirtualStage& stage_;
  base::Timer answer_;
};

struct RehearsalTest : testing::Test {
  const std::string directory =
      testing::TempDir() + "rehearsal-" + std::to_string(getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string file = directory + "/run.db";
  Scenario plan = scenario();
  ProgressLine quiet{ProgressLine::Mode::kQuiet};

  RehearsalTest() { std::filesystem::create_directories(directory); }
  ~RehearsalTest() override { std::filesystem::remove_all(directory); }

  // Runs until done or `until` after the beginning, when `then` is called; gives what was stored.
  reports::StoredRun run(std::optional<base::Duration> until = {}, const std::function<void(Rehearsal&)>& then = {}) {
    VirtualStage stage{plan};
    reports::RunStoreWriter store{file, reports::WhenFull::kWait};
    Rehearsal rehearsal{plan, stage, store, quiet, {.world = "virtual"}};
    rehearsal.begin();
    const base::Instant start = stage.timeline().now();
    stage.run_until([&] { return rehearsal.done(); }, start + until.value_or(5min));
    store.flush();
    if (then) then(rehearsal);
    EXPECT_TRUE(rehearsal.done());
    rehearsal.close();
    store.flush();
    return reports::read_run(file);
  }
};

TEST_F(RehearsalTest, EveryPlannedViewerStartsInAHealthyRun) {
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.sessions_planned, 20u);
  EXPECT_EQ(stored.run.sessions_started, 20u);
  EXPECT_EQ(stored.run.sessions_failed, 0u);
  EXPECT_EQ(stored.sessions.size(), 20u);
  EXPECT_EQ(stored.run.verdict, "passed");
  EXPECT_EQ(stored.run.outcome, "completed");
}

// The transfers of a run by the words of its congestion control, and what is said of it.
std::string notes_with(Scenario plan, const std::string& word) {
  plan.links.congestion_control = word;
  std::string out;
  for (const std::string& note : VirtualStage{plan}.notes()) out += note + '\n';
  return out;
}

TEST_F(RehearsalTest, SaysWhichCongestionControlIsModelled) {
  EXPECT_NE(notes_with(plan, "cubic").find("cubic, slow start from 10 packets"), std::string::npos);
  EXPECT_NE(notes_with(plan, "bbr").find("bbr of version 1, startup from 10 packets"), std::string::npos);
  EXPECT_EQ(notes_with(plan, "bbr").find("stands in"), std::string::npos);
}

TEST_F(RehearsalTest, SaysTheConstantsThatNoScenarioGives) {
  using testing::HasSubstr;
  EXPECT_THAT(
      notes_with(plan, "cubic"),
      testing::AllOf(HasSubstr("TCP: packets of 1500 bytes"), HasSubstr("CUBIC (RFC 9438"), HasSubstr("HTTP/1.1: up to 6 connections"),
                     HasSubstr("Caches of browsers"), HasSubstr("The content is as the reference server makes it: segments of 2s"),
                     HasSubstr("5 segments are there when the run begins; 8 are listed."), HasSubstr(" kB (assumed: none is given); up ")));
}

TEST_F(RehearsalTest, SaysWhereCubicStandsInForAnotherCongestionControl) {
  EXPECT_NE(notes_with(plan, "reno").find("links.congestion_control: reno is not modelled; cubic stands in for it"), std::string::npos);
}

TEST_F(RehearsalTest, EveryJoinOfAZappingViewerIsASessionOfItsOwn) {
  std::get<ReferenceTarget>(plan.target).channels = 2;
  plan.drills.clear();
  plan.cohorts[1].behaviour = {.watch = Fixed{25s}, .zap = Fixed{10s}};
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.sessions.size(), 40u) << "ten viewers of one session, ten of three";
  EXPECT_EQ(stored.run.sessions_planned, 40u);
  std::map<std::uint32_t, double> played;
  for (const reports::SessionRow& session : stored.sessions) {
    ASSERT_TRUE(session.startup_time) << session.id;
    if (session.cohort == plan.cohorts[1].name) played[session.viewer] += session.played;
    EXPECT_TRUE(session.id < 20 || session.planned_at > 10) << "asked for when the viewer turned to it";
  }
  EXPECT_EQ(played.size(), 10u);
  for (const auto& [viewer, seconds] : played) EXPECT_NEAR(seconds, 25, 1e-6) << viewer;
}

TEST_F(RehearsalTest, AZappingViewerEntersByThePageOfTheOtherChannel) {
  std::get<ReferenceTarget>(plan.target).channels = 2;
  plan.drills.clear();
  plan.cohorts[1].behaviour = {.watch = Fixed{25s}, .zap = Fixed{10s}};
  const reports::StoredRun stored = run();
  std::map<std::uint32_t, std::set<std::string>> pages;
  for (const reports::RequestRow& request : reports::read_requests(file))
    if (const auto at = request.url.find("/watch/"); at != std::string::npos) pages[request.session].insert(request.url.substr(at));
  for (const reports::SessionRow& session : stored.sessions)
    EXPECT_EQ(pages[session.id], std::set<std::string>{"/watch/" + reference_stream(session.channel)}) << session.id;
}

// Both channels' pages load the same scripts and styles, and the viewer comes back to the first one's inits.
TEST_F(RehearsalTest, AZappingViewerStaysInTheSameBrowser) {
  std::get<ReferenceTarget>(plan.target).channels = 2;
  plan.drills.clear();
  plan.cohorts[1].behaviour = {.watch = Fixed{25s}, .zap = Fixed{10s}};
  const reports::StoredRun stored = run();
  std::map<std::uint32_t, std::uint32_t> viewer_of;
  for (const reports::SessionRow& session : stored.sessions) viewer_of[session.id] = session.viewer;
  std::map<std::uint32_t, std::multiset<std::string>> crossed;
  std::size_t cached = 0;
  for (const reports::RequestRow& request : reports::read_requests(file)) {
    const bool page = request.url.find("/static/") != std::string::npos && request.url.find("/static/login.") == std::string::npos;
    if (!page && request.kind != "init") continue;
    if (request.cached == 0) crossed[viewer_of.at(request.session)].insert(request.url);
    cached += request.cached > 0 ? 1u : 0u;
  }
  EXPECT_EQ(crossed.size(), 20u);
  for (const auto& [viewer, urls] : crossed) EXPECT_EQ(urls.size(), std::set(urls.begin(), urls.end()).size()) << viewer;
  EXPECT_GT(cached, 0u);
}

TEST_F(RehearsalTest, ViewersWhoLoseTheirPatienceAreExitsAndNotFailures) {
  plan.drills.clear();
  plan.cohorts[1].behaviour.patience = Fixed{1ms};
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.sessions_failed, 0u);
  EXPECT_EQ(stored.run.sessions_started, 10u);
  for (const reports::KpiRow& kpi : stored.kpis) EXPECT_TRUE(kpi.metric != "exits_before_start" || !kpi.tags.empty() || kpi.value == 0.5);
}

TEST_F(RehearsalTest, BusyViewersDoTheSameInEveryRun) {
  std::get<ReferenceTarget>(plan.target).channels = 3;
  plan.cohorts[0].behaviour = {.seek = Seeking{.every = Exponential{5s}}, .pause = Spells{Exponential{8s}, Exponential{4s}}};
  plan.cohorts[1].behaviour = {.hide = Spells{Fixed{5s}, Fixed{5s}}, .zap = Exponential{6s}};
  const auto rows = [](const reports::StoredRun& stored) {
    std::vector<std::tuple<std::uint32_t, double, double, std::int64_t>> out;
    for (const reports::SessionRow& row : stored.sessions) out.emplace_back(row.id, row.played, row.seeking + row.paused, row.bytes);
    return out;
  };
  const auto first = rows(run());
  std::filesystem::remove(file);
  EXPECT_EQ(rows(run()), first);
  EXPECT_GT(first.size(), 20u);
}

TEST_F(RehearsalTest, EverySecondHasARowForEachDevice) {
  const reports::StoredRun stored = run();
  ASSERT_GE(stored.series.size(), 40u);
  ASSERT_EQ(stored.device_series.size(), 2 * stored.series.size());
  for (std::size_t i = 0; i < stored.series.size(); ++i) {
    const reports::SeriesRow& all = stored.series[i];
    const reports::DeviceSeriesRow &one = stored.device_series[2 * i], &other = stored.device_series[2 * i + 1];
    EXPECT_EQ(one.device, "desktop-hlsjs");
    EXPECT_EQ(other.device, "desktop-dashjs");
    EXPECT_EQ(one.at, all.at);
    EXPECT_EQ(one.active + other.active, all.active) << all.at;
    EXPECT_EQ(one.playing + other.playing, all.playing) << all.at;
    EXPECT_EQ(one.stalled + other.stalled, all.stalled) << all.at;
    EXPECT_NEAR(one.bitrate.value_or(0) * one.playing + other.bitrate.value_or(0) * other.playing, all.bitrate * all.playing, 1);
  }
}

TEST_F(RehearsalTest, TheSeriesTellsTheDownlinkThatAllViewersShare) {
  const auto is_fibre = [](const reports::SeriesRow& row) { return row.downlink && std::abs(*row.downlink - 300e6) < 100; };
  const reports::StoredRun shared = run();
  EXPECT_TRUE(std::all_of(shared.series.begin(), shared.series.end(), is_fibre));
  std::filesystem::remove(file);
  plan.networks["other"] = plan.networks.at("fibre");
  plan.cohorts[1].network = "other";
  for (const reports::SeriesRow& row : run().series) EXPECT_EQ(row.downlink, std::nullopt);
}

TEST_F(RehearsalTest, PhasesFollowEachOther) {
  std::vector<std::string> began;
  for (const reports::TimelineRow& row : run().timeline)
    if (row.kind == "phase" && row.what == "began") began.push_back(row.name);
  EXPECT_EQ(began, (std::vector<std::string>{"preflight", "warmup", "live", "recovery", "closeout"}));
}

TEST_F(RehearsalTest, ATokenDrillHitsTheAuthenticatedOnlyWhoAllRecover) {
  const reports::StoredRun stored = run();
  const reports::DrillRow& token = stored.drills.at(0).name == "token" ? stored.drills.at(0) : stored.drills.at(1);
  EXPECT_DOUBLE_EQ(token.injected_at.value_or(0), 10);
  EXPECT_EQ(token.sessions_targeted, 10u);
  EXPECT_EQ(token.sessions_affected, 10u);
  EXPECT_EQ(token.sessions_recovered, 10u);
  ASSERT_TRUE(token.recovered_at);
  EXPECT_LT(*token.recovered_at, 15);
}

TEST_F(RehearsalTest, AContributionLossStallsViewersWhoResumeAfterIt) {
  const reports::StoredRun stored = run();
  const reports::DrillRow& feed = stored.drills.at(0).name == "feed" ? stored.drills.at(0) : stored.drills.at(1);
  EXPECT_EQ(feed.sessions_affected, 20u);
  ASSERT_TRUE(feed.first_symptom_at && feed.recovered_at);
  EXPECT_GT(*feed.first_symptom_at, 20);
  EXPECT_GT(*feed.recovered_at, 29);
  EXPECT_EQ(feed.sessions_recovered, 20u);
}

// How much of the sessions' stalled time their stalls leave out; the same of seeks.
double unexplained(const reports::StoredRun& stored) {
  const auto sum = [](const std::vector<double>& each) { return std::accumulate(each.begin(), each.end(), 0.0); };
  double out = 0;
  for (const reports::SessionRow& session : stored.sessions)
    out += std::abs(session.stalled - sum(session.stall_durations)) + std::abs(session.seeking - sum(session.seek_latencies));
  return out;
}

TEST_F(RehearsalTest, AStallThatLastsToTheEndIsAnInterruptionToo) {
  plan.drills = {scenario().drills[1]};
  plan.drills[0].lasts = 60s;
  const reports::StoredRun stored = run();
  for (const reports::SessionRow& session : stored.sessions) {
    ASSERT_EQ(session.stall_durations.size(), session.stalls);
    ASSERT_GE(session.stalls, 1u);
    EXPECT_GT(session.stall_durations.back(), 10);
  }
  EXPECT_LT(unexplained(stored), 1e-6);
}

TEST_F(RehearsalTest, ASeekThatLastsToTheEndHasALatencyToo) {
  plan.drills = {scenario().drills[1]};
  plan.drills[0].lasts = 60s;
  for (Cohort& cohort : plan.cohorts) cohort.behaviour.seek = Seeking{.every = Fixed{30s}};
  const reports::StoredRun stored = run();
  double waited = 0;
  for (const reports::SessionRow& session : stored.sessions) waited += session.seeking;
  EXPECT_GT(waited, 10);
  EXPECT_LT(unexplained(stored), 1e-6);
}

TEST_F(RehearsalTest, NetworksOnWhichPlayBeginsLateDoNotKeepTheAudienceOut) {
  plan.drills.clear();
  for (const char* name : {"atc-2g-developing-rural", "atc-edge-lossy"}) {
    plan.networks[name] = built_in_catalogue().networks.at(name);
    plan.cohorts[0].network = name;
    const reports::StoredRun stored = run();
    EXPECT_EQ(stored.run.outcome, "completed") << name << ": " << stored.run.outcome_reason;
    EXPECT_GE(stored.run.sessions_started, 10u);
    std::filesystem::remove(file);
  }
}

TEST_F(RehearsalTest, ADrillThatCouldNotBeInjectedFailsTheRun) {
  VirtualStage stage{plan};
  StuckLever stuck{stage};
  reports::RunStoreWriter store{file, reports::WhenFull::kWait};
  Rehearsal rehearsal{plan, stuck, store, quiet, {.world = "virtual"}};
  rehearsal.begin();
  stage.run_until([&] { return rehearsal.done(); }, stage.timeline().now() + 5min);
  rehearsal.close();
  store.flush();
  const reports::RunRow stored = reports::read_run(file).run;
  EXPECT_EQ(stored.outcome, "run-failed");
  EXPECT_EQ(stored.outcome_reason, "drill token could not be injected: HTTP status 404");
}

// As it is found when the harness is killed then.
TEST_F(RehearsalTest, StoresHowFarItHasComeAsItGoes) {
  run(15s, [&](Rehearsal& rehearsal) {
    const reports::RunRow killed = reports::read_run(file).run;
    EXPECT_EQ(killed.verdict, "inconclusive");
    EXPECT_EQ(killed.outcome, "interrupted");
    EXPECT_EQ(killed.outcome_reason, "the harness ended before closeout");
    EXPECT_GT(killed.sessions_started, 0u);
    EXPECT_GE(killed.peak_concurrent, killed.sessions_started);
    rehearsal.interrupt();
  });
}

TEST_F(RehearsalTest, AnInterruptedRunKeepsWhatWasSeen) {
  const reports::StoredRun stored = run(15s, [](Rehearsal& rehearsal) { rehearsal.interrupt(); });
  EXPECT_EQ(stored.run.outcome, "interrupted");
  EXPECT_EQ(stored.sessions.size(), 20u);
  EXPECT_FALSE(stored.kpis.empty());
  for (const reports::SessionRow& session : stored.sessions) EXPECT_EQ(session.ending, "stopped");
}

TEST_F(RehearsalTest, ARunThatFailsBeforeItsAudienceSaysWhy) {
  const reports::StoredRun stored = run(0s, [](Rehearsal& rehearsal) { rehearsal.fail("the server died"); });
  EXPECT_EQ(stored.run.outcome, "run-failed");
  EXPECT_EQ(stored.run.outcome_reason, "the server died");
  EXPECT_EQ(stored.run.verdict, "inconclusive") << "a gate without data is never passed";
  EXPECT_NE(stored.run.notes.back().find("had not arrived"), std::string::npos);
}

// One answer in ten seconds: the probes of both regions come at once.
TEST_F(RehearsalTest, AWarmUpThatMeetsALimitTellsWhenFromItsBegin) {
  plan.virtual_world = VirtualWorld{};
  plan.virtual_world->origin.requests_per_s = 0.1;
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.outcome, "run-failed");
  EXPECT_THAT(stored.run.outcome_reason, testing::HasSubstr("the scenario's section \"virtual\""));
  ASSERT_FALSE(stored.delivery.empty());
  const reports::DeliveryRow& origin = stored.delivery.back();
  EXPECT_EQ(origin.first_limit, "requests");
  EXPECT_LT(origin.first_limit_at.value(), 1);
  EXPECT_LE(origin.requests_each_second.size(), 21u);
}

TEST_F(RehearsalTest, EveryPathTakesItsTimeBeforeTheFirstFrame) {
  plan.cohorts[1].path = PathKind::kEmbed;
  plan.drills.clear();
  const reports::StoredRun stored = run();
  ASSERT_EQ(stored.sessions.size(), 20u);
  for (const reports::SessionRow& session : stored.sessions) {
    ASSERT_TRUE(session.startup_time) << session.failure;
    const base::Duration messages = session.path == "embed" ? kMessagesBothWays : base::Duration{};
    EXPECT_GT(*session.startup_time, base::to_seconds(kPageToAssets + kAssetsToScript + messages)) << session.path;
  }
}

// Requests are there at the instant at which they are made, those of the probes and those of the audience.
TEST_F(RehearsalTest, PlaysOverNetworksThatTakeNoTime) {
  plan.drills.clear();
  plan.virtual_world = VirtualWorld{};
  for (auto& [name, network] : plan.networks) network.link = netem::LinkSpec{};
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.sessions_started, 20u);
  EXPECT_EQ(stored.run.sessions_failed, 0u);
}

// At a third of its pace it would have made one segment of five when the run begins.
TEST_F(RehearsalTest, BeginsWithAStreamHoweverFewRenditionsAreEncoded) {
  plan.drills.clear();
  plan.virtual_world = VirtualWorld{};
  plan.virtual_world->origin.renditions = 1;
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.sessions_started, 20u);
  ASSERT_FALSE(stored.delivery.empty());
  EXPECT_EQ(stored.delivery.back().first_limit, "transcode");
}

// Who watches a moment is gone before the next but one comes.
TEST_F(RehearsalTest, ViewersCloseTheirConnectionsWhenTheyLeave) {
  plan.drills.clear();
  plan.virtual_world = VirtualWorld{};
  for (Cohort& cohort : plan.cohorts) cohort.behaviour.watch = Distribution{Fixed{100ms}};
  const reports::StoredRun stored = run();
  EXPECT_EQ(stored.run.sessions_started, 20u);
  ASSERT_FALSE(stored.delivery.empty());
  EXPECT_LE(stored.delivery.back().peak_connections, stored.run.peak_concurrent);
}

// At two thirds of their pace the encoders lack more than six seconds of media when the feed goes; only the slot they are at ends then.
TEST_F(RehearsalTest, WhatWasNotEncodedAtALossComesAsLateAsWithoutIt) {
  plan.virtual_world = VirtualWorld{};
  plan.virtual_world->origin.renditions = 2;
  const auto segments_soon_after = [this] {
    run();
    std::set<std::string> out;
    for (const reports::RequestRow& request : reports::read_requests(file))
      if (request.at < 22 && request.status == 200 && request.url.ends_with(".m4s"))
        out.insert(request.url.substr(request.url.rfind('/') + 1));
    return out.size();
  };
  plan.drills.clear();
  const std::size_t without = segments_soon_after();
  plan.drills = {scenario().drills[1]};
  EXPECT_LE(segments_soon_after(), without);
}

// Everyone in one region, behind edges; a quarter of them keep their rows.
struct RepresentativesRehearsalTest : RehearsalTest {
  RepresentativesRehearsalTest() {
    plan.sessions = 40;
    plan.duration = 60s;
    plan.drills.clear();
    plan.virtual_world = VirtualWorld{.edges = {{"eu", {}}, {"us", {}}}};
  }
  static RepresentativePlan one_of_four() { return {.of = 4, .after = 5s}; }
  static std::int64_t bytes_of(const reports::StoredRun& stored) {
    std::int64_t sum = 0;
    for (const reports::DeliveryRow& server : stored.delivery) sum += server.role == "edge" ? server.bytes : 0;
    return sum;
  }
};

TEST_F(RepresentativesRehearsalTest, EveryoneHasASessionThoughFewPlayToTheEnd) {
  const reports::StoredRun exact = run();
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  plan.virtual_world->representatives = one_of_four();
  const reports::StoredRun stored =
      run({}, [](const Rehearsal& rehearsal) { EXPECT_LT(rehearsal.played_seconds(), 0.6 * rehearsal.session_seconds()); });
  ASSERT_EQ(stored.sessions.size(), 40u);
  std::map<std::uint32_t, const reports::SessionRow*> by_id;
  for (const reports::SessionRow& session : exact.sessions) by_id[session.id] = &session;
  for (const reports::SessionRow& session : stored.sessions) {
    const reports::SessionRow& alone = *by_id.at(session.id);
    EXPECT_EQ(session.ending, "stopped");
    EXPECT_EQ(session.startup_time, alone.startup_time) << session.id;
    EXPECT_NEAR(session.played, alone.played, 0.5) << session.id;
    EXPECT_EQ(session.stalls, 0u);
    EXPECT_NEAR(session.requests, alone.requests, 5) << session.id;
  }
  EXPECT_NEAR(static_cast<double>(bytes_of(stored)), static_cast<double>(bytes_of(exact)), 0.03 * static_cast<double>(bytes_of(exact)));
  EXPECT_EQ(stored.run.sessions_started, 40u);
  EXPECT_EQ(stored.run.peak_concurrent, exact.run.peak_concurrent);
  const auto& notes = stored.run.notes;
  EXPECT_TRUE(
      std::any_of(notes.begin(), notes.end(), [](const std::string& note) { return note.starts_with("Representatives: from 5s"); }));
}

// A segment of 2 s has 5 Mbit.
TEST_F(RepresentativesRehearsalTest, StandForNoMoreThanAServerTakesAtOnce) {
  VirtualWorld world{.edges = {{"eu", {}}}};
  world.representatives = {.of = 32, .after = 5s};
  EXPECT_EQ(most_represented(world, "eu"), 32u);
  world.edges["eu"].egress = base::Bitrate::bits_per_second(1'000'000'000);
  EXPECT_EQ(most_represented(world, "eu"), 4u);
  world.edges["eu"].egress = base::Bitrate::bits_per_second(10'000'000);
  EXPECT_EQ(most_represented(world, "eu"), 1u);
  EXPECT_EQ(most_represented(world, "us"), 32u);
  world.model.requests_per_s = 1000;
  EXPECT_EQ(most_represented(world, "us"), 20u);
}

TEST_F(RepresentativesRehearsalTest, FollowersLeaveAtTheirOwnTime) {
  plan.virtual_world->representatives = one_of_four();
  for (Cohort& cohort : plan.cohorts) cohort.behaviour.watch = Distribution{Uniform{15s, 35s}};
  const reports::StoredRun stored =
      run({}, [](const Rehearsal& rehearsal) { EXPECT_LT(rehearsal.played_seconds(), 0.9 * rehearsal.session_seconds()); });
  std::set<double> lengths;
  for (const reports::SessionRow& session : stored.sessions) {
    EXPECT_EQ(session.ending, "watched");
    EXPECT_GE(session.played, 14.9);
    EXPECT_LE(session.played, 35);
    lengths.insert(session.played);
  }
  EXPECT_EQ(lengths.size(), 40u);
}

TEST_F(RepresentativesRehearsalTest, ADrillHitsFollowersToo) {
  plan.drills = {scenario().drills[1]};
  plan.virtual_world->representatives = one_of_four();
  const reports::StoredRun stored = run();
  const reports::DrillRow& feed = stored.drills.at(0);
  EXPECT_EQ(feed.sessions_targeted, 40u);
  EXPECT_EQ(feed.sessions_affected, 40u);
  EXPECT_EQ(feed.sessions_recovered, 40u);
  for (const reports::SessionRow& session : stored.sessions) {
    EXPECT_GE(session.stalls, 1u);
    EXPECT_EQ(session.stall_durations.size(), session.stalls);
    EXPECT_NEAR(std::accumulate(session.stall_durations.begin(), session.stall_durations.end(), 0.0), session.stalled, 1e-6);
  }
}

TEST_F(RepresentativesRehearsalTest, AStallThatLastsToTheEndIsOfFollowersToo) {
  plan.drills = {scenario().drills[1]};
  plan.drills[0].lasts = 90s;
  plan.virtual_world->representatives = one_of_four();
  const reports::StoredRun stored =
      run({}, [](const Rehearsal& rehearsal) { EXPECT_LT(rehearsal.played_seconds(), 0.9 * rehearsal.session_seconds()); });
  for (const reports::SessionRow& session : stored.sessions) {
    ASSERT_EQ(session.stall_durations.size(), session.stalls);
    ASSERT_GE(session.stalls, 1u);
    EXPECT_GT(session.stall_durations.back(), 10);
  }
  EXPECT_LT(unexplained(stored), 1e-6);
}

TEST(JudgeSaturation, IsSilentInsideTheBudget) {
  reports::HarnessRow harness{.start_lateness_p99_ms = kLatenessBudgetMs, .loop_lag_p99_ms = 1};
  judge_saturation(harness);
  EXPECT_FALSE(harness.saturated);
}

TEST(JudgeSaturation, NamesTheFigureThatBrokeTheBudget) {
  reports::HarnessRow harness{.start_lateness_p99_ms = 3, .loop_lag_p99_ms = kLatenessBudgetMs + 1};
  judge_saturation(harness);
  EXPECT_TRUE(harness.saturated);
  EXPECT_NE(harness.saturation_reason.find("event-loop lag"), std::string::npos);
  EXPECT_NE(harness.saturation_reason.find("51.0 ms"), std::string::npos);
}

}  // namespace
}  // namespace harness
