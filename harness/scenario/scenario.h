// What is rehearsed: the validated form of a scenario file, and the device and network catalogues it refers to. Plain data;
// load.h makes it from JSON and reports every problem at once with its path.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/gate/threshold.h"
#include "harness/scenario/behaviour.h"
#include "harness/scenario/virtual_world.h"
#include "netem/model/impairment.h"

namespace harness {

enum class StreamingProtocol { kHls, kDash };
// What plays. The first four are emulations of an engine, with its own rules and constants; the others are parameterised players, made
// of the numbers of their Device.
enum class EngineKind { kHlsJs, kDashJs, kShaka, kMedia3, kAvPlayer, kTvMse, kTvNative, kCustom };
// The last seven are research rules, for profiles: docs/engines/README.md.
enum class AbrKind { kThroughput, kBola, kDynamic, kThroughputIbr, kBolaBasic, kBolaO, kBolaE, kBolaV4, kRobustMpc, kL2a };
enum class ContentKind { kLive, kVod };
enum class ArrivalShape { kSteady, kRamp, kBurst, kPoisson };
// How a viewer comes to the player: by the stream's own page, by a frame in somebody else's page, or through an account.
enum class PathKind { kDirect, kEmbed, kAuthenticated };
// How CMCD travels: as the query parameter CMCD, or as the header fields CMCD-Request, -Object, -Status and -Session.
enum class CmcdSending { kQuery, kHeader };
enum class DrillKind { kTokenExpiry, kContributionLoss, kContributionDegraded, kEncoderRestart, kBothLost };
enum class ContributionProtocol { kSrt, kRtmp };
// Which of a live stream's feeds a drill strikes.
enum class FeedChoice { kPrimary, kBackup };
// Killed: the socket is gone without a goodbye. Stalled: the connection stays, nothing is sent. Flapping: killed and back, a second each.
enum class LossManner { kKill, kStall, kFlap };
// What is wrong with what a feed sends.
enum class Degradation { kBitrate, kPacketLoss, kFreeze, kBlack, kSilence, kTimestamps };
// Where in a trace a viewer begins: its own arrival is time 0, a random offset, or the start of the live phase is time 0 for all.
enum class TraceStart { kSession, kRandom, kRun };
// What makes the links of a real run (netem/links): by what the machine has, the kernel's netem, the user-space router, nothing.
enum class LinkChoice { kAuto, kKernel, kTun, kNone };

// A player behaviour, from scenarios/catalogue/devices.json.
struct Device {
  std::string name;
  EngineKind engine = EngineKind::kCustom;
  StreamingProtocol protocol = StreamingProtocol::kHls;
  int max_height = 0;              // screen cap in lines; 0: none
  base::Duration buffer_target{};  // forward buffer at which loading pauses
  base::Duration live_delay{};     // behind the live edge; 0: the protocol's default (HOLD-BACK or 3 target durations;
                                   // suggestedPresentationDelay or what the engine takes then)
  base::Bitrate initial_estimate;  // before any sample
  // Parameterised players only; an emulation has its own.
  AbrKind abr = AbrKind::kThroughput;
  base::Duration start_buffer{};   // media needed on every track to start
  base::Duration resume_buffer{};  // and to resume after a stall
  base::Duration append_delay{};   // last byte to playable
  double safety_factor = 0.9;      // of the throughput estimate
  friend bool operator==(const Device&, const Device&) = default;
};

// A link behaviour, from scenarios/catalogue/networks.json. `run` makes it; `simulate` models its rates and delays.
struct Network {
  std::string name;
  netem::LinkSpec link{};
  TraceStart trace_start = TraceStart::kSession;
  std::string source{};  // of its figures, for reports
};
// Traces are equal when their steps are.
bool operator==(const Network& a, const Network& b);

// The reference server, started by the harness on free ports.
struct ReferenceTarget {
  base::Duration token_lifetime = std::chrono::seconds{60};
  std::size_t channels = 1;  // streams of the same content that viewers can turn to, each with a feed and encoders of its own
  friend bool operator==(const ReferenceTarget&, const ReferenceTarget&) = default;
};

// A further stream of an external target.
struct Channel {
  std::string url;
  std::string dash_url;
  friend bool operator==(const Channel&, const Channel&) = default;
};

// Any HLS or DASH URL. `dash_url` is used by DASH devices and `url` by HLS devices; a cohort whose URL is missing is an error.
struct ExternalTarget {
  std::string url;
  std::string dash_url;
  std::string token_url;  // POST, JSON in and out as the reference server's /v1/tokens; needed by authenticated paths
  std::string refresh_url;
  std::string page;        // that plays the stream: direct and authenticated paths open it; empty: they begin with token or manifest
  std::string login_page;  // authenticated paths open it first; empty: none
  std::string embed_page;  // what a publisher's page frames; needed by embed paths
  std::string referrer;    // the page that does; empty: no Referer is sent
  std::vector<Channel> channels{};  // besides the one that `url` and `dash_url` name; they are entered by their manifests
  friend bool operator==(const ExternalTarget&, const ExternalTarget&) = default;
};
using Target = std::variant<ReferenceTarget, ExternalTarget>;
// How many streams there are to watch; at least one.
std::size_t channels_of(const Target& target);
// The reference server's name of a channel: "main", "main-2", "main-3", …
std::string reference_stream(std::size_t channel);

// How a live stream's pictures reach the reference server.
struct Contribution {
  ContributionProtocol protocol = ContributionProtocol::kSrt;
  std::optional<ContributionProtocol> backup{};                  // a second feed of the same pictures, which the server turns to
  base::Duration switch_after = std::chrono::milliseconds{400};  // without a picture
  base::Duration failback_after = std::chrono::seconds{5};       // of the primary's pictures without a gap
  std::vector<std::string> unfit_when{};                         // aspects of health in which a feed gives way to a fit one: kAspectNames
  bool slate = false;                                            // a picture while no feed sends, instead of gaps
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

// A test pattern by name ("sports-720p30") or a file.
struct Content {
  ContentKind kind = ContentKind::kLive;
  std::string video = "sports-720p30";
  Contribution contribution{};  // of live content
  friend bool operator==(const Content&, const Content&) = default;
};

struct Arrivals {
  ArrivalShape shape = ArrivalShape::kSteady;
  base::Duration over{};  // the first to the last arrival
  friend bool operator==(const Arrivals&, const Arrivals&) = default;
};

// What a player tells the servers about itself with each request: Common Media Client Data, version 1 (CTA-5004) or 2 (CTA-5004-A).
struct Cmcd {
  int version = 1;
  CmcdSending send = CmcdSending::kQuery;
  friend bool operator==(const Cmcd&, const Cmcd&) = default;
};

struct Cohort {
  std::string name;  // "desktop-hlsjs/fibre/eu/direct" unless given
  double share = 0;
  std::string device;
  std::string network;
  std::string region;
  PathKind path = PathKind::kDirect;
  Behaviour behaviour{};
  std::optional<int> max_height{};  // overrides the device's
  std::optional<Cmcd> cmcd{};       // absent: off, as in the players
  friend bool operator==(const Cohort&, const Cohort&) = default;
};

// Selects cohorts by their properties; an empty field selects all.
struct CohortFilter {
  std::string device, network, region, path;
  friend bool operator==(const CohortFilter&, const CohortFilter&) = default;
};

struct DrillPlan {
  std::string name;
  base::Duration at{};  // after the start of the live phase
  DrillKind inject = DrillKind::kTokenExpiry;
  CohortFilter cohorts;                           // token-expiry
  base::Duration lasts{};                         // contribution-loss, contribution-degraded, both-lost
  FeedChoice feed = FeedChoice::kPrimary;         // contribution-loss, contribution-degraded, encoder-restart
  LossManner loss = LossManner::kKill;            // contribution-loss, both-lost
  Degradation degradation = Degradation::kBlack;  // contribution-degraded
  friend bool operator==(const DrillPlan&, const DrillPlan&) = default;
};

// How a real run makes its links.
struct Links {
  LinkChoice backend = LinkChoice::kAuto;
  std::uint32_t address = 0x0A400000;  // 10.64.0.0, host byte order: the viewers' addresses are from this block
  int prefix_length = 10;
  std::string congestion_control = "cubic";  // of the servers' side
  friend bool operator==(const Links&, const Links&) = default;
};

struct Scenario {
  std::string file;  // for messages
  std::string name;
  std::string case_name = "default";  // which of the scenario's cases it is
  std::uint64_t seed = 1;
  Target target;
  Content content;
  base::Duration duration{};  // of the live phase
  std::uint32_t sessions = 0;
  Arrivals arrivals;
  std::vector<Cohort> cohorts;  // shares sum to 1
  std::vector<DrillPlan> drills;
  std::vector<Gate> gates;
  std::map<std::string, Device> devices;  // those the cohorts use
  std::map<std::string, Network> networks;
  Links links;
  std::map<std::string, netem::LinkSpec> bottlenecks;  // by region: rates and queues that all its viewers share
  std::optional<VirtualWorld> virtual_world{};         // simulations only; absent: an origin that is never full

  // Null: in a simulation, too, everyone plays to the end.
  const RepresentativePlan* representatives() const {
    return virtual_world && virtual_world->representatives ? &*virtual_world->representatives : nullptr;
  }
};

bool is_emulation(EngineKind engine);
bool plays(EngineKind engine, StreamingProtocol protocol);

const char* to_text(EngineKind engine);           // "hls.js-1.7", "dash.js-5.2", "shaka-5.2", "media3-1.11", "avplayer", "tv-mse", …
const char* to_text(StreamingProtocol protocol);  // "hls", "dash"
const char* to_text(PathKind path);               // "direct", "embed", "authenticated"
const char* to_text(DrillKind kind);              // "token-expiry", "contribution-loss", "contribution-degraded", …
bool is_of_contribution(const DrillPlan& drill);
// Whether it strikes this feed.
bool strikes(const DrillPlan& drill, FeedChoice feed);
const char* to_text(TraceStart start);   // "session", "random", "run"
const char* to_text(LinkChoice choice);  // "auto", "kernel", "tun", "none"
// Whether its player runs in a web page; the others are apps, which open none.
bool runs_in_page(EngineKind engine);
bool matches(const CohortFilter& filter, const Cohort& cohort);

}  // namespace harness
