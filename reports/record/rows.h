// The rows of a run's store: the contract between running and reporting. Plain data; times are seconds after the start of the live phase
// (preflight and warmup: negative). Written by harness/run, folded by harness/kpi, read by reports/formats.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reports {

// Every text and list has an initialiser, so that a row can be made with designated initialisers for just what is known.

using Tags = std::map<std::string, std::string>;  // "device" -> "ios"

struct SessionRow {
  std::uint32_t id = 0;
  std::string cohort{}, device{}, network{}, region{}, path{};
  double planned_at = 0;                 // arrival as planned
  double began_at = 0;                   // when it was really started (harness lateness = the difference)
  std::optional<double> startup_time{};  // from planned_at to the first frame
  double played = 0, stalled = 0;        // seconds, after the start
  double seeking = 0, paused = 0;        // seconds: waited for after seeks; paused by the viewer
  std::uint32_t stalls = 0, switches = 0, requests = 0, failed_requests = 0, token_refreshes = 0;
  std::int64_t bytes = 0;
  double bitrate = 0;                    // bit/s, mean over the media played; 0 when nothing was
  std::optional<double> live_latency{};  // mean, seconds
  std::string ending{};                  // "watched", "ended", "failed", "stopped", "left-before-start"
  std::string failure{};
  std::vector<double> stall_durations{};  // seconds each
  std::vector<double> seek_latencies{};   // seconds each, of those that ended
  std::uint32_t viewer = 0;               // whose session; a viewer who turns to another channel has several
  std::uint32_t channel = 0;              // which of the target's streams
};

struct EventRow {
  double at = 0;
  std::uint32_t session = 0;
  std::string kind{};  // "startup", "stall-began", "stall-ended", "seek-began", "seek-ended", "paused", "resumed", "switch",
                       // "token-renewed", "trouble", "trouble-over", "finished"
  double value = 0;    // startup, stall-ended, seek-ended, resumed: seconds; switch: new bit/s
  std::string detail{};
};

struct RequestRow {
  double at = 0;  // start
  std::uint32_t session = 0;
  std::string kind{}, url{}, failure{};
  int rendition = -1, status = 0;
  std::int64_t bytes = 0;
  double ttfb = 0, took = 0;
  std::int64_t cached = 0;  // bytes of the body from the browser's cache; status 304: after asking whether they still hold
};

// One second of the run, over all sessions.
struct SeriesRow {
  double at = 0;
  std::uint32_t active = 0, starting = 0, playing = 0, stalled = 0, paused = 0;  // starting: or waiting after a seek
  std::uint32_t errors = 0;                                                      // failed requests in this second
  double bitrate = 0;                                                            // mean declared bit/s of playing sessions
  std::int64_t bytes = 0;                                                        // received in this second
  std::map<std::string, std::uint32_t> renditions{};                             // declared bit/s as text -> sessions playing it
  std::optional<double> downlink{};  // bit/s: mean over this second of the viewers' links; absent unless all are of one rated network
};

// The same second of the sessions that one device plays. Every device of the run has a row, whether or not anyone plays by it.
struct DeviceSeriesRow {
  double at = 0;
  std::string device{};
  std::uint32_t active = 0, starting = 0, playing = 0, stalled = 0, paused = 0;
  std::optional<double> bitrate{};  // mean declared bit/s of its playing sessions
  std::optional<double> buffer{};   // seconds: mean playable media ahead, of its sessions that play, are stalled or paused
};

struct TimelineRow {
  double at = 0;
  std::string kind{};  // "phase", "drill", "message"
  std::string name{};  // "live"; "token"
  std::string what{};  // phase: "began", "ended"; drill: "injected", "first-symptom", "detected", "mitigated", "recovered"; message: text
};

struct DrillRow {
  std::string name{}, inject{};
  std::optional<double> injected_at{};  // nothing of the following without it, but the note
  std::optional<double> first_symptom_at{}, detected_at{}, mitigated_at{}, recovered_at{};
  std::uint32_t sessions_targeted = 0, sessions_affected = 0, sessions_recovered = 0;
  std::vector<double> recovery_times{};  // seconds from injection, one per recovered session
  // When the reference server first said that something was wrong with a struck contribution, and what it said ("primary: picture: …").
  std::optional<double> noticed_at{};
  std::string noticed{};
  // What it did about it: what it put on air first, how long nothing came from what was on air before
  // (milliseconds), how often it switched until 30 s after the drill's end or the next one's injection.
  std::string switched_to{};
  std::optional<double> gap_ms{};
  std::optional<std::uint64_t> switches{};
  // Frames of the test video as read from the segments that were delivered in that time: with a number, left out, come again.
  std::optional<std::uint64_t> frames_delivered{}, frames_missing{}, frames_repeated{};
  std::string note{};  // why something is absent, in words
};

// One KPI under one set of tags. Which fields hold depends on the kind (harness/kpi/metrics.h).
struct KpiRow {
  std::string metric{}, kind{}, unit{};  // kind: "trend", "rate", "ratio", "counter"
  Tags tags{};
  std::uint64_t count = 0;
  std::optional<double> value{};                                           // rate, ratio, counter
  std::optional<double> ci_low{}, ci_high{};                               // rate: Wilson 95 %
  std::optional<double> mean{}, min{}, p50{}, p90{}, p95{}, p99{}, max{};  // trend, with count > 0
  std::vector<std::pair<double, std::uint64_t>> histogram{};               // trend: bucket upper bound and count, non-empty buckets
  std::string definition{};                                                // what is divided by what, in words, for every report
};

struct GateRow {
  std::string metric{};
  Tags tags{};
  std::string threshold{};
  std::optional<double> observed{};
  std::string unit{};
  std::string verdict{};  // "passed", "failed", "inconclusive"
  std::string reason{};   // inconclusive: why
};

// The link of one cohort: what was configured, and what the run measured of it. A figure that could not be measured is absent.
struct LinkRow {
  std::string cohort{}, network{}, backend{};  // backend: "tun", "kernel", "none" (nothing was impaired), "model"
  std::uint32_t sessions = 0;
  std::string down{}, up{};         // as configured, in words: "30 Mbit/s, 3 ms jitter, 0.1 % loss"
  double configured_rtt_ms = 0;     // of an idle link, without jitter and without round trips that a trace brings
  double configured_loss_down = 0;  // long-run shares
  double configured_loss_up = 0;
  std::optional<double> configured_rate_down{};          // bit/s, mean of a trace; absent: unlimited
  std::optional<double> rtt_handshake_ms{};              // median over viewers: the handshake of the first connection, on an idle link
  std::optional<double> rtt_ms{};                        // median over connections of the kernel's smoothed round trip
  std::uint64_t connections = 0;                         // that were asked
  std::uint64_t packets_down = 0, packets_up = 0;        // offered to the links
  std::uint64_t lost_down = 0, lost_up = 0;              // by the loss model
  std::uint64_t overflowed_down = 0, overflowed_up = 0;  // dropped by a full queue
  std::optional<double> goodput{};   // bit/s per viewer of HTTP bodies, over the time in which at least one was on its way
  std::optional<double> capacity{};  // bit/s: what the configured downlinks would have carried in that same time
  double loading_seconds = 0;        // that time, summed over the viewers
};

// One server of a simulated delivery: what it was asked for and gave over the live phase, beside its limits. An absent limit is none.
struct DeliveryRow {
  // "eu-1"; role: "edge", "shield", "origin", or "bottleneck": one direction of a link that a region shares ("eu down"), whose bytes are of
  // packets, and what it refused is packets lost; region: of an edge or a bottleneck
  std::string server{}, role{}, region{};
  std::uint64_t requests = 0;
  std::uint64_t hits = 0, misses = 0, coalesced = 0, stale = 0, stale_on_error = 0;  // of caches; stale: while it was fetched anew
  std::uint64_t passed = 0;                                                          // answered without a look into the cache
  std::uint64_t refused = 0;                                                         // too busy (503), or no connection left
  std::int64_t bytes = 0;                                                            // of bodies, sent
  std::uint64_t upstream_requests = 0, upstream_revalidated = 0;                     // revalidated: what was there still held
  std::int64_t upstream_bytes = 0;
  std::uint64_t evictions = 0;
  std::int64_t held = 0;                                            // bytes in the cache at the end
  double longest_wait = 0;                                          // seconds, in its queues
  double peak_requests = 0, peak_egress = 0, peak_connections = 0;  // in the busiest second; bit/s; at once
  std::optional<double> requests_limit{}, egress_limit{}, connections_limit{};
  std::optional<double> renditions{}, renditions_limit{};  // a live origin encodes, and can in real time
  std::string first_limit{};                               // met: "requests", "egress", "connections", "transcode", "link", "processor"
  std::optional<double> first_limit_at{};
  std::optional<double> first_limit_connections{};                   // open then
  std::vector<double> requests_each_second{}, egress_each_second{};  // bit/s
};

// The harness about itself.
struct HarnessRow {
  double start_lateness_p50_ms = 0, start_lateness_p99_ms = 0;  // planned against actual session and request starts
  double loop_lag_p99_ms = 0;
  double cpu_cores = 0;         // of the harness process, mean over the live phase
  double server_cpu_cores = 0;  // of the reference server, 0 for an external target
  double rss_per_player_kb = 0;
  bool saturated = false;
  std::string saturation_reason{};  // in words, with the figure and its budget
  std::string network_backend = "none";
  std::optional<double> link_lateness_p50_ms{}, link_lateness_p99_ms{};  // of the user-space router's packets; absent without one
};

// What was run and how it ended.
struct RunRow {
  std::string scenario{}, run_case = "default", world{};  // world: "real" or "virtual"
  std::uint64_t seed = 0;
  std::string version{};
  std::string started_at_utc{};  // ISO 8601; empty in the virtual world, where it would break determinism
  double duration = 0;           // seconds of the live phase, as configured
  std::uint32_t sessions_planned = 0, sessions_started = 0, sessions_failed = 0, peak_concurrent = 0;
  std::string verdict{};  // "passed", "failed", "inconclusive"
  std::string outcome{};  // "completed", "interrupted", "run-failed": a run that did not complete keeps what it has
  std::string outcome_reason{};
  std::vector<std::string> notes{};  // sentences for every report: what was not modelled, which network was not impaired
  HarnessRow harness{};
};

}  // namespace reports
