#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/formats/formats.h"
#include "reports/formats/html/plot_points.h"

namespace reports {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

StoredRun completed() {
  StoredRun run;
  run.run = {.scenario = "premiere", .world = "real", .verdict = "passed", .outcome = "completed"};
  return run;
}

// The JSON that the page's script draws from.
nlohmann::json drawn(const StoredRun& run) {
  const std::string page = html_report(run), open = "id=\"run-data\">";
  const std::size_t from = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(PlotPoints, KeepsTheWorstSecondWhenThinning) {
  std::vector<SeriesRow> series(100);
  series[57].stalled = 9;
  const auto points = html::thinned(series, 10);
  ASSERT_EQ(points.size(), 10u);
  EXPECT_EQ(points[5].stalled, 9u);
}

TEST(PlotPoints, KeepsTheMostPausedWhenThinning) {
  std::vector<SeriesRow> series(4);
  series[1].paused = 3, series[2].paused = 2;
  const auto points = html::thinned(series, 2);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].paused, 3u);
  EXPECT_EQ(points[1].paused, 2u);
}

TEST(PlotPoints, AveragesTheDownlinkWhenThinning) {
  std::vector<SeriesRow> series(4);
  series[0].downlink = 1e6, series[1].downlink = 3e6, series[3].downlink = 5e6;
  const auto points = html::thinned(series, 2);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].downlink, 2e6);
  EXPECT_EQ(points[1].downlink, 5e6);
}

TEST(PlotPoints, LeavesAShortSeriesAsItIs) {
  const std::vector<SeriesRow> series{{.at = 0, .active = 1}, {.at = 1, .active = 2}};
  EXPECT_EQ(html::thinned(series, 10).size(), 2u);
}

TEST(PlotPoints, OrdersRenditionsByBitrate) {
  EXPECT_THAT(html::renditions_of({{.renditions = {{"1600000", 1}, {"800000", 1}, {"12000000", 1}}}}),
              ElementsAre("800000", "1600000", "12000000"));
}

TEST(PlotPoints, SharesAddUpToAHundred) {
  const SeriesRow point{.renditions = {{"800000", 1}, {"1600000", 3}}};
  EXPECT_EQ(html::share(point, "800000"), 25);
  EXPECT_EQ(html::share(point, "1600000"), 75);
  EXPECT_EQ(html::share({}, "800000"), 0);
  const std::vector<SeriesRow> hours(4000, {.renditions = {{"800000", 3'000'000}, {"1600000", 1'000'000}}});
  EXPECT_EQ(html::share_over(hours, "800000"), 75);
  EXPECT_EQ(html::share(hours[0], "800000"), 75);
}

TEST(PlotPoints, CountsEveryStartIntoTheHistogram) {
  std::vector<SessionRow> sessions(100);
  for (std::size_t i = 0; i < 99; ++i) sessions[i].startup_time = 0.01 * static_cast<double>(i);
  sessions[0].startup_time = 60;  // a straggler
  const auto histogram = html::startup_histogram(sessions);
  std::uint64_t sum = 0;
  for (const auto count : histogram.counts) sum += count;
  EXPECT_EQ(sum, 99u);
  EXPECT_TRUE(histogram.is_open);
  EXPECT_LE(histogram.counts.size(), 41u);
}

TEST(PlotPoints, DrawsADrillWithoutRecoveryToTheEnd) {
  StoredRun run = completed();
  run.series = {{.at = 0}, {.at = 50}};
  run.drills = {{.name = "edge", .injected_at = 20}};
  const auto windows = html::drill_windows(run);
  EXPECT_EQ(windows.at(0).to, 50);
  run.drills[0].injected_at.reset();
  EXPECT_TRUE(html::drill_windows(run).empty());
  EXPECT_FALSE(windows.at(0).has_recovered);
}

TEST(HtmlReport, SaysTheVerdictInItsTitle) { EXPECT_THAT(html_report(completed()), HasSubstr("<title>Passed: premiere</title>")); }

TEST(HtmlReport, SaysWhatMakesItDoubtfulBeforeTheVerdict) {
  StoredRun run = completed();
  run.run.outcome = "interrupted";
  const std::string page = html_report(run);
  ASSERT_THAT(page, AllOf(HasSubstr("The run was interrupted"), HasSubstr("class=\"headline\"")));
  EXPECT_LT(page.find("The run was interrupted"), page.find("class=\"headline\""));
}

TEST(HtmlReport, SaysPlainlyThatARunWasSimulated) {
  StoredRun run = completed();
  run.run.world = "virtual";
  EXPECT_THAT(html_report(run), HasSubstr("simulated in virtual time"));
}

TEST(HtmlReport, EscapesEveryTextThatOthersChose) {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>{{data}}";
  StoredRun run;
  run.run = {.scenario = evil,
             .run_case = evil,
             .world = evil,
             .version = evil,
             .started_at_utc = evil,
             .verdict = evil,
             .outcome = evil,
             .outcome_reason = evil,
             .notes = {evil}};
  run.run.harness.saturated = true, run.run.harness.saturation_reason = run.run.harness.network_backend = evil;
  run.gates = {{.metric = evil, .tags = {{evil, evil}}, .threshold = evil, .unit = evil, .verdict = evil, .reason = evil}};
  run.drills = {{.name = evil, .inject = evil, .note = evil}};
  run.kpis = {{.metric = evil, .kind = evil, .unit = evil, .tags = {{"device", evil}}, .value = 1, .definition = evil}};
  run.series = {{.renditions = {{evil, 1}}}};
  run.device_series = {{.device = evil, .active = 1}, {.device = evil + evil, .active = 1}};
  run.links = {{.cohort = evil, .network = evil, .backend = evil, .down = evil, .up = evil}};
  const std::string page = html_report(run);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script>alert")), Not(HasSubstr("<img")), HasSubstr("&lt;script&gt;")));
}

TEST(HtmlReport, HoldsTheDataOfEveryPlot) {
  StoredRun run = completed();
  run.series = {{.at = 0, .active = 5, .starting = 1, .playing = 3, .stalled = 1, .errors = 2, .renditions = {{"800000", 3}}}};
  run.sessions = {{.startup_time = 0.5}};
  run.drills = {{.name = "feed", .injected_at = 0, .recovered_at = 0.5}};
  const auto data = drawn(run);
  for (const char* field : {"at", "active", "starting", "playing", "stalled", "errors", "renditions", "drills"})
    EXPECT_EQ(data.at(field).size(), 1u) << field;
  EXPECT_EQ(data["active"][0], 5);
  EXPECT_EQ(data["renditions"][0]["share"][0], 100);
  EXPECT_EQ(data["drills"][0]["to"], 0.5);
  EXPECT_FALSE(data["startup"]["counts"].empty());
}

TEST(HtmlReport, TellsEveryPlotInWordsToo) {
  StoredRun run = completed();
  run.series = {{.at = 7, .active = 5, .playing = 5, .renditions = {{"800000", 5}}}};
  run.sessions = {{.startup_time = 0.5}};
  const std::string page = html_report(run);
  for (const char* id : {"concurrency", "stalls", "startup", "renditions"})
    EXPECT_THAT(page, HasSubstr(std::string{"aria-describedby=\""} + id + "-words\"")) << id;
  EXPECT_THAT(page, AllOf(HasSubstr("at most 5 active at once (at 7.0 s)"), HasSubstr("1 session started"), HasSubstr("800 kbit/s 100 %")));
}

TEST(HtmlReport, TellsOfPausedViewersWhereThereAreAny) {
  StoredRun run = completed();
  run.series = {{.at = 7, .active = 5, .playing = 5}};
  EXPECT_FALSE(drawn(run).contains("paused"));
  EXPECT_THAT(html_report(run), Not(HasSubstr("Paused")));
  run.series[0].paused = 2;
  EXPECT_EQ(drawn(run)["paused"][0], 2);
  EXPECT_THAT(html_report(run), AllOf(HasSubstr(">Paused<"), HasSubstr("at most 2 paused by their viewers (at 7.0 s)")));
}

// `devices` of them, all playing 2 Mbit/s from 12.5 s of buffer, over two seconds.
StoredRun by_devices(int devices) {
  StoredRun run = completed();
  run.series = {{.at = 1}, {.at = 2}};
  for (const SeriesRow& second : run.series)
    for (int i = 0; i < devices; ++i)
      run.device_series.push_back({.at = second.at,
                                   .device = "device-" + std::to_string(i),
                                   .active = static_cast<std::uint32_t>(10 - i),
                                   .playing = static_cast<std::uint32_t>(10 - i),
                                   .bitrate = 2e6,
                                   .buffer = 12.5});
  return run;
}

TEST(HtmlReport, DrawsBitrateAndBufferOfEachDevice) {
  const StoredRun run = by_devices(2);
  const auto devices = drawn(run).at("devices");
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[1]["name"], "device-1");
  EXPECT_THAT(devices[1]["bitrate"].get<std::vector<double>>(), ElementsAre(2e6, 2e6));
  EXPECT_THAT(devices[1]["buffer"].get<std::vector<double>>(), ElementsAre(12.5, 12.5));
  EXPECT_THAT(html_report(run),
              AllOf(HasSubstr("aria-describedby=\"device-bitrate-words\""), HasSubstr("aria-describedby=\"device-buffer-words\""),
                    HasSubstr("device-0 2 Mbit/s (at most 2 Mbit/s), device-1 2 Mbit/s"), HasSubstr("device-1 12.5 s (at most 12.5 s)")));
}

TEST(HtmlReport, LeavesAGapWhereADeviceDoesNotPlay) {
  StoredRun run = by_devices(2);
  run.device_series[3].bitrate = std::nullopt;
  EXPECT_TRUE(drawn(run)["devices"][1]["bitrate"][1].is_null());
}

TEST(HtmlReport, HasNoPlotsByDeviceOfASingleOne) {
  EXPECT_FALSE(drawn(by_devices(1)).contains("devices"));
  EXPECT_THAT(html_report(by_devices(1)), Not(HasSubstr("Bitrate by device")));
}

TEST(HtmlReport, NamesTheDevicesThatItDoesNotDraw) {
  EXPECT_EQ(drawn(by_devices(8))["devices"].size(), 6u);
  EXPECT_THAT(html_report(by_devices(8)), AllOf(HasSubstr("Not drawn, as they had the fewest viewers: device-7, device-6."),
                                                HasSubstr("<th scope=\"col\">device-7</th>"), HasSubstr("device-7 2 Mbit/s")));
}

TEST(HtmlReport, DrawsTheDownlinkThatAllShareBesideTheBitrates) {
  StoredRun run = by_devices(2);
  EXPECT_FALSE(drawn(run).contains("downlink"));
  run.series[0].downlink = 5e6, run.series[1].downlink = 7e5;
  EXPECT_THAT(drawn(run)["downlink"].get<std::vector<double>>(), ElementsAre(5e6, 7e5));
  EXPECT_THAT(html_report(run), AllOf(HasSubstr("Mean of the viewers&#39; downlinks: 700 kbit/s to 5 Mbit/s (the grey line)."),
                                      HasSubstr("<th scope=\"col\">Downlinks</th>")));
}

TEST(HtmlReport, SaysOfADownlinkFarAboveThatItIsNotDrawn) {
  StoredRun run = by_devices(2);
  run.series[0].downlink = run.series[1].downlink = 3e8;
  EXPECT_FALSE(drawn(run).contains("downlink"));
  EXPECT_THAT(html_report(run), HasSubstr("downlinks: 300 Mbit/s, too far above to be drawn."));
}

TEST(HtmlReport, StatesTheDefinitionOfAKpi) {
  StoredRun run = completed();
  run.kpis = {{.metric = "startup_success",
               .kind = "rate",
               .unit = "ratio",
               .count = 500,
               .value = 0.998,
               .ci_low = 0.989,
               .ci_high = 0.9997,
               .definition = "sessions with a first frame / sessions asked"}};
  EXPECT_THAT(html_report(run),
              AllOf(HasSubstr("sessions with a first frame / sessions asked"), HasSubstr("98.9 % to 99.97 %"), HasSubstr(">500<")));
}

LinkRow wifi_link() {
  LinkRow link{.cohort = "ios", .network = "wifi", .backend = "tun", .sessions = 3, .down = "30 Mbit/s, 0.1 % loss", .up = "10 Mbit/s"};
  link.configured_rtt_ms = 20, link.configured_loss_down = 0.001, link.configured_rate_down = 3e7;
  return link;
}

TEST(HtmlReport, SetsWhatALinkMeasuredBesideWhatWasSet) {
  StoredRun run = completed();
  run.links = {wifi_link()};
  run.links[0].rtt_handshake_ms = 20.3, run.links[0].rtt_ms = 23.1, run.links[0].packets_down = 10'000, run.links[0].lost_down = 12;
  run.links[0].overflowed_down = 5, run.links[0].goodput = 1.21e7, run.links[0].capacity = 2.9e7;
  EXPECT_THAT(html_report(run), AllOf(HasSubstr("id=\"networks\""), HasSubstr("30 Mbit/s, 0.1 % loss"),
                                      HasSubstr("<td>20 ms</td><td>20.3 ms</td><td>23.1 ms</td><td>0.1 %</td><td>0.12 %</td>"),
                                      HasSubstr("<td>5</td><td>29 Mbit/s</td><td>12.1 Mbit/s</td>"),
                                      HasSubstr("Goodput below it is normal when objects are small")));
}

TEST(HtmlReport, LeavesOutRoundTripsAndLossesOfModelledLinks) {
  StoredRun run = completed();
  run.links = {wifi_link()};
  run.links[0].backend = "model";
  run.links[0].goodput = 2e7;
  EXPECT_THAT(html_report(run), AllOf(HasSubstr("The links were models"),
                                      HasSubstr("<td>20 ms</td><td>0.1 %</td><td>0 %</td><td>30 Mbit/s</td><td>20 Mbit/s</td>"),
                                      Not(HasSubstr("RTT smoothed"))));
}

TEST(HtmlReport, SetsWhatAServerWasAskedForBesideItsLimits) {
  StoredRun run = completed();
  EXPECT_THAT(html_report(run), Not(HasSubstr("id=\"delivery\"")));
  run.delivery = {{.server = "eu-<1>",
                   .role = "edge",
                   .requests = 1000,
                   .hits = 700,
                   .misses = 100,
                   .coalesced = 150,
                   .stale = 50,
                   .bytes = 2'500'000'000,
                   .upstream_requests = 150,
                   .longest_wait = 0.25,
                   .peak_requests = 120,
                   .peak_egress = 1.5e9,
                   .peak_connections = 40,
                   .egress_limit = 1e9,
                   .first_limit = "egress",
                   .first_limit_at = 12.5}};
  EXPECT_THAT(html_report(run),
              AllOf(HasSubstr("id=\"delivery\""), HasSubstr("eu-&lt;1&gt;<small>first limit met: egress, at 12.5 s</small>"),
                    HasSubstr("<td>1000</td><td>70 %</td><td>15 %</td><td>5 %</td><td>150</td><td>2.5 GB</td><td>120</td>"
                              "<td>1.5 Gbit/s<small>of 1 Gbit/s</small></td><td>40</td><td>250 ms</td><td>0</td></tr>")));
}

TEST(HtmlReport, SaysWhereTheDeliveryBreaksFirst) {
  StoredRun run = completed();
  run.delivery = {{.server = "eu-1", .role = "edge", .region = "eu"}};
  EXPECT_THAT(html_report(run), HasSubstr("<p class=\"finding\">No server met a limit.</p>"));
  run.delivery[0].first_limit = "connections";
  run.delivery[0].first_limit_at = 3;
  EXPECT_THAT(html_report(run), AllOf(HasSubstr("Where it breaks first: eu-1 met its limit"), Not(HasSubstr("After that:"))));
}

TEST(HtmlReport, HasNoNetworksWithoutLinks) { EXPECT_THAT(html_report(completed()), Not(HasSubstr("id=\"networks\""))); }

TEST(HtmlReport, LoadsNothingFromElsewhere) {
  const std::string page = html_report(completed());
  EXPECT_THAT(page, AllOf(HasSubstr("default-src 'none'"), Not(HasSubstr("src=\"")), Not(HasSubstr("<link")), Not(HasSubstr("@import"))));
}

TEST(HtmlReport, StandsWithoutAnyData) {
  EXPECT_THAT(html_report(StoredRun{}), AllOf(HasSubstr("unnamed scenario"), HasSubstr("</html>")));
}

}  // namespace
}  // namespace reports
