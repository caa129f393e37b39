#include "reports/formats/sample_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/random.h"

namespace reports {
namespace {

constexpr double kLength = 180;
constexpr std::uint32_t kViewers = 500;

struct SampleCohort {
  const char *name, *device, *network, *region, *path;
  double startup, bitrate;
};
constexpr SampleCohort kCohorts[] = {
    {"desktop-hlsjs/fibre/eu/direct", "desktop-hlsjs", "fibre", "eu", "direct", 0.34, 4.2e6},
    {"ios/wifi/eu/embed", "ios", "wifi", "eu", "embed", 0.52, 2.9e6},
    {"android/mobile-unstable/us/authenticated", "android", "mobile-unstable", "us", "authenticated", 0.95, 1.1e6},
    {"tv/wifi/us/direct", "tv", "wifi", "us", "direct", 0.7, 3.4e6}};

std::size_t cohort_of(std::uint32_t id) { return id % 10 < 4 ? 0 : id % 10 < 7 ? 1 : id % 10 < 9 ? 2 : 3; }

SessionRow session(std::uint32_t id) {
  base::Random random = base::Random::stream(7, id);
  const SampleCohort& cohort = kCohorts[cohort_of(id)];
  SessionRow row{
      .id = id, .cohort = cohort.name, .device = cohort.device, .network = cohort.network, .region = cohort.region, .path = cohort.path};
  row.planned_at = row.began_at = random.uniform(0, 20);
  row.ending = id == 257 ? "failed" : "watched";
  if (id == 257) return row.failure = "playlist answered 403 five times", row;
  row.startup_time = cohort.startup * std::exp(0.35 * random.normal());
  row.played = random.uniform(60, 150);
  for (double chance = cohort_of(id) == 2 ? 0.6 : 0.12; random.chance(chance); chance /= 3)
    row.stall_durations.push_back(0.2 + random.exponential(0.9));
  for (const double stall : row.stall_durations) row.stalled += stall;
  row.stalls = static_cast<std::uint32_t>(row.stall_durations.size());
  row.switches = static_cast<std::uint32_t>(random.below(cohort_of(id) == 2 ? 12 : 4));
  row.bitrate = cohort.bitrate * random.uniform(0.85, 1.1);
  row.live_latency = random.uniform(3.1, 5.4);
  return row;
}

// How strongly a drill weighs on the viewers at this moment.
double trouble(double at) {
  const auto hump = [&](double from, double length) {
    return at < from || at > from + length ? 0.0 : std::sin((at - from) / length * 3.14159);
  };
  return hump(61, 6) * 0.35 + hump(91, 9) * 1.0 + hump(131, 16) * 0.6;
}

SeriesRow second(int at) {
  base::Random random = base::Random::stream(11, static_cast<std::uint64_t>(at));
  const auto count = [](double n) { return static_cast<std::uint32_t>(std::max(0.0, n)); };
  const double arrived = std::min(1.0, at / 20.0), left = std::max(0.0, (at - 80) / 110.0);
  SeriesRow row{.at = static_cast<double>(at), .active = count(499 * arrived * (1 - left * 0.8))};
  row.starting = at < 22 ? count(12 + 6 * random.normal()) : 0;
  row.stalled = count(row.active * 0.16 * trouble(at) + random.uniform(0, 3));
  row.playing = row.active - std::min(row.active, row.starting + row.stalled);
  row.errors = count(90 * trouble(at) * random.uniform(0.6, 1.2));
  const double calm = 1 - 0.5 * trouble(at);
  row.renditions = {{"400000", count(row.playing * (0.22 - 0.15 * calm))},
                    {"800000", count(row.playing * (0.25 - 0.12 * calm))},
                    {"1600000", count(row.playing * 0.18)},
                    {"3000000", count(row.playing * 0.28 * calm)},
                    {"6000000", count(row.playing * 0.34 * calm)}};
  row.bitrate = 2.9e6 * calm;
  row.bytes = static_cast<std::int64_t>(row.bitrate / 8 * row.playing);
  return row;
}

// Each device's share of that second, at bitrates that the trouble presses down.
std::vector<DeviceSeriesRow> by_device(const SeriesRow& all) {
  constexpr double kShares[] = {0.4, 0.3, 0.2, 0.1};
  std::vector<DeviceSeriesRow> rows;
  for (std::size_t i = 0; i < std::size(kCohorts); ++i) {
    const auto part = [&](std::uint32_t sessions) { return static_cast<std::uint32_t>(sessions * kShares[i]); };
    DeviceSeriesRow row{.at = all.at, .device = kCohorts[i].device, .active = part(all.active), .starting = part(all.starting)};
    row.playing = part(all.playing), row.stalled = part(all.stalled);
    const double calm = 1 - 0.5 * trouble(all.at);
    if (row.playing > 0) row.bitrate = kCohorts[i].bitrate * calm;
    if (row.playing > 0) row.buffer = 6 * calm + static_cast<double>(i);
    rows.push_back(row);
  }
  return rows;
}

KpiRow trend(const char* metric, const char* unit, const char* definition, Tags tags, std::vector<double> values) {
  KpiRow row{.metric = metric, .kind = "trend", .unit = unit, .tags = std::move(tags), .count = values.size(), .definition = definition};
  if (values.empty()) return row;
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) { return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]; };
  double sum = 0;
  for (const double value : values) sum += value;
  row.mean = sum / static_cast<double>(values.size());
  row.min = at(0), row.p50 = at(0.5), row.p90 = at(0.9), row.p95 = at(0.95), row.p99 = at(0.99), row.max = at(1);
  return row;
}

KpiRow rate(const char* metric, const char* definition, Tags tags, std::size_t hits, std::size_t of) {
  const double n = static_cast<double>(of), p = static_cast<double>(hits) / n, z = 1.96, centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  KpiRow row{.metric = metric, .kind = "rate", .unit = "ratio", .tags = std::move(tags), .count = of, .definition = definition};
  row.value = p, row.ci_low = std::max(0.0, centre - half), row.ci_high = std::min(1.0, centre + half);
  return row;
}

using Sessions = std::vector<SessionRow>;

std::vector<double> values(const Sessions& sessions, const std::function<double(const SessionRow&)>& value) {
  std::vector<double> all;
  for (const SessionRow& row : sessions)
    if (row.startup_time) all.push_back(value(row));
  return all;
}

void add_kpis(std::vector<KpiRow>& kpis, const Tags& tags, const Sessions& all) {
  const std::vector<double> startup = values(all, [](const SessionRow& s) { return *s.startup_time; });
  const std::vector<double> stalled = values(all, [](const SessionRow& s) { return s.stalled; });
  KpiRow rebuffer{.metric = "rebuffer_ratio", .kind = "ratio", .unit = "ratio", .tags = tags, .count = startup.size()};
  double watched = 0, waited = 0;
  for (const SessionRow& s : all) watched += s.played + s.stalled, waited += s.stalled;
  rebuffer.value = waited / watched;
  rebuffer.definition = "sum of stall time / sum of watched time (playing and stalled, startup excluded); sessions that started";
  kpis.push_back(trend("startup_time", "s", "from the viewer's request to the first frame; sessions that started", tags, startup));
  kpis.push_back(rate("startup_success", "sessions that showed a first frame / sessions asked to play", tags, startup.size(), all.size()));
  kpis.push_back(rebuffer);
  kpis.push_back(trend("bitrate", "bps", "declared bitrate of the media played, weighted by time", tags,
                       values(all, [](const SessionRow& s) { return s.bitrate; })));
  kpis.push_back(trend("rendition_switches", "count", "changes of video rendition of each session", tags,
                       values(all, [](const SessionRow& s) { return double(s.switches); })));
  kpis.push_back(trend("live_latency", "s", "wall clock minus the playhead's programme time", tags,
                       values(all, [](const SessionRow& s) { return *s.live_latency; })));
  kpis.push_back(rate("playback_failures", "sessions that failed after the first frame / sessions that started", tags, 0, startup.size()));
  kpis.push_back({.metric = "sessions",
                  .kind = "counter",
                  .unit = "count",
                  .tags = tags,
                  .count = all.size(),
                  .value = static_cast<double>(all.size())});
}

std::vector<KpiRow> kpis_of(const Sessions& all) {
  std::vector<KpiRow> kpis;
  add_kpis(kpis, {}, all);
  const std::pair<const char*, std::string SessionRow::*> tags[] = {{"device", &SessionRow::device},
                                                                    {"network", &SessionRow::network},
                                                                    {"region", &SessionRow::region},
                                                                    {"path", &SessionRow::path},
                                                                    {"cohort", &SessionRow::cohort}};
  for (const auto& [tag, member] : tags) {
    std::map<std::string, Sessions> groups;
    for (const SessionRow& row : all) groups[row.*member].push_back(row);
    for (const auto& [value, sessions] : groups) add_kpis(kpis, {{tag, value}}, sessions);
  }
  return kpis;
}

std::vector<DrillRow> drills() {
  DrillRow token{
      .name = "token", .inject = "token-expiry", .injected_at = 60, .first_symptom_at = 60.8, .detected_at = 61.4, .recovered_at = 66.9};
  token.sessions_targeted = 100, token.sessions_affected = token.sessions_recovered = 92;
  DrillRow feed{.name = "feed",
                .inject = "contribution-loss",
                .injected_at = 90,
                .first_symptom_at = 90.9,
                .detected_at = 91.2,
                .mitigated_at = 92.1,
                .recovered_at = 99.4};
  feed.sessions_targeted = 478, feed.sessions_affected = feed.sessions_recovered = 301;
  DrillRow edge{.name = "edge", .inject = "edge-stale-manifest", .injected_at = 130, .first_symptom_at = 131.5, .detected_at = 133};
  edge.sessions_targeted = 260, edge.sessions_affected = 118, edge.sessions_recovered = 109;
  edge.note = "9 sessions left before they had recovered";
  base::Random random{3};
  for (DrillRow* drill : {&token, &feed, &edge})
    for (std::uint32_t i = 0; i < drill->sessions_recovered; ++i) drill->recovery_times.push_back(random.uniform(1.2, 7.2));
  return {token, feed, edge};
}

std::vector<GateRow> gates() {
  return {
      {.metric = "startup_success", .threshold = "rate>=0.99", .observed = 0.998, .unit = "ratio", .verdict = "passed"},
      {.metric = "startup_time",
       .tags = {{"device", "desktop-hlsjs"}},
       .threshold = "p(95)<2s",
       .observed = 0.6118,
       .unit = "s",
       .verdict = "passed"},
      {.metric = "rebuffer_ratio", .threshold = "value<0.01", .observed = 0.00412, .unit = "ratio", .verdict = "passed"},
      {.metric = "recovery_time", .tags = {{"drill", "feed"}}, .threshold = "max<5s", .observed = 7.1642, .unit = "s", .verdict = "failed"},
      {.metric = "time_to_detect",
       .tags = {{"drill", "cdn"}},
       .threshold = "max<3s",
       .unit = "s",
       .verdict = "inconclusive",
       .reason = "no data: no drill of that name was injected"}};
}

// What the user-space router might have measured.
std::vector<LinkRow> links() {
  const auto row = [](std::size_t cohort, std::uint32_t sessions, const char* down, const char* up, double rtt, double loss, double rate) {
    LinkRow link{.cohort = kCohorts[cohort].name, .network = kCohorts[cohort].network, .backend = "tun", .sessions = sessions};
    link.down = down, link.up = up;
    link.configured_rtt_ms = rtt, link.configured_loss_down = link.configured_loss_up = loss, link.configured_rate_down = rate;
    link.rtt_handshake_ms = rtt + 0.11, link.rtt_ms = rtt * 1.12 + 0.6, link.connections = sessions * 2;
    link.packets_down = sessions * 38'000ull, link.packets_up = sessions * 19'000ull;
    link.lost_down = static_cast<std::uint64_t>(static_cast<double>(link.packets_down) * loss * 0.98);
    link.lost_up = static_cast<std::uint64_t>(static_cast<double>(link.packets_up) * loss * 1.03);
    link.overflowed_down = static_cast<std::uint64_t>(2e8 * sessions / rate);
    link.goodput = rate / (1.3 + rate / 3e7), link.capacity = rate * 0.99, link.loading_seconds = sessions * 31.0;
    return link;
  };
  return {row(0, 200, "300 Mbit/s", "100 Mbit/s", 8, 0, 3e8),
          row(1, 150, "30 Mbit/s, 3 ms jitter, 0.1 % loss", "10 Mbit/s, 3 ms jitter, 0.1 % loss", 20, 0.001, 3e7),
          row(2, 100, "trace mobile-unstable, 3.03 Mbit/s on average (700 kbit/s to 6 Mbit/s), 8 ms jitter, 0.0999 % loss in bursts",
              "1 Mbit/s, 10 ms jitter, 0.0999 % loss in bursts", 100, 0.000999, 3.03e6),
          row(3, 50, "30 Mbit/s, 3 ms jitter, 0.1 % loss", "10 Mbit/s, 3 ms jitter, 0.1 % loss", 20, 0.001, 3e7)};
}

std::vector<TimelineRow> timeline() {
  return {{-4, "phase", "preflight", "began"}, {-3.1, "phase", "warmup", "began"},        {0, "phase", "live", "began"},
          {60, "drill", "token", "injected"},  {61.4, "drill", "token", "detected"},      {66.9, "drill", "token", "recovered"},
          {90, "drill", "feed", "injected"},   {92.1, "message", "", "backup took over"}, {99.4, "drill", "feed", "recovered"},
          {130, "drill", "edge", "injected"},  {180, "phase", "recovery", "began"},       {182, "phase", "closeout", "began"}};
}

}  // namespace

StoredRun sample_run() {
  StoredRun run;
  run.run = {.scenario = "premiere",
             .world = "real",
             .seed = 7,
             .version = "0.1.0",
             .started_at_utc = "2026-11-24T16:18:05.250Z",
             .duration = kLength};
  run.run.sessions_planned = kViewers, run.run.sessions_started = kViewers - 1, run.run.sessions_failed = 1, run.run.peak_concurrent = 499;
  run.run.verdict = "failed", run.run.outcome = "completed";
  run.run.notes = {"Edge us runs without a cache, as the scenario asks."};
  run.run.harness = {.start_lateness_p50_ms = 0.21,
                     .start_lateness_p99_ms = 1.2,
                     .loop_lag_p99_ms = 0.8,
                     .cpu_cores = 0.61,
                     .server_cpu_cores = 0.92,
                     .rss_per_player_kb = 15.2,
                     .network_backend = "tun",
                     .link_lateness_p50_ms = 0.06,
                     .link_lateness_p99_ms = 0.72};
  for (std::uint32_t id = 0; id < kViewers; ++id) run.sessions.push_back(session(id));
  for (int at = 0; at <= static_cast<int>(kLength); ++at) run.series.push_back(second(at));
  for (const SeriesRow& row : run.series)
    for (DeviceSeriesRow& device : by_device(row)) run.device_series.push_back(std::move(device));
  run.timeline = timeline();
  run.drills = drills();
  run.kpis = kpis_of(run.sessions);
  run.gates = gates();
  run.links = links();
  return run;
}

std::vector<EventRow> sample_events() {
  return {{0.9, 3, "startup", 0.41, ""},
          {12, 3, "switch", 800'000, ""},
          {90.9, 3, "stall-began", 0, ""},
          {92.4, 3, "stall-ended", 1.5, ""},
          {95, 257, "finished", 0, "playlist answered 403 five times"},
          {150, 3, "finished", 0, "watched"}};
}

StoredRun small_run() {
  StoredRun run;
  run.run = {.scenario = "smoke",
             .world = "virtual",
             .seed = 7,
             .version = "0.1.0",
             .duration = 60,
             .sessions_planned = 1,
             .sessions_started = 1,
             .peak_concurrent = 1,
             .verdict = "passed",
             .outcome = "completed",
             .notes = {"Nothing was impaired."}};
  run.sessions = {{.id = 0,
                   .cohort = "ios",
                   .device = "ios",
                   .network = "wifi",
                   .region = "eu",
                   .path = "direct",
                   .startup_time = 0.41,
                   .played = 59,
                   .ending = "watched"}};
  run.kpis = {{.metric = "startup_time",
               .kind = "trend",
               .unit = "s",
               .count = 1,
               .mean = 0.41,
               .min = 0.41,
               .p50 = 0.41,
               .p90 = 0.41,
               .p95 = 0.41,
               .p99 = 0.41,
               .max = 0.41},
              {.metric = "startup_success",
               .kind = "rate",
               .unit = "ratio",
               .tags = {{"device", "ios"}},
               .count = 1,
               .value = 1,
               .ci_low = 0.206543,
               .ci_high = 1}};
  run.gates = {{.metric = "startup_time", .threshold = "p(95)<2s", .observed = 0.41, .unit = "s", .verdict = "passed"}};
  run.drills = {{.name = "feed",
                 .inject = "contribution-loss",
                 .injected_at = 30,
                 .first_symptom_at = 30.9,
                 .recovered_at = 32,
                 .sessions_targeted = 1,
                 .sessions_affected = 1,
                 .sessions_recovered = 1,
                 .recovery_times = {2}}};
  run.links = {{.cohort = "ios",
                .network = "wifi",
                .backend = "model",
                .sessions = 1,
                .down = "30 Mbit/s",
                .up = "10 Mbit/s",
                .configured_rtt_ms = 20,
                .configured_loss_down = 0.001,
                .configured_loss_up = 0.001,
                .configured_rate_down = 3e7}};
  return run;
}

TEST(SampleRun, IsTheSameEveryTime) { EXPECT_EQ(sample_run().sessions.at(42).startup_time, sample_run().sessions.at(42).startup_time); }

}  // namespace reports
