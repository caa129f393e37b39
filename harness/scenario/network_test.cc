// Networks, links and regions: what their forms mean, what a change keeps, and what wrong ones are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/scenario/catalogue.h"
#include "harness/scenario/scenario_script.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

netem::LinkSpec wifi_with(const Changes& changes) { return valid_scenario(changes).networks.at("wifi").link; }
const netem::Trace& trace_of(const netem::Rate& rate) { return *std::get<std::shared_ptr<const netem::Trace>>(rate); }

TEST(Network, SplitsTheRoundTripEvenly) {
  const netem::LinkSpec link = wifi_with({{"networks.wifi.rtt", "50ms"}});
  EXPECT_EQ(link.down.delay, 25ms);
  EXPECT_EQ(link.up.delay, 25ms);
}

TEST(Network, LeavesTheRestOfTheRoundTripToTheOtherDirection) {
  const netem::LinkSpec link = wifi_with({{"networks.wifi.rtt", "50ms"}, {"networks.wifi.up.delay", "40ms"}});
  EXPECT_EQ(link.down.delay, 10ms);
  EXPECT_EQ(link.up.delay, 40ms);
}

TEST(Network, ChangesOnlyTheFieldsThatAreGiven) {
  const netem::LinkSpec before = built_in_catalogue().networks.at("wifi").link;
  netem::LinkSpec expected = before;
  expected.down.loss = netem::RandomLoss{0.02};
  EXPECT_EQ(wifi_with({{"networks.wifi.down.loss", "0.02"}}), expected);
}

TEST(Network, KeepsTheOtherFieldsOfBursts) {
  const Changes changes{{"audience.cohorts[0].network", "wifi-busy"}, {"networks.wifi-busy.down.loss.to_bad", "0.5"}};
  const auto loss = std::get<netem::BurstLoss>(valid_scenario(changes).networks.at("wifi-busy").link.down.loss);
  EXPECT_EQ(loss, (netem::BurstLoss{.to_bad = 0.5, .to_good = 0.25}));
}

TEST(Network, ReadsEveryField) {
  const netem::LinkSpec link = wifi_with({{"networks.wifi", R"({
      "rtt": "30ms",
      "down": {"rate": "unlimited", "jitter": {"deviation": "2ms", "correlation": 0.5, "keep_order": false},
               "loss": {"to_bad": 0.01, "to_good": 0.5, "loss_in_bad": 0.9, "loss_in_good": 0.001}, "duplicate": 0.02, "reorder": 0.03,
               "queue": "64KiB"},
      "up": {"rate": "1mbit", "jitter": "1ms", "loss": 0.25, "queue": "200ms"}})"}});
  const netem::ImpairmentSpec down{.rate = netem::Unlimited{},
                                   .delay = 15ms,
                                   .jitter = {2ms, 0.5, false},
                                   .loss = netem::BurstLoss{0.01, 0.5, 0.9, 0.001},
                                   .duplicate = 0.02,
                                   .reorder = 0.03,
                                   .queue = 64_KiB};
  EXPECT_EQ(link.down, down);
  EXPECT_EQ(link.up.rate, netem::Rate{1_Mbps});
  EXPECT_EQ(link.up.jitter.deviation, 1ms);
  EXPECT_EQ(link.up.loss, netem::Loss{netem::RandomLoss{0.25}});
  EXPECT_EQ(link.up.queue, netem::QueueLimit{base::Duration{200ms}});
}

TEST(Network, TakesAShortFormForTheRateAlone) {
  const netem::LinkSpec before = built_in_catalogue().networks.at("wifi").link;
  const netem::LinkSpec link = wifi_with({{"networks.wifi.down", "7mbit"}});
  EXPECT_EQ(link.down.rate, netem::Rate{7_Mbps});
  EXPECT_EQ(link.down.jitter, before.down.jitter);
}

TEST(Network, SaysThatASourceNoLongerHoldsForAChangedNetwork) {
  const Network network =
      valid_scenario({{"audience.cohorts[0].network", "atc-dsl"}, {"networks.atc-dsl.down", "7mbit"}}).networks.at("atc-dsl");
  EXPECT_THAT(network.source, HasSubstr("changed by the scenario"));
}

TEST(NetworkTrace, ReadsInlineSteps) {
  const netem::LinkSpec link = wifi_with(
      {{"networks.wifi.down.trace",
        R"({"name": "own", "steps": [{"duration": "1s", "rate": "4mbit", "rtt": "60ms"}, {"duration": "2s", "rate": "0bit"}]})"}});
  EXPECT_EQ(trace_of(link.down.rate), (netem::Trace{"own", {{1s, 4_Mbps, 60ms}, {2s, base::Bitrate{}, {}}}}));
}

TEST(NetworkTrace, TakesAProfileOfTheCatalogueAndScalesIt) {
  const netem::Trace spike = trace_of(wifi_with({{"networks.wifi.down.trace", R"({"profile": "twitch-spike", "scale": 2})"}}).down.rate);
  EXPECT_EQ(spike.steps, (std::vector<netem::TraceStep>{{10s, 2400_kbps, {}}, {10s, 600_kbps, {}}, {10s, 1600_kbps, {}}}));
}

// Reads what the scenario says about a trace file in the test's own folder.
class NetworkTraceFile : public testing::Test {
 protected:
  NetworkTraceFile()
      : folder_{testing::TempDir() + "trace-" + testing::UnitTest::GetInstance()->current_test_info()->name() +
                std::to_string(::getpid())} {
    std::filesystem::create_directories(folder_);
  }
  ~NetworkTraceFile() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, std::string_view text) const { std::ofstream{folder_ + "/" + name} << text; }
  Scenario load(const std::string& trace) const {
    write("scenario.json", small_scenario({{"networks.wifi.down.trace", trace}}).dump());
    return load_scenario(folder_ + "/scenario.json");
  }
  std::string problem(const std::string& trace) const {
    try {
      load(trace);
    } catch (const base::InvalidInput& error) {
      return error.what();
    }
    return "accepted";
  }
  std::string folder_;
};

TEST_F(NetworkTraceFile, IsLookedForBesideTheScenario) {
  write("lte.json", R"({"steps": [{"duration": "1s", "rate": "4mbit"}]})");
  EXPECT_EQ(trace_of(load("lte.json").networks.at("wifi").link.down.rate), (netem::Trace{"lte", {{1s, 4_Mbps, {}}}}));
}

TEST_F(NetworkTraceFile, MayBeOfAnyFormatAndBeScaled) {
  write("phone.txt", "0 4\n1 8\n");
  const Scenario scenario = load(R"({"file": "phone.txt", "scale": 0.5})");
  EXPECT_EQ(trace_of(scenario.networks.at("wifi").link.down.rate).steps,
            (std::vector<netem::TraceStep>{{1s, 2_Mbps, {}}, {1s, 4_Mbps, {}}}));
}

TEST_F(NetworkTraceFile, IsSavedByItsSteps) {
  write("phone.txt", "0 4\n1 8\n");
  const Scenario scenario = load("phone.txt");
  std::vector<base::Problem> problems;
  const Scenario again = read_scenario(scenario_to_json(scenario), "elsewhere.json", problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(again.networks, scenario.networks);
}

TEST_F(NetworkTraceFile, NamesFileAndLineOfWhatIsWrongInIt) {
  write("back.txt", "0 4\n2 8\n1 8\n");
  EXPECT_THAT(problem("back.txt"),
              testing::AllOf(HasSubstr("networks.wifi.down.trace: "), HasSubstr(folder_ + "/back.txt"), HasSubstr("3")));
  write("empty.json", R"({"steps": []})");
  EXPECT_THAT(problem("empty.json"), HasSubstr(folder_ + "/empty.json"));
}

TEST_F(NetworkTraceFile, ThatIsMissingIsNamed) {
  EXPECT_THAT(problem("lte.json"),
              HasSubstr("networks.wifi.down.trace: \"lte.json\" is not a trace file beside the scenario; there is no file " + folder_ +
                        "/lte.json"));
}

TEST(NetworkTrace, OpensNoFileWhenADocumentIsReadAlone) {
  EXPECT_THAT(problems_with({{"networks.wifi.down.trace", "/etc/hostname"}}),
              ElementsAre("networks.wifi.down.trace: \"/etc/hostname\" is a file, and none is read here; write its \"steps\" instead"));
}

struct NetworkCase {
  Changes changes;
  std::string problem;
};
class NetworkProblem : public testing::TestWithParam<NetworkCase> {};
TEST_P(NetworkProblem, IsReportedAlone) { EXPECT_THAT(problems_with(GetParam().changes), ElementsAre(GetParam().problem)); }

INSTANTIATE_TEST_SUITE_P(
    Cases, NetworkProblem,
    testing::Values(
        NetworkCase{{{"networks.wifi.down.delay", "-5ms"}},
                    "networks.wifi.down.delay: \"-5ms\" is not a duration; write it like \"90s\", \"1m30s\" or \"250ms\""},
        NetworkCase{{{"networks.wifi.down.loss", "1.5"}}, "networks.wifi.down.loss: is 1.5; write a share in [0, 1], such as 0.01 for 1 %"},
        NetworkCase{{{"networks.wifi.up.loss", R"({"to_bad": 2, "to_good": 0.1})"}},
                    "networks.wifi.up.loss.to_bad: is 2; write a share in [0, 1], such as 0.01 for 1 %"},
        NetworkCase{{{"networks.wifi.up.loss", R"({"to_bad": 0.5})"}},
                    "networks.wifi.up.loss.to_good: is required and missing; for example \"to_good\": 0.3"},
        NetworkCase{{{"networks.wifi.down.rate", "0mbit"}}, "networks.wifi.down.rate: must be between 1kbit and 100gbit, got 0bit"},
        NetworkCase{{{"networks.wifi.down.trace.steps", "[]"}},
                    "networks.wifi.down.trace.steps: there are none; give at least one with a duration and a rate"},
        NetworkCase{{{"networks.wifi.down.trace.steps", R"([{"duration": "1s", "rate": "0bit"}])"}},
                    "networks.wifi.down.trace.steps: the rate is 0 throughout, so nothing would ever arrive; give a step a rate"},
        NetworkCase{{{"networks.wifi.down.trace.steps", R"([{"duration": "0s", "rate": "1mbit"}])"}},
                    "networks.wifi.down.trace.steps[0].duration: must be above 0"},
        NetworkCase{{{"networks.wifi.down.trace.steps", R"([{"duration": "1s", "rate": "1mbit", "delay": "1s"}])"}},
                    "networks.wifi.down.trace.steps[0].delay: is not a known field"},
        NetworkCase{{{"networks.wifi.down", R"({"rate": "1mbit", "trace": {"profile": "train"}})"}},
                    "networks.wifi.down.trace: is given beside a rate, and only one of them can hold; keep one"},
        NetworkCase{{{"networks.wifi.down.trace.profile", "twitch-spikes"}},
                    "networks.wifi.down.trace.profile: \"twitch-spikes\" is not a known trace profile; did you mean twitch-spike? Known: "
                    "mobile-unstable, train, twitch-cascade, twitch-fast-jitters, twitch-intra-cascade, twitch-slow-jitters, twitch-spike"},
        NetworkCase{{{"networks.wifi.down.trace", R"({"profile": "train", "file": "a.json"})"}},
                    "networks.wifi.down.trace: names more than one trace; give one of \"file\", \"profile\" and \"steps\""},
        NetworkCase{{{"networks.wifi", R"({"rtt": "20ms", "down": {"delay": "15ms"}, "up": {"delay": "10ms"}})"}},
                    "networks.wifi.rtt: is 20ms, but the delays in it come to 25ms; make them agree, or leave rtt or the delays out"},
        NetworkCase{{{"networks.wifi.down.jitter", R"({"correlation": 1})"}},
                    "networks.wifi.down.jitter.correlation: is 1; write a number in [0, 1), below 1"},
        NetworkCase{{{"networks.wifi.down.queue", "many"}},
                    "networks.wifi.down.queue: \"many\" is neither a time such as \"100ms\" nor a size such as \"64KiB\" nor \"auto\""},
        NetworkCase{
            {{"networks.wifi.trace_start", "sesion"}},
            "networks.wifi.trace_start: \"sesion\" is not a known start of a trace; did you mean session? Known: session, random, run"},
        NetworkCase{{{"networks.wifi.down.speed", "1mbit"}}, "networks.wifi.down.speed: is not a known field"},
        NetworkCase{{{"networks.lab", R"({"down": "1mbit", "up": "1mbit"})"}},
                    "networks.lab.rtt: is required and missing; for example \"rtt\": \"20ms\""}));

TEST(NetworkProblems, OfANewNetworkThatGivesNothing) { EXPECT_THAT(problems_with({{"networks.lab", "{}"}}), SizeIs(3)); }

TEST(NetworkProblems, OfATraceInTheWrongUnitAreNotOnePerStep) {
  base::Json document = small_scenario({{"networks.wifi.down.trace.steps", "[]"}});
  for (int i = 0; i < 1000; ++i) document["networks"]["wifi"]["down"]["trace"]["steps"].push_back({{"duration", 1}, {"rate", "1mbit"}});
  EXPECT_THAT(problems_of(document), SizeIs(testing::Lt(30u)));
}

TEST(Links, HaveDefaults) {
  const Links links = valid_scenario().links;
  EXPECT_EQ(links.backend, LinkChoice::kAuto);
  EXPECT_EQ(links.address, 0x0A400000u);
  EXPECT_EQ(links.prefix_length, 10);
  EXPECT_EQ(links.congestion_control, "cubic");
}

TEST(Links, AreRead) {
  const Links links = valid_scenario({{"links", R"({"backend": "tun", "addresses": "172.20.0.0/14", "congestion_control": "bbr"})"}}).links;
  EXPECT_EQ(links, (Links{.backend = LinkChoice::kTun, .address = 0xAC140000, .prefix_length = 14, .congestion_control = "bbr"}));
}

INSTANTIATE_TEST_SUITE_P(
    Links, NetworkProblem,
    testing::Values(
        NetworkCase{{{"links.backend", "kernal"}},
                    "links.backend: \"kernal\" is not a known link backend; did you mean kernel? Known: auto, kernel, tun, none"},
        NetworkCase{{{"links.addresses", "10.64.0.0"}},
                    "links.addresses: \"10.64.0.0\" is not a block of IPv4 addresses; write it like \"10.64.0.0/10\""},
        NetworkCase{{{"links.addresses", "10.64.0.0/24"}},
                    "links.addresses: \"10.64.0.0/24\" has prefix length 24; write one from 8 to 16"},
        NetworkCase{{{"links.addresses", "10.65.0.0/10"}},
                    "links.addresses: \"10.65.0.0/10\" has bits set behind its prefix of 10; clear them"},
        NetworkCase{
            {{"links.addresses", "127.0.0.0/8"}},
            "links.addresses: \"127.0.0.0/8\" overlaps 127.0.0.0/8, the loopback addresses; choose another block, such as 10.64.0.0/10"},
        NetworkCase{
            {{"links.addresses", "198.16.0.0/12"}},
            "links.addresses: \"198.16.0.0/12\" overlaps 198.18.0.0/15, which is already in use: the servers' side of the links has it; "
            "choose another block, such as 10.64.0.0/10"},
        NetworkCase{
            {{"links.addresses", "239.0.0.0/8"}},
            "links.addresses: \"239.0.0.0/8\" overlaps 224.0.0.0/3, which is for multicast and reserved; choose another block, such as "
            "10.64.0.0/10"},
        NetworkCase{{{"links.addresses", "10.64.0.0/16"}, {"audience.sessions", "65535"}},
                    "links.addresses: \"10.64.0.0/16\" has room for 65534 viewers, and the audience has 65535; use a shorter prefix"},
        NetworkCase{{{"links.congestion_control", "Cubic!"}},
                    "links.congestion_control: \"Cubic!\" is not a name of a congestion control; write one such as \"cubic\" or \"bbr\""},
        NetworkCase{{{"regions.eu.down.rate", "0mbit"}}, "regions.eu.down.rate: must be between 1kbit and 100gbit, got 0bit"},
        NetworkCase{{{"regions.asia.down", "1gbit"}}, "regions.asia: is not the region of any cohort; the cohorts have eu, us"},
        NetworkCase{{{"regions.eu", "{}"}},
                    "regions.eu: has neither \"down\" nor \"up\"; give one, such as \"down\": \"200mbit\", or remove the region"},
        NetworkCase{{{"regions.eu", R"({"down": "1gbit", "loss": 0.1})"}}, "regions.eu.loss: is not a known field"}));

TEST(Regions, AreReadAsRatesAndQueues) {
  const Scenario scenario = valid_scenario({{"regions.eu", R"({"down": {"rate": "200mbit", "queue": "50ms"}, "up": "100mbit"})"}});
  const netem::LinkSpec expected{.down = {.rate = 200_Mbps, .queue = base::Duration{50ms}}, .up = {.rate = 100_Mbps}};
  EXPECT_EQ(scenario.bottlenecks, (std::map<std::string, netem::LinkSpec>{{"eu", expected}}));
}

TEST(SavedScenario, ReadsBackEqualWithEverythingAboutLinks) {
  const Scenario scenario =
      valid_scenario({{"audience.cohorts[0].network", "train"},
                      {"audience.cohorts[1].network", "wifi-busy"},
                      {"networks.train.down.trace.steps", R"([{"duration": "1.000000001s", "rate": "1234567bit", "rtt": "1us"}])"},
                      {"networks.wifi-busy.up", R"({"rate": "unlimited", "jitter": "0s", "loss": 0, "queue": "auto"})"},
                      {"links", R"({"backend": "none", "addresses": "11.0.0.0/8", "congestion_control": "reno"})"},
                      {"regions.us", R"({"up": {"rate": "2gbit", "queue": "12345"}})"}});
  std::vector<base::Problem> problems;
  const Scenario again = read_scenario(scenario_to_json(scenario), "again.json", problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(again.networks, scenario.networks);
  EXPECT_EQ(again.links, scenario.links);
  EXPECT_EQ(again.bottlenecks, scenario.bottlenecks);
}

}  // namespace
}  // namespace harness
