#include "harness/run/real_stage.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "base/ensure.h"
#include "base/errors.h"
#include "base/json_reader.h"
#include "base/process_usage.h"
#include "generators/feed/feed.h"
#include "generators/video/video.h"
#include "harness/run/entrances.h"
#include "harness/run/limits.h"
#include "harness/run/self_usage.h"
#include "harness/run/video_cache.h"
#include "harness/transport/failure_words.h"
#include "media/url.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::ViewerId kOurselves{0xFFFF'FFFE};
constexpr base::Duration kServerStart = 15s;
constexpr base::Duration kFirstSegments = 30s;
constexpr std::uint64_t kRelayFactor = 3;    // a relay holds two more descriptors for each connection
constexpr base::Duration kPackaging = 5min;  // a whole VOD title

// The soft limit is raised to the hard one, which is then judged.
void check_descriptors(const Scenario& scenario, bool relayed) {
  const std::uint64_t sessions = scenario.sessions;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t needed = descriptors_for(relayed ? sessions * kRelayFactor : sessions);
  if (limit.rlim_cur < needed)
    throw base::RunFailed(
        fmt::format("{} sessions need up to {} open files, the limit is {}; raise it with `ulimit -n {}` or lower audience.sessions",
                    sessions, needed, limit.rlim_cur, needed));
}

class Once final : public TransferReceiver {
 public:
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId, TransportOutcome&& answer) override { this->outcome = std::move(answer); }
  std::optional<TransportOutcome> outcome;  // once it is there
};

// The `detail` of an application/problem+json body (RFC 9457), in brackets; empty when there is none.
std::string detail_of(const std::string& body) {
  const base::Result<base::Json> problem = base::parse_json(body);
  if (!problem.has_value() || !problem->is_object() || !problem->contains("detail") || !(*problem)["detail"].is_string()) return "";
  return fmt::format(" ({})", (*problem)["detail"].get<std::string>());
}

std::string describe(const TransportOutcome& outcome) {
  return outcome.failure.empty() ? reason_of(outcome) + detail_of(outcome.body) : reason_of(outcome);
}

std::string external_url(const ExternalTarget& target, StreamingProtocol protocol, std::size_t channel) {
  const bool hls = protocol == StreamingProtocol::kHls;
  if (channel == 0) return hls ? target.url : target.dash_url;
  return hls ? target.channels.at(channel - 1).url : target.channels.at(channel - 1).dash_url;
}

}  // namespace

// One POST whose failure is told; erases itself from the stage's table.
class RealStage::Post final : private TransferReceiver {
 public:
  Post(RealStage& stage, std::uint64_t key, std::string url, std::string body, std::function<void(std::string)> failed)
      : stage_{stage}, key_{key}, url_{std::move(url)}, failed_{std::move(failed)} {
    stage_.transport().start({.viewer = kOurselves,
                              .method = "POST",
                              .url = url_,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = std::move(body),
                              .timeout = 5s,
                              .keep_body = true},
                             *this);
  }

 private:
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId, TransportOutcome&& outcome) override {
    if (!outcome.failure.empty() || outcome.status / 100 != 2) failed_(fmt::format("POST {}: {}", url_, describe(outcome)));
    gone_ = stage_.timeline_.call_at(stage_.timeline_.now(), [this] { stage_.posts_.erase(key_); });
  }
  RealStage& stage_;
  std::uint64_t key_;
  std::string url_;
  std::function<void(std::string)> failed_;
  base::Timer gone_;
};

RealStage::RealStage(boost::asio::io_context& io, const Scenario& scenario, std::string directory, netem::BackendChoice backend)
    : io_{io}, work_{io.get_executor()}, scenario_{scenario}, directory_{std::move(directory)}, backend_{backend}, timeline_{io} {
  if (backend != netem::BackendChoice::kNone) links_ = std::make_unique<StageLinks>(scenario, backend);
  CurlTransport::Options options{.source_address = [this](base::ViewerId viewer) { return source_address(viewer); }};
  if (links_) {
    options.sockets.open = [this](base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
      return links_->open_socket(viewer, type, protocol, peer, length);
    };
    options.sockets.closing = [this](base::ViewerId viewer, const ConnectionFacts& facts) { links_->note(viewer, facts); };
  }
  transport_ = std::make_unique<CurlTransport>(io_, timeline_, std::move(options));
}

RealStage::~RealStage() = default;

bool RealStage::target_is_loopback() const {
  const auto* external = std::get_if<ExternalTarget>(&scenario_.target);
  if (external == nullptr) return true;
  const base::Result<media::Url> url = media::parse_url(external->url.empty() ? external->dash_url : external->url);
  return url.has_value() && url->host.starts_with("127.");
}

// 127.1.0.0/16 and following: one address per viewer, so the server sees them apart. On loopback 0 and 255 are addresses like others.
std::string RealStage::source_address(base::ViewerId viewer) const {
  if (links_) return links_->source_address(viewer);
  if (!target_is_loopback()) return "";
  const std::uint32_t n = index_of(viewer) + 1;
  return fmt::format("127.{}.{}.{}", 1 + (n >> 16) % 250, (n >> 8) % 256, n % 256);
}

bool RealStage::turn_until(const std::function<bool()>& done, base::Duration patience, const std::function<bool()>& interrupted) {
  const base::Instant deadline = timeline_.refresh() + patience;
  while (!done()) {
    if (interrupted()) throw base::Interrupted("interrupted in preflight");
    if (timeline_.refresh() >= deadline) return false;
    io_.run_one_for(20ms);
  }
  return true;
}

bool RealStage::uses(StreamingProtocol protocol) const {
  return std::any_of(scenario_.cohorts.begin(), scenario_.cohorts.end(),
                     [&](const Cohort& c) { return scenario_.devices.at(c.device).protocol == protocol; });
}

void RealStage::prepare(ProgressLine& progress, const std::function<bool()>& interrupted) {
  check_descriptors(scenario_, links_ && std::holds_alternative<ExternalTarget>(scenario_.target));
  if (std::holds_alternative<ReferenceTarget>(scenario_.target)) start_reference(progress, interrupted);
  for (const StreamingProtocol protocol : {StreamingProtocol::kHls, StreamingProtocol::kDash})
    for (std::size_t channel = 0; uses(protocol) && channel < channels_of(scenario_.target); ++channel)
      if (!manifest_url(protocol, channel).empty()) await_manifest(protocol, channel, progress, interrupted);
  if (server_ && scenario_.content.kind == ContentKind::kLive) watch_contribution();
}

void RealStage::watch_contribution() {
  watch_ = std::make_unique<ContributionWatch>(*transport_, fmt::format("{}/v1/streams/{}", addresses_->control, reference_stream(0)));
  if (std::none_of(scenario_.drills.begin(), scenario_.drills.end(), is_of_contribution)) return;
  const auto video = generators::parse_video_name(scenario_.content.video);
  if (video.has_error()) return;  // a file of the user's
  const auto loop = static_cast<std::uint32_t>(video->duration / 1s * video->fps);
  probe_ = std::make_unique<FrameProbe>(timeline_, *transport_, manifest_url(StreamingProtocol::kHls, 0), loop);
}

std::optional<Stage::ContributionFacts> RealStage::contribution(base::Instant from, base::Instant to) {
  if (!watch_) return std::nullopt;
  const base::WallAnchor wall = timeline_.wall_anchor();
  ContributionFacts facts{.switches = watch_->count(wall.utc_at(from), wall.utc_at(to))};
  if (const auto made = watch_->first_forced(wall.utc_at(from), wall.utc_at(to))) {
    facts.switched_at = wall.instant_at(made->at);
    facts.switched_to = made->to;
    facts.gap_ms = made->gap_ms;
  }
  if (const auto noticed = watch_->first_noticed(wall.utc_at(from), wall.utc_at(to))) {
    facts.noticed_at = wall.instant_at(noticed->at);
    facts.noticed = noticed->what;
  }
  if (probe_) facts.frames = probe_->counts(from, to);
  return facts;
}

void RealStage::start_reference(ProgressLine& progress, const std::function<bool()>& interrupted) {
  const std::string video = video_file(scenario_.content.video, scenario_.file, [&](double share) {
    progress.show("preflight", fmt::format("generating test video {} ({:.0f} %)", scenario_.content.video, share * 100));
    return !interrupted();
  });
  progress.show("preflight", "starting the reference server");
  start_server(video);
  if (!turn_until([&] { return (addresses_ = server_->ready()).has_value(); }, kServerStart, interrupted))
    throw base::RunFailed(fmt::format("the reference server was not ready after {} s; see {}", kServerStart / 1s, server_->log_file()));
  publish_addresses(progress);
  if (scenario_.content.kind == ContentKind::kLive) start_feeds(video);
}

// Where people and their tools reach the server while the run lasts; with links that is not where it listens.
void RealStage::publish_addresses(ProgressLine& progress) {
  const auto outside = [this](const std::string& url) {
    if (!links_) return url;
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    return fmt::format("http://127.0.0.1:{}", links_->lab().way_in(port));
  };
  const base::Json document{
      {"media", outside(addresses_->media)}, {"control", outside(addresses_->control)}, {"metrics", outside(addresses_->metrics)}};
  const std::string file = directory_ + "/addresses.json";
  std::ofstream out{file};
  out << document.dump(2) << '\n';
  if (!out.flush()) throw base::RunFailed("write " + file + ": failed; is the disk full?");
  progress.say(fmt::format("reference server: {}/watch/{}", document["media"].get<std::string>(), reference_stream(0)));
}

// With links the server lies behind them, in the lab's network, and so does the feed.
void RealStage::start_server(const std::string& video) {
  const ReferenceTarget& target = std::get<ReferenceTarget>(scenario_.target);
  ReferenceServer::Options options{.directory = directory_,
                                   .content = scenario_.content.kind,
                                   .vod_file = video,
                                   .contribution = scenario_.content.contribution,
                                   .token_lifetime = target.token_lifetime,
                                   .channels = target.channels};
  if (!links_) return void(server_ = std::make_unique<ReferenceServer>(options));
  options.host = netem::kServerAddress;
  server_ = links_->lab().servers().run([&options] { return std::make_unique<ReferenceServer>(options); });
}

void RealStage::start_feeds(const std::string& video) {
  const Contribution& contribution = scenario_.content.contribution;
  const std::string host = links_ ? netem::kServerAddress : "127.0.0.1";
  for (std::size_t channel = 0; channel < channels_of(scenario_.target); ++channel) {
    generators::Feed::Options options{.file = video};
    options.to.push_back(ReferenceServer::destination(*addresses_, host, channel, FeedChoice::kPrimary, contribution.protocol));
    if (contribution.backup)
      options.to.push_back(ReferenceServer::destination(*addresses_, host, channel, FeedChoice::kBackup, *contribution.backup));
    if (links_) options.on_thread = [this] { links_->lab().servers().enter(); };
    feeds_.push_back(std::make_unique<generators::Feed>(options));
    feeds_.back()->start();
  }
}

void RealStage::connect(const LinkUse& use) {
  if (links_) links_->connect(use);
}
LinkFacts RealStage::disconnect(base::ViewerId viewer) { return links_ ? links_->disconnect(viewer) : LinkFacts{}; }

// Asks once every 200 ms until the manifest answers 200; a reference server starts with 503. An external target gets one chance per
// second for five seconds.
void RealStage::await_manifest(StreamingProtocol protocol, std::size_t channel, ProgressLine& progress,
                               const std::function<bool()>& interrupted) {
  const std::string url = manifest_url(protocol, channel);
  const base::Duration patience = !server_ ? 5s : scenario_.content.kind == ContentKind::kVod ? kPackaging : kFirstSegments;
  const base::Instant deadline = timeline_.refresh() + patience;
  std::string last;
  while (timeline_.refresh() < deadline) {
    progress.show("preflight", fmt::format("waiting for {}", url));
    Once once;
    transport_->start({.viewer = kOurselves, .url = url, .timeout = 4s, .keep_body = true}, once);
    turn_until([&] { return once.outcome.has_value(); }, 6s, interrupted);
    if (const auto reason = failure()) throw base::RunFailed(*reason);
    ENSURE(once.outcome);
    if (once.outcome->failure.empty() && once.outcome->status == 200) return;
    last = describe(*once.outcome);
    const bool wants_token = once.outcome->status == 401 || once.outcome->status == 403;
    if (!server_ && wants_token) return;  // the viewers bring tokens; warmup shows whether they are good
    const base::Instant again = timeline_.refresh() + (server_ ? 200ms : 1s);
    turn_until([&] { return timeline_.now() >= again; }, 2s, interrupted);
  }
  const bool has_error = channel < feeds_.size() && !feeds_[channel]->stats().last_error.empty();
  const std::string feed = has_error ? "; the feed says: " + feeds_[channel]->stats().last_error : "";
  throw base::RunFailed(fmt::format("the target does not answer: GET {}: {}{}", url, last, feed));
}

std::string RealStage::manifest_url(StreamingProtocol protocol, std::size_t channel) const {
  if (const auto* external = std::get_if<ExternalTarget>(&scenario_.target)) return external_url(*external, protocol, channel);
  return fmt::format("{}/{}/{}/{}", addresses_->media, scenario_.content.kind == ContentKind::kLive ? "live" : "vod",
                     reference_stream(channel), protocol == StreamingProtocol::kHls ? "master.m3u8" : "manifest.mpd");
}

std::optional<Entrance> RealStage::entrance(PathKind path, std::size_t channel) const {
  if (const auto* external = std::get_if<ExternalTarget>(&scenario_.target)) return external_entrance(path, *external, channel);
  return reference_entrance(path, addresses_->media, addresses_->control, reference_stream(channel));
}

std::optional<TokenSource> RealStage::token_source(std::size_t channel) const {
  if (const auto* external = std::get_if<ExternalTarget>(&scenario_.target)) {
    if (external->token_url.empty()) return std::nullopt;
    return TokenSource{.token_url = external->token_url, .refresh_url = external->refresh_url};
  }
  return TokenSource{.token_url = addresses_->control + "/v1/tokens",
                     .refresh_url = addresses_->control + "/v1/tokens/refresh",
                     .stream = reference_stream(channel)};
}

void RealStage::expire_tokens(const std::string& group, std::function<void(std::string)> failed) {
  ENSURE(addresses_);
  const std::uint64_t key = ++last_post_;
  posts_.emplace(key, std::make_unique<Post>(*this, key, addresses_->control + "/v1/tokens/expire", base::Json{{"group", group}}.dump(),
                                             std::move(failed)));
}

void RealStage::strike_feed(const DrillPlan& drill) {
  command_feeds(drill, strike_of(drill));
  if (drill.loss == LossManner::kFlap) flap(drill, true);
}

void RealStage::mend_feed(const DrillPlan& drill) {
  flaps_.erase(drill.name);
  command_feeds(drill, mending_of(drill));
}

void RealStage::command_feeds(const DrillPlan& drill, const std::vector<generators::FeedCommand>& commands) {
  for (const auto& feed : feeds_)
    for (const generators::FeedCommand& command : commands)
      for (std::size_t output = 0; output < feed->outputs(); ++output)
        if (strikes(drill, output == 0 ? FeedChoice::kPrimary : FeedChoice::kBackup)) feed->apply(command, output);
}

// Down for a second, up for a second.
void RealStage::flap(const DrillPlan& drill, bool up) {
  flaps_[drill.name] = timeline_.call_at(timeline_.now() + kFlap, [this, &drill, up] {
    command_feeds(drill, up ? mending_of(drill) : strike_of(drill));
    flap(drill, !up);
  });
}

std::optional<std::string> RealStage::failure() {
  if (watch_) watch_->ask();
  if (links_)
    if (const std::string reason = links_->lab().stats().failure; !reason.empty()) return "the links are broken: " + reason;
  return server_ ? server_->failure() : std::nullopt;
}

void RealStage::measure_from() {
  timeline_.reset_lateness();
  if (links_) links_->lab().measure_from();
  mark_ = {timeline_.now(), base::process_cpu_time(), server_ ? server_->cpu_time() : 0s, base::resident_bytes(),
           watch_ ? watch_->late_pictures() : 0};
}

reports::HarnessRow RealStage::measured(std::uint32_t sessions) {
  const double wall = std::max(1e-3, base::to_seconds(timeline_.refresh() - mark_.at));
  reports::HarnessRow row;
  row.loop_lag_p99_ms = timeline_.lateness().quantile(0.99) * 1e3;
  row.cpu_cores = base::to_seconds(base::process_cpu_time() - mark_.own) / wall;
  const base::Duration server = server_ ? server_->cpu_time() - mark_.server : base::Duration::zero();
  row.server_cpu_cores = std::max(0.0, base::to_seconds(server) / wall);
  row.network_backend = link_backend();
  if (links_)
    if (const netem::BackendStats stats = links_->lab().stats(); stats.lateness.count() > 0) {
      row.link_lateness_p50_ms = stats.lateness.quantile(0.5) * 1e3;
      row.link_lateness_p99_ms = stats.lateness.quantile(0.99) * 1e3;
    }
  if (sessions > 0)
    row.rss_per_player_kb = static_cast<double>(std::max<std::int64_t>(0, base::resident_bytes() - mark_.resident)) / 1024 / sessions;
  return row;
}

std::vector<std::string> RealStage::notes() const {
  std::vector<std::string> out;
  if (links_)
    out = links_->notes();
  else
    out.emplace_back("Links were not impaired: every network ran at the speed of this machine, so network names only label the cohorts.");
  if (const std::int64_t late = watch_ ? watch_->late_pictures() - mark_.late_pictures : 0; late > 0)
    out.push_back(fmt::format(
        "The reference server passed over {} pictures of \"{}\" because its encoders were behind: this machine was too slow for it, "
        "and segments that came late or not at all are its doing.",
        late, reference_stream(0)));
  if (scenario_.virtual_world)
    out.emplace_back(
        "The scenario's \"virtual\" section (edges, shield, origin, model, content) is for `rehearse simulate`; this run passed it over.");
  return out;
}

}  // namespace harness
