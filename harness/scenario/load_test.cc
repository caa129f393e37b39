#include "harness/scenario/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "harness/scenario/scenario_script.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A file of its own in the test's temporary folder, removed with it.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& suffix, std::string_view text)
      : path_{testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + suffix} {
    std::ofstream{path_} << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(LoadScenario, ReadsEverySection) {
  const Scenario scenario = valid_scenario();
  EXPECT_EQ(scenario.name, "small");
  EXPECT_EQ(scenario.seed, 1u);
  EXPECT_EQ(std::get<ReferenceTarget>(scenario.target).token_lifetime, 60s);
  EXPECT_EQ(scenario.content.kind, ContentKind::kLive);
  EXPECT_EQ(scenario.content.video, "sports-720p30");
  EXPECT_EQ(scenario.duration, 60s);
  EXPECT_EQ(scenario.sessions, 10u);
  EXPECT_EQ(scenario.arrivals, (Arrivals{ArrivalShape::kBurst, 20s}));
}

TEST(LoadScenario, ReadsCohortsWithTheirDevicesAndNetworks) {
  const Scenario scenario = valid_scenario();
  const Cohort expected{.name = "desktop-dashjs/fibre/us/authenticated",
                        .share = 0.5,
                        .device = "desktop-dashjs",
                        .network = "fibre",
                        .region = "us",
                        .path = PathKind::kAuthenticated,
                        .behaviour = {.watch = Fixed{30s}}};
  ASSERT_EQ(scenario.cohorts.size(), 2u);
  EXPECT_EQ(scenario.cohorts[1], expected);
  EXPECT_EQ(scenario.devices.size(), 2u);
  EXPECT_EQ(scenario.devices.at("desktop-dashjs").protocol, StreamingProtocol::kDash);
  EXPECT_EQ(scenario.networks.at("fibre").link.down.rate, netem::Rate{300_Mbps});
}

TEST(LoadScenario, ReadsDrillsAndGates) {
  const Scenario scenario = valid_scenario({{"gates.recovery_time{drill:feed}", R"(["max<20s", {"threshold": "med<15s"}])"}});
  const DrillPlan token{.name = "token", .at = 20s, .inject = DrillKind::kTokenExpiry, .cohorts = {.path = "authenticated"}};
  const DrillPlan feed{.name = "feed", .at = 30s, .inject = DrillKind::kContributionLoss, .lasts = 8s};
  EXPECT_THAT(scenario.drills, ElementsAre(token, feed));
  ASSERT_EQ(scenario.gates.size(), 2u);
  EXPECT_EQ(scenario.gates[1].tags.at("drill"), "feed");
  EXPECT_EQ(scenario.gates[1].thresholds[1].text, "med<15s");
}

// What load_checked_cases says of the valid scenario with these cases.
std::string told_of_cases(const std::string& cases, const ScenarioCase::Sets& overrides = {}) {
  base::Json document = small_scenario();
  document["cases"] = base::parse_json(cases).value();
  const TemporaryFile file{".json", document.dump()};
  try {
    load_checked_cases(file.path(), overrides);
    return "valid";
  } catch (const base::InvalidInput& failure) {
    return failure.what();
  }
}

TEST(LoadScenario, TellsTheProblemsOfEveryCaseWithTheCase) {
  const std::string told = told_of_cases(R"([{"name": "a", "set": {"audience.session": 3}}, {"name": "b", "set": {"duration": "x"}}])");
  EXPECT_THAT(told, HasSubstr("cases[0] (a): audience.session: is not a known field"));
  EXPECT_THAT(told, HasSubstr("cases[1] (b): duration: "));
}

TEST(LoadScenario, PutsACaseBehindWhatIsGivenForAll) {
  const std::string cases = R"([{"name": "a", "set": {"audience.sessions": 3}}, {"name": "b"}])";
  EXPECT_EQ(told_of_cases(cases, {{"audience.sessions", "5"}}), "valid");
  EXPECT_THAT(told_of_cases(cases, {{"audience.sessions", "-5"}}), testing::Not(HasSubstr("cases[0]")));
  EXPECT_THAT(told_of_cases(cases, {{"audience.sessions", "-5"}}), HasSubstr("cases[1] (b): audience.sessions"));
  EXPECT_THAT(told_of_cases(cases, {{"cases", "[]"}}), HasSubstr("cases: cannot be set from outside"));
}

// The example of docs/scenarios.md: the contribution needs no protocol of its own.
TEST(LoadScenario, GivesACaseABackup) {
  EXPECT_EQ(
      told_of_cases(R"([{"name": "with-a-backup", "set": {"content.contribution.backup": {"protocol": "srt"}}}, {"name": "without"}])"),
      "valid");
}

TEST(LoadScenario, ReadsAContributionWithABackupAndItsDrills) {
  const Scenario scenario =
      valid_scenario({{"content.contribution",
                       R"({"protocol": "rtmp", "backup": {"protocol": "srt"}, "switch_after": "250ms", "failback_after": "2s",
            "unfit_when": ["black", "freeze"], "slate": true})"},
                      {"drills", R"([{"name": "stall", "at": "5s", "inject": "contribution-loss", "how": "stall", "for": "4s"},
                      {"name": "other", "at": "6s", "inject": "contribution-loss", "source": "backup", "for": "2s"},
                      {"name": "dark", "at": "10s", "inject": "contribution-degraded", "how": "freeze", "for": "4s"},
                      {"name": "again", "at": "20s", "inject": "encoder-restart"},
                      {"name": "feed", "at": "30s", "inject": "both-lost", "for": "4s"}])"}});
  const Contribution expected{.protocol = ContributionProtocol::kRtmp,
                              .backup = ContributionProtocol::kSrt,
                              .switch_after = 250ms,
                              .failback_after = 2s,
                              .unfit_when = {"black", "freeze"},
                              .slate = true};
  EXPECT_EQ(scenario.content.contribution, expected);
  const DrillPlan stall{.name = "stall", .at = 5s, .inject = DrillKind::kContributionLoss, .lasts = 4s, .loss = LossManner::kStall};
  const DrillPlan other{.name = "other", .at = 6s, .inject = DrillKind::kContributionLoss, .lasts = 2s, .feed = FeedChoice::kBackup};
  const DrillPlan dark{
      .name = "dark", .at = 10s, .inject = DrillKind::kContributionDegraded, .lasts = 4s, .degradation = Degradation::kFreeze};
  const DrillPlan again{.name = "again", .at = 20s, .inject = DrillKind::kEncoderRestart};
  const DrillPlan both{.name = "feed", .at = 30s, .inject = DrillKind::kBothLost, .lasts = 4s};
  EXPECT_THAT(scenario.drills, ElementsAre(stall, other, dark, again, both));
  EXPECT_TRUE(strikes(both, FeedChoice::kBackup));
  EXPECT_FALSE(strikes(stall, FeedChoice::kBackup));
}

TEST(LoadScenario, ReadsAnExternalTarget) {
  const Scenario scenario = valid_scenario({{"target", R"({"url": "https://a.example/m.m3u8", "dash_url": "https://a.example/m.mpd",
      "token_url": "https://a.example/t", "refresh_url": "https://a.example/r", "page": "https://a.example/p",
      "login_page": "https://a.example/l", "embed_page": "https://a.example/e", "referrer": "https://news.example/"})"},
                                            {"drills", "[]"}});
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).dash_url, "https://a.example/m.mpd");
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).refresh_url, "https://a.example/r");
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).page, "https://a.example/p");
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).login_page, "https://a.example/l");
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).embed_page, "https://a.example/e");
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).referrer, "https://news.example/");
}

TEST(LoadScenario, LetsAScenarioChangeFieldsOfACatalogueDevice) {
  const Device device = valid_scenario({{"devices.ios.safety_factor", "0.5"}}).devices.at("ios");
  EXPECT_EQ(device.safety_factor, 0.5);
  EXPECT_EQ(device.buffer_target, 36s);
}

TEST(LoadScenario, LetsAScenarioAddDevicesAndNetworks) {
  const Scenario scenario = valid_scenario(
      {{"devices.kiosk", R"({"protocol": "hls", "abr": "bola", "buffer_target": "20s", "start_buffer": "2s", "resume_buffer": "4s",
                             "append_delay": "5ms", "initial_estimate": "800kbit", "safety_factor": 0.85, "max_height": 720, "live_delay": "12s"})"},
       {"networks.lab", R"({"down": "1gbit", "up": "1gbit", "rtt": "200us"})"},
       {"audience.cohorts[0].device", "kiosk"},
       {"audience.cohorts[0].network", "lab"}});
  const Device expected{.name = "kiosk",
                        .engine = EngineKind::kCustom,
                        .max_height = 720,
                        .buffer_target = 20s,
                        .live_delay = 12s,
                        .initial_estimate = 800_kbps,
                        .abr = AbrKind::kBola,
                        .start_buffer = 2s,
                        .resume_buffer = 4s,
                        .append_delay = 5ms,
                        .safety_factor = 0.85};
  EXPECT_EQ(scenario.devices.at("kiosk"), expected);
  const netem::ImpairmentSpec gigabit{.rate = 1000_Mbps, .delay = 100us};
  EXPECT_EQ(scenario.networks.at("lab"), (Network{.name = "lab", .link = {.down = gigabit, .up = gigabit}}));
}

TEST(LoadScenario, GivesANewDeviceOfAnEmulatedEngineTheCataloguesFigures) {
  const Device tablet =
      valid_scenario({{"devices.tablet", R"({"engine": "shaka-5.2", "max_height": 720})"}, {"audience.cohorts[1].device", "tablet"}})
          .devices.at("tablet");
  EXPECT_EQ(tablet.engine, EngineKind::kShaka);
  EXPECT_EQ(tablet.protocol, StreamingProtocol::kDash);
  EXPECT_EQ(tablet.max_height, 720);
  EXPECT_EQ(tablet.buffer_target, 10s);
}

TEST(LoadScenario, AsksForTheNumbersWhenAnEmulationBecomesAParameterisedPlayer) {
  EXPECT_THAT(problems_with({{"devices.desktop-dashjs.engine", "custom"}}),
              Contains("devices.desktop-dashjs.safety_factor: is required and missing; for example \"safety_factor\": 0.9"));
}

TEST(LoadScenario, AsksANewDeviceForEveryFieldThatHasNoDefault) {
  EXPECT_THAT(problems_with({{"devices.kiosk", "{}"}}), testing::SizeIs(8));
  EXPECT_THAT(problems_with({{"devices.kiosk", "{}"}}),
              Contains("devices.kiosk.buffer_target: is required and missing; for example \"buffer_target\": \"30s\""));
}

TEST(LoadScenario, JoinsGatesThatAreWrittenTwice) {
  const Scenario scenario =
      valid_scenario({{"gates", R"({"startup_time{device:ios}": "max<8s", "startup_time{ device: ios }": "min<2s"})"}});
  ASSERT_EQ(scenario.gates.size(), 1u);
  EXPECT_EQ(scenario.gates[0].thresholds.size(), 2u);
}

TEST(LoadScenario, FindsAVideoBesideTheScenario) {
  const TemporaryFile video{".mp4", "video"};
  const TemporaryFile file{".json", small_scenario({{"content.video", std::filesystem::path{video.path()}.filename().string()}}).dump()};
  EXPECT_EQ(load_scenario(file.path()).content.video, std::filesystem::path{video.path()}.lexically_normal().string());
}

TEST(LoadScenario, FindsAVideoWhoseNameIsLikeAPatterns) {
  const TemporaryFile video{"-1080p50", "video"};
  const std::string link = testing::TempDir() + "match-1080p50";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(video.path(), link);
  const TemporaryFile file{".json", small_scenario({{"content.video", "match-1080p50"}}).dump()};
  EXPECT_EQ(load_scenario(file.path(), {}, [](std::string_view) { return "no such pattern"; }).content.video, link);
  std::filesystem::remove(link);
}

TEST(LoadScenario, AsksWhetherTheTestPatternExists) {
  const TemporaryFile file{".json", small_scenario({{"content.video", "sports-100p30"}}).dump()};
  EXPECT_EQ(load_scenario(file.path(), {}, [](std::string_view) { return ""; }).content.video, "sports-100p30");
  try {
    load_scenario(file.path(), {}, [](std::string_view name) { return "no " + std::string{name}; });
    FAIL() << "accepted";
  } catch (const base::InvalidInput& error) {
    EXPECT_EQ(error.what(), file.path() + ": content.video: no sports-100p30");
  }
}

TEST(LoadScenario, AppliesOverridesBeforeItValidates) {
  const TemporaryFile file{".json", small_scenario({{"audience.sessions", "0"}}).dump()};
  const Scenario scenario =
      load_scenario(file.path(), {{"audience.sessions", "25"}, {"duration", "90s"}, {"audience.cohorts[1].network", "3g"}});
  EXPECT_EQ(scenario.sessions, 25u);
  EXPECT_EQ(scenario.duration, 90s);
  EXPECT_EQ(scenario.cohorts[1].network, "3g");
}

TEST(LoadScenario, ReportsOverridesThatDoNotFit) {
  const TemporaryFile file{".json", kSmallScenario};
  try {
    load_scenario(file.path(), {{"audience.cohorts[7].share", "1"}, {"name.first", "x"}, {"a..b", "x"}});
    FAIL() << "accepted";
  } catch (const base::InvalidInput& error) {
    EXPECT_EQ(error.what(), file.path() + ": audience.cohorts[7].share: cannot be set: there is no element [7], the array has 2\n" +
                                file.path() + ": name.first: cannot be set: there is a string where the field \"first\" should be\n" +
                                file.path() + ": a..b: is not a path to set; write it like audience.sessions or audience.cohorts[0].share");
  }
}

TEST(LoadScenario, ReportsAnOverrideThatIsNotTheJsonItBeginsAs) {
  const TemporaryFile file{".json", kSmallScenario};
  try {
    load_scenario(file.path(), {{"gates", R"({"startup_time":"p(95)<2s","startup_time":"p(50)<2s"})"}});
    FAIL() << "accepted";
  } catch (const base::InvalidInput& error) {
    EXPECT_THAT(error.what(), HasSubstr(R"(gates: line 1, column 28: "startup_time" stands twice)"));
  }
}

TEST(LoadScenario, NamesAFileThatIsNotThere) { EXPECT_THROW(load_scenario("/nonexistent/scenario.json"), base::InvalidInput); }

TEST(LoadScenario, NamesLineAndColumnOfASyntaxError) {
  const TemporaryFile file{".json", "{\n  \"name\": oops\n}"};
  try {
    load_scenario(file.path());
    FAIL() << "accepted";
  } catch (const base::InvalidInput& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 2, column"));
  }
}

void expect_same(const Scenario& a, const Scenario& b) {
  EXPECT_EQ(std::tie(a.name, a.seed, a.target, a.content, a.duration, a.sessions, a.arrivals),
            std::tie(b.name, b.seed, b.target, b.content, b.duration, b.sessions, b.arrivals));
  EXPECT_EQ(a.cohorts, b.cohorts);
  EXPECT_EQ(a.drills, b.drills);
  EXPECT_EQ(a.gates, b.gates);
  EXPECT_EQ(a.devices, b.devices);
  EXPECT_EQ(a.networks, b.networks);
  EXPECT_EQ(a.links, b.links);
  EXPECT_EQ(a.bottlenecks, b.bottlenecks);
  EXPECT_EQ(a.virtual_world, b.virtual_world);
}

Scenario reloaded(const Scenario& scenario) {
  std::vector<base::Problem> problems;
  const Scenario again = read_scenario(*base::parse_json(scenario_to_json(scenario).dump(2)), "elsewhere/again.json", problems);
  for (const base::Problem& problem : problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  return again;
}

TEST(ScenarioToJson, ReadsBackEqual) {
  const Scenario scenario = valid_scenario({{"gates.startup_time{cohort:ios/wifi/eu/direct}", "[\"p(95)<2s\", \"max<1m\"]"},
                                            {"seed", "18446744073709551615"},
                                            {"target.reference.token_lifetime", "2m"}});
  expect_same(scenario, reloaded(scenario));
}

TEST(ScenarioToJson, ReadsBackEqualForAnExternalTarget) {
  const Scenario scenario = valid_scenario({{"target", R"({"url": "http://a/m", "dash_url": "http://a/d", "token_url": "http://a/t",
      "page": "http://a/p", "login_page": "http://a/l", "embed_page": "http://a/e", "referrer": "http://n/"})"},
                                            {"drills", "[]"},
                                            {"content.kind", "vod"},
                                            {"audience.cohorts[0].path", "embed"},
                                            {"audience.cohorts[0].device", "desktop-hlsjs"}});
  expect_same(scenario, reloaded(scenario));
}

TEST(ScenarioToJson, ReadsBackEqualForAnyQuantities) {
  base::Random random{5};
  for (int i = 0; i < 200; ++i) {
    Scenario scenario = valid_scenario();
    scenario.duration = base::Duration{static_cast<std::int64_t>(120e9 + random.uniform(0, 1e15))};
    scenario.cohorts[0].behaviour.watch = Fixed{base::Duration{static_cast<std::int64_t>(1e9 + random.uniform(0, 1e12))}};
    scenario.cohorts[0].share = random.uniform(0.1, 0.9);
    scenario.cohorts[1].share = 1 - scenario.cohorts[0].share;
    scenario.networks.at("wifi").link.down.rate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(random.uniform(1e3, 1e10)));
    scenario.devices.at("ios").append_delay = base::Duration{static_cast<std::int64_t>(random.uniform(0, 1e9))};
    expect_same(scenario, reloaded(scenario));
  }
}

TEST(LoadScenario, SendsNoCmcdUnlessACohortIsToldTo) {
  const Scenario scenario = valid_scenario({{"audience.cohorts[1].cmcd", R"({"version": 2, "send": "header"})"}});
  EXPECT_EQ(scenario.cohorts[0].cmcd, std::nullopt);
  EXPECT_EQ(scenario.cohorts[1].cmcd, (Cmcd{.version = 2, .send = CmcdSending::kHeader}));
  expect_same(scenario, reloaded(scenario));
}

constexpr const char* kBusy = R"({ "share": 0.5, "device": "ios", "network": "wifi", "region": "eu", "path": "direct",
  "watch": { "distribution": "lognormal", "median": "2m", "p90": "20m" },
  "patience": { "distribution": "weibull", "scale": "8s", "shape": 1.5 },
  "seek": { "every": { "distribution": "exponential", "mean": "40s" }, "by": "10s", "back": 0.25 },
  "pause": { "every": "1m", "for": { "distribution": "uniform", "min": "5s", "max": "1m" } },
  "hide": { "every": "3m", "for": "20s" }, "zap": { "every": "90s" }, "max_height": 480 })";

TEST(LoadScenario, ReadsWhatViewersDo) {
  const Scenario scenario = valid_scenario({{"target.reference.channels", "3"}, {"audience.cohorts[0]", kBusy}});
  const Behaviour expected{.watch = Lognormal{2min, 20min},
                           .patience = Weibull{8s, 1.5},
                           .seek = Seeking{Exponential{40s}, Fixed{10s}, 0.25},
                           .pause = Spells{Fixed{60s}, Uniform{5s, 60s}},
                           .hide = Spells{Fixed{180s}, Fixed{20s}},
                           .zap = Fixed{90s}};
  EXPECT_EQ(scenario.cohorts[0].behaviour, expected);
  EXPECT_EQ(scenario.cohorts[0].max_height, 480);
  EXPECT_EQ(channels_of(scenario.target), 3u);
  expect_same(scenario, reloaded(scenario));
}

TEST(LoadScenario, ReadsFurtherStreamsOfAnExternalTarget) {
  const Scenario scenario = valid_scenario({{"target", R"({"url": "http://a/1", "dash_url": "http://a/2", "token_url": "http://a/t",
                                              "channels": [{"url": "http://a/3", "dash_url": "http://a/4"}]})"},
                                            {"drills", "[]"},
                                            {"audience.cohorts[0].zap", R"({"every": "1m"})"}});
  EXPECT_EQ(std::get<ExternalTarget>(scenario.target).channels.at(0), (Channel{"http://a/3", "http://a/4"}));
  expect_same(scenario, reloaded(scenario));
}

class ShippedScenario : public testing::TestWithParam<const char*> {};

TEST_P(ShippedScenario, Loads) {
  const Scenario scenario = load_scenario(std::string{REHEARSAL_SOURCE_DIR} + "/scenarios/" + GetParam());
  EXPECT_FALSE(scenario.gates.empty());
  expect_same(scenario, reloaded(scenario));
}
INSTANTIATE_TEST_SUITE_P(Scenarios, ShippedScenario,
                         testing::Values("first.json", "failing.json", "vod.json", "viewers.json", "engines.json", "edges.json",
                                         "premiere-1m.json"));

TEST(CohortFilter, SelectsByEveryPropertyItNames) {
  const Cohort cohort{.device = "ios", .network = "wifi", .region = "eu", .path = PathKind::kDirect};
  EXPECT_TRUE(matches({}, cohort));
  EXPECT_TRUE(matches({.device = "ios", .path = "direct"}, cohort));
  EXPECT_FALSE(matches({.device = "tv"}, cohort));
  EXPECT_FALSE(matches({.network = "3g"}, cohort));
  EXPECT_FALSE(matches({.region = "us"}, cohort));
  EXPECT_FALSE(matches({.path = "authenticated"}, cohort));
}

}  // namespace
}  // namespace harness
