#include "harness/run/virtual_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/errors.h"
#include "base/text.h"
#include "harness/delivery/delivery_notes.h"
#include "harness/run/entrances.h"
#include "harness/run/feed_strikes.h"
#include "harness/run/probe_link.h"
#include "harness/scenario/link_words.h"
#include "harness/transport/model_notes.h"

namespace harness {
namespace {

using namespace base::literals;

// Virtual runs start at this moment, so that manifests and latencies do not depend on when they are run.
constexpr base::UtcTime kVirtualEpoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
constexpr std::int64_t kStreamAge = 5;  // segments that the stream has made when the run begins
constexpr std::size_t kListed = 8;      // segments, as the reference server does
// Of the reference server beside 200 viewers on two cores: what requests took beyond round trips, by tests/fidelity/worlds/compare.
constexpr base::Duration kThink = 500us, kLoginThink = 7ms;
// Without a packet for so long an SRT connection ends (SRTO_PEERIDLETIMEO, of which the server keeps the default).
constexpr base::Duration kSrtPatience = 5s;
// Of viewers whose requests are kept: some two million rows.
constexpr base::Duration kDetail = std::chrono::seconds{1'000'000};
constexpr std::size_t kSampled = 10'000;
constexpr base::Duration kShortestStretch = 1ms, kLongestStretch = 20ms;
// How far one viewer may be ahead of another: what they have on their way meanwhile is kept.
constexpr base::Duration kLongestLead = 1s;
constexpr std::size_t kViewersPerHall = 100, kMostHalls = 256;
constexpr std::size_t kMostHallsOfFollowers = 16;  // so that viewers find many of their kind there
bool speaks_http2(const Scenario& scenario) { return scenario.virtual_world && scenario.virtual_world->http == HttpVersion::k2; }

// The two ports of the reference server: a viewer connects to each.
std::string media_url(const Scenario& scenario) { return speaks_http2(scenario) ? "https://model" : "http://model"; }
std::string control_url(const Scenario& scenario) { return speaks_http2(scenario) ? "https://control.model" : "http://control.model"; }

ContentShape shape_of(const Scenario& scenario) {
  return scenario.virtual_world && scenario.virtual_world->content ? *scenario.virtual_world->content : ContentShape{};
}

std::size_t listed_segments(const ContentShape& shape) {
  return shape.window ? static_cast<std::size_t>(*shape.window / shape.segment) : kListed;
}

base::WallAnchor wall_of(const Scenario& scenario) {
  return {base::VirtualTimeline::kStart - kStreamAge * shape_of(scenario).segment, kVirtualEpoch};
}

// Another than the models know is cubic; notes() tell.
CongestionControl control_of(const Scenario& scenario) {
  return modelled_congestion_control(scenario.links.congestion_control).value_or(CongestionControl::kCubic);
}

ModelOptions transport_options(const Scenario& scenario) {
  return {.congestion_control = control_of(scenario), .http2 = speaks_http2(scenario), .seed = scenario.seed};
}

ContributionModel::Options contribution_options(const Contribution& contribution) {
  return {.switch_after = contribution.switch_after,
          .failback_after = contribution.failback_after,
          .backup = contribution.backup.has_value(),
          .slate = contribution.slate};
}

// Throws base::InvalidInput.
ReferenceModel::Options server_options(const Scenario& scenario) {
  const auto* reference = std::get_if<ReferenceTarget>(&scenario.target);
  if (reference == nullptr)
    throw base::InvalidInput(
        scenario.file,
        {{"target.url",
          "cannot be simulated: only the reference target has a model; use \"target\": {\"reference\": {}} or `rehearse run`"}});
  const ContentShape shape = shape_of(scenario);
  std::vector<ReferenceModel::Rung> ladder;
  for (const ContentShape::Rung& rung : shape.ladder) ladder.push_back({rung.width, rung.height, rung.bitrate});
  return {.media_url = media_url(scenario),
          .live = scenario.content.kind == ContentKind::kLive,
          .channels = reference->channels,
          .ladder = std::move(ladder),
          .audio = shape.audio,
          .audio_muxed = shape.audio_muxed,
          .segment_duration = shape.segment,
          .listed_segments = listed_segments(shape),
          .blocking_reload = shape.blocking_reload,
          .loss_after = ContributionModel{contribution_options(scenario.content.contribution)}.loss_after(),
          .vod_duration = shape.duration,
          .token_lifetime = reference->token_lifetime,
          .think = scenario.virtual_world ? 0s : kThink,  // a model says it
          .login_think = scenario.virtual_world ? 0s : kLoginThink,
          .wall = wall_of(scenario),
          .seed = scenario.seed};
}

// Of the viewers' links and of what regions share. On a link without a rate nothing waits.
std::string queue_words(const netem::ImpairmentSpec& way) {
  if (std::holds_alternative<netem::Unlimited>(way.rate)) return {};
  const netem::QueueLimit limit = netem::queue_limit_of(way);
  const auto* bytes = std::get_if<base::ByteCount>(&limit);
  return fmt::format(
      ", queue {}{}",
      bytes != nullptr ? fmt::format("{:g} kB", static_cast<double>(bytes->count()) / 1e3) : base::to_text(std::get<base::Duration>(limit)),
      way.queue == limit ? "" : " (assumed: none is given)");
}

std::string content_words(const Scenario& scenario) {
  const ContentShape shape = shape_of(scenario);
  const bool live = scenario.content.kind == ContentKind::kLive, given = scenario.virtual_world && scenario.virtual_world->content;
  std::vector<std::string> rungs;
  for (const ContentShape::Rung& rung : shape.ladder) rungs.push_back(fmt::format("{}p at {}", rung.height, base::to_text(rung.bitrate)));
  return fmt::format("The content is as the {}: segments of {}, {}; audio at {}, {}{}{}.",
                     given ? "scenario says" : "reference server makes it", base::to_text(shape.segment), fmt::join(rungs, ", "),
                     base::to_text(shape.audio), shape.audio_muxed ? "muxed" : "apart",
                     live ? "" : fmt::format("; {} of it", base::to_text(shape.duration)),
                     shape.blocking_reload ? "; HLS playlists are held until they list what they are asked for" : "");
}

// What no scenario says of it.
std::string segment_words(const Scenario& scenario) {
  using Model = ReferenceModel;
  const ContentShape shape = shape_of(scenario);
  const bool live = scenario.content.kind == ContentKind::kLive;
  const base::Duration fresh = Model::documents_fresh_for(live, shape.segment);
  return fmt::format(
      "Segments differ in size, by the seed: video from {:.3g} to {:.3g} times its bitrate, audio from {:.3g} to {:.3g} (measured of the "
      "reference server's encoders); an init segment has {}. Playlists and manifests may be kept {}, segments for a year, as the reference "
      "server says.{}",
      Model::kVideoMean - Model::kVideoSpread, Model::kVideoMean + Model::kVideoSpread, Model::kAudioMean - Model::kAudioSpread,
      Model::kAudioMean + Model::kAudioSpread, base::to_text(Model::kInitSize),
      fresh == base::Duration{} ? "and are asked for anew" : "for " + base::to_text(fresh),
      live ? fmt::format(" {} segments are there when the run begins; {} are listed.", kStreamAge, listed_segments(shape)) : "");
}

// No request is on its way for less, but for those that are put off by a moment where a network has no delay.
base::Duration shortest_way_up(const Scenario& scenario) {
  base::Duration shortest = kLongestStretch;
  for (const auto& [name, network] : scenario.networks) {
    shortest = std::min(shortest, network.link.up.delay);
    for (const auto* way : {&network.link.up, &network.link.down})
      if (const auto* trace = std::get_if<std::shared_ptr<const netem::Trace>>(&way->rate))
        for (const netem::TraceStep& step : (*trace)->steps)
          if (step.rtt) shortest = std::min<base::Duration>(shortest, *step.rtt / 2);
  }
  return std::max(shortest, kShortestStretch);
}

std::string contribution_words(const Contribution& contribution) {
  const ContributionModel model{contribution_options(contribution)};
  std::string words = "The contribution, by the rules of the reference server:";
  if (contribution.backup)
    words += fmt::format(
        " nothing comes out until the other feed takes over, {} after the last picture, at once where an RTMP connection has ended and {} "
        "after an SRT one has; the primary comes back after {} of its pictures, the other having been on air for {}.",
        base::to_text(contribution.switch_after), base::to_text(kSrtPatience), base::to_text(contribution.failback_after),
        base::to_text(ContributionModel::kDwell));
  if (contribution.slate)
    words += fmt::format(" A slate is on air {} after the last picture, until pictures have come for {}.",
                         base::to_text(model.slate_after()), base::to_text(ContributionModel::kSteady));
  else
    words += fmt::format(" {} after the last picture it is lost: slots are gaps until one begins with a feed on air.",
                         base::to_text(model.loss_after()));
  return words +
         " Assumed: a feed that is back sends at once; a switch to the backup loses no picture; what is degraded or restarted changes "
         "nothing for the players.";
}

bool takes_feeds_away(const DrillPlan& drill) {
  return drill.inject == DrillKind::kContributionLoss || drill.inject == DrillKind::kBothLost;
}

// Of the audience alone, so that a run does not depend on the machine.
std::size_t halls_for(const Scenario& scenario) {
  const RepresentativePlan* plan = scenario.representatives();
  if (plan == nullptr) return std::clamp<std::size_t>(scenario.sessions / kViewersPerHall, 1, kMostHalls);
  return std::clamp<std::size_t>(scenario.sessions / kViewersPerHall / plan->of, 1, kMostHallsOfFollowers);
}

}  // namespace

void check_model(const Scenario& scenario) { static_cast<void>(server_options(scenario)); }

VirtualHall::VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, const ReferenceModel::Options& server,
                         std::size_t halls)
    : scenario_{scenario},
      bottlenecks_{bottlenecks},
      shares_(bottlenecks.count()),
      halls_{halls},
      server_{std::make_unique<ReferenceModel>(server)},
      transport_{clock_, *server_, [this](base::ViewerId viewer) { return link_of(viewer); }, transport_options(scenario)} {}

VirtualHall::VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, SharedServer& shared, EdgeTier& edges)
    : scenario_{scenario},
      bottlenecks_{bottlenecks},
      shares_(bottlenecks.count()),
      edges_{&edges},
      desk_{&shared.open_desk(clock_)},
      transport_{clock_, *desk_, [this](base::ViewerId viewer) { return link_of(viewer); }, transport_options(scenario)} {}

VirtualHall::VirtualHall(const Scenario& scenario, const RegionBottlenecks& bottlenecks, SharedServer& shared, EdgeTier& edges,
                         std::size_t viewers, std::size_t halls)
    : scenario_{scenario},
      bottlenecks_{bottlenecks},
      shares_(bottlenecks.count()),
      lanes_{std::make_unique<base::LaneTimeline>(viewers + 1)},
      halls_{halls},
      edges_{&edges},
      desk_{&shared.open_desk(*lanes_)},
      transport_{*lanes_, *desk_, [this](base::ViewerId viewer) { return link_of(viewer); }, transport_options(scenario)} {}

void VirtualHall::with(base::ViewerId viewer, const std::function<void()>& act) {
  lanes_ ? lanes_->enter(place_of(viewer) + 1, act) : act();
}

ModelLink VirtualHall::link_of(base::ViewerId viewer) {
  const Use use = uses_.at(place_of(viewer));
  if (use.is_probe) return {probe_link(), use.origin, nullptr};
  const Cohort& cohort = scenario_.cohorts[use.cohort];
  const auto bottleneck = bottlenecks_.index_of(cohort.region);
  return {scenario_.networks.at(cohort.network).link, use.origin, bottleneck ? &shares_[*bottleneck] : nullptr};
}

void VirtualHall::add_up(std::vector<BottleneckShare>& sums) const {
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    sums[i].came_down += shares_[i].came_down;
    sums[i].came_up += shares_[i].came_up;
  }
}

void VirtualHall::end_turn(bool changed) {
  if (changed)
    for (const base::ViewerId viewer : *behind_bottlenecks_) transport_.come_up_to_now(viewer);
  for (std::size_t i = 0; i < shares_.size(); ++i) shares_[i] = {.down = bottlenecks_.down(i), .up = bottlenecks_.up(i)};
  if (changed)
    for (const base::ViewerId viewer : *behind_bottlenecks_) with(viewer, [&] { transport_.renew(viewer); });
}

LinkFacts VirtualHall::disconnect(base::ViewerId viewer) {
  if (edges_ != nullptr) edges_->leave(viewer);
  return {};
}

void VirtualHall::leave(base::ViewerId viewer) {
  if (desk_ != nullptr) desk_->leave(viewer);
}

VirtualStage::VirtualStage(const Scenario& scenario, unsigned threads)
    : scenario_{scenario},
      bottlenecks_{scenario.bottlenecks},
      contribution_{contribution_options(scenario.content.contribution)},
      pool_{threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency())} {
  if (scenario.virtual_world) open_servers(*scenario.virtual_world);
  own_ = shared_ ? std::make_unique<VirtualHall>(scenario, bottlenecks_, *shared_, *edges_)
                 : std::make_unique<VirtualHall>(scenario, bottlenecks_, server_options(scenario));
  const std::size_t halls = halls_for(scenario);
  for (std::size_t i = 0; i < halls; ++i)
    halls_.push_back(shared_ ? std::make_unique<VirtualHall>(scenario, bottlenecks_, *shared_, *edges_,
                                                             (scenario.sessions - i + halls - 1) / halls, halls)
                             : std::make_unique<VirtualHall>(scenario, bottlenecks_, server_options(scenario), halls));
  if (bottlenecks_.count() > 0) next_turn_ = own_->clock().now() + Bottleneck::kTurn;
  measure_from();  // again once the run is live: one that ends before tells of its warm-up
}

VirtualStage::~VirtualStage() = default;

void VirtualStage::open_servers(const VirtualWorld& world) {
  const ReferenceModel::Options options = server_options(scenario_);
  content_ = std::make_unique<ReferenceModel>(options);
  edges_ = std::make_unique<EdgeTier>(
      *content_, world,
      EdgeTier::Options{.live = options.live,
                        .renditions = options.channels * options.ladder.size(),
                        .segment_duration = options.segment_duration,
                        .wall = options.wall,
                        .made = kStreamAge * options.segment_duration,
                        .seed = options.seed,
                        .edge_host = media_url(scenario_),
                        .region_of = [this](base::ViewerId viewer) { return scenario_.cohorts[hall_of(viewer).cohort_of(viewer)].region; },
                        .access = [this](base::Instant now, const TransportRequest& request) { return content_->access(now, request); }});
  shared_ = std::make_unique<SharedServer>(*edges_);
  stretch_ = shortest_way_up(scenario_);
}

// Probes are numbered above the audience.
VirtualHall& VirtualStage::hall_of(base::ViewerId viewer) {
  return index_of(viewer) < scenario_.sessions ? *halls_[index_of(viewer) % halls_.size()] : *own_;
}

bool VirtualStage::run_until(const std::function<bool()>& done, base::Instant deadline) {
  base::VirtualTimeline& clock = own_->clock();
  while (!done()) {
    base::Instant next = std::min(deadline, clock.next_due().value_or(deadline));
    if (shared_) next = std::min(next, clock.now() + kLongestLead);
    next = std::min(next, next_turn_);
    run_halls_before(next);
    if (clock.run_until(done, next)) return true;
    clock.run_until(next);
    if (next == next_turn_) turn_bottlenecks();
    memory_.follow();
    if (next == deadline) return false;
  }
  return true;
}

void VirtualStage::run_halls_before(base::Instant when) {
  pool_.run(halls_.size(), [&](std::size_t i) { halls_[i]->run_before(when); });
  if (!shared_) return;
  // All stand at the first arrival or later: what they ask from then on takes its time to get there.
  for (auto first = shared_->next_arrival(); first && *first <= when; first = shared_->next_arrival()) {
    shared_->answer_through(std::min(when, *first + stretch_ - base::Duration{1}));
    pool_.run(halls_.size(), [&](std::size_t i) { halls_[i]->run_on(); });
  }
}

void VirtualStage::turn_bottlenecks() {
  pool_.run(halls_.size(), [&](std::size_t i) { halls_[i]->tell_bottlenecks(); });
  own_->tell_bottlenecks();
  std::vector<BottleneckShare> sums(bottlenecks_.count());
  own_->add_up(sums);
  for (const auto& hall : halls_) hall->add_up(sums);
  const bool changed = bottlenecks_.pass(next_turn_, sums);
  pool_.run(halls_.size(), [&](std::size_t i) { halls_[i]->end_turn(changed); });
  own_->end_turn(changed);
  next_turn_ += Bottleneck::kTurn;
}

// Figures of servers and bottlenecks count from here.
void VirtualStage::measure_from() {
  if (edges_) edges_->measure_from(own_->timeline().now());
  bottlenecks_.measure_from(own_->timeline().now());
}

std::vector<reports::DeliveryRow> VirtualStage::delivery() const {
  std::vector<reports::DeliveryRow> rows = edges_ ? edges_->rows() : std::vector<reports::DeliveryRow>{};
  for (reports::DeliveryRow& row : bottlenecks_.rows()) rows.push_back(std::move(row));
  return rows;
}

DetailLimits VirtualStage::detail_limits() const {
  auto rows = static_cast<std::size_t>(std::max<std::int64_t>(1, kDetail / scenario_.duration));
  // They play to the end themselves.
  if (const RepresentativePlan* plan = scenario_.representatives()) rows = std::clamp<std::size_t>(scenario_.sessions / plan->of, 1, rows);
  return {.rows = rows, .samples = kSampled};
}

base::WallAnchor VirtualStage::wall() { return wall_of(scenario_); }

template <class Lever>
void VirtualStage::pull(const Lever& lever) {
  if (content_) return lever(*content_);
  lever(*own_->server());
  for (const auto& hall : halls_) lever(*hall->server());
}

void VirtualStage::strike_feed(const DrillPlan& drill) {
  if (!takes_feeds_away(drill)) return;
  const bool flaps = drill.loss == LossManner::kFlap;
  const base::Instant end = own_->timeline().now() + drill.lasts;
  set_feeds(drill, false, flaps ? std::min(kFlap, drill.lasts) : drill.lasts);
  if (flaps) flap(drill, true, end);
}

void VirtualStage::mend_feed(const DrillPlan& drill) {
  flaps_.erase(drill.name);
  if (takes_feeds_away(drill)) set_feeds(drill, true, {});
}

void VirtualStage::flap(const DrillPlan& drill, bool up, base::Instant end) {
  flaps_[drill.name] = own_->timeline().call_at(own_->timeline().now() + kFlap, [this, &drill, up, end] {
    set_feeds(drill, up, std::min(kFlap, end - own_->timeline().now()));
    flap(drill, !up, end);
  });
}

void VirtualStage::set_feeds(const DrillPlan& drill, bool alive, base::Duration lasts) {
  const base::Instant now = own_->timeline().now();
  const Contribution& contribution = scenario_.content.contribution;
  const auto set = [&](ContributionModel::Feed feed, ContributionProtocol protocol) {
    std::optional<base::Duration> ends;
    if (drill.loss != LossManner::kStall) ends = protocol == ContributionProtocol::kSrt ? kSrtPatience : 0s;
    alive ? contribution_.regain(feed, now) : contribution_.lose(feed, ends, now, now + lasts);
  };
  if (strikes(drill, FeedChoice::kPrimary)) set(ContributionModel::Feed::kPrimary, contribution.protocol);
  if (contribution.backup && strikes(drill, FeedChoice::kBackup)) set(ContributionModel::Feed::kBackup, *contribution.backup);
  follow_contribution();
}

// What viewers get is all that is modelled: from encoders that have fallen behind, as much later.
void VirtualStage::follow_contribution() {
  const base::Instant now = own_->timeline().now();
  contribution_.advance(now);
  const base::Instant encoded = edges_ ? edges_->encoded_at(now) : now;
  if (encoded == now)
    put_out(contribution_, now);
  else
    behind_.push_back(own_->timeline().call_at(encoded, [this, now, then = contribution_] { put_out(then, now); }));
  contribution_timer_ = {};
  if (const auto next = contribution_.next_change())
    contribution_timer_ = own_->timeline().call_at(*next, [this] { follow_contribution(); });
}

void VirtualStage::put_out(const ContributionModel& contribution, base::Instant since) {
  pull([&](ReferenceModel& server) {
    switch (contribution.output()) {
      case ContributionModel::Output::kFlows:
        return server.resume(since);
      case ContributionModel::Output::kHalted:
        return server.halt(contribution.halted_at(), {contribution.halted_until(), contribution.is_lost_next()});
      case ContributionModel::Output::kLost:
        return server.lose(contribution.halted_at(), since);
    }
  });
}

std::string VirtualStage::manifest_url(StreamingProtocol protocol, std::size_t channel) const {
  return fmt::format("{}/{}/{}/{}", media_url(scenario_), scenario_.content.kind == ContentKind::kLive ? "live" : "vod",
                     reference_stream(channel), protocol == StreamingProtocol::kHls ? "master.m3u8" : "manifest.mpd");
}

std::optional<TokenSource> VirtualStage::token_source(std::size_t channel) const {
  const std::string control = control_url(scenario_);
  return TokenSource{
      .token_url = control + "/v1/tokens", .refresh_url = control + "/v1/tokens/refresh", .stream = reference_stream(channel)};
}

std::optional<Entrance> VirtualStage::entrance(PathKind path, std::size_t channel) const {
  return reference_entrance(path, media_url(scenario_), control_url(scenario_), reference_stream(channel));
}

void VirtualStage::expire_tokens(const std::string& group, std::function<void(std::string)>) {
  pull([&](ReferenceModel& server) { server.expire_group(group); });
}

std::vector<std::string> VirtualStage::notes() const {
  std::vector<std::string> out{
      "Virtual run: the server and the links are models; no byte crossed a network.",
      fmt::format(
          "Each viewer's link has its network's rates, delays, jitter, queue, losses, duplicates and reordering; downloads cross it under "
          "TCP's congestion control ({}, {} from {} packets), a window a round trip and not packet by packet. Not modelled: "
          "full queues and losses on the way up beyond lost requests.",
          speaks_http2(scenario_) ? "HTTP/2 over TLS 1.3" : "HTTP/1.1",
          control_of(scenario_) == CongestionControl::kBbr ? "bbr of version 1, startup" : "cubic, slow start",
          transport_options(scenario_).initial_window) +
          (edges_ ? std::string{}
                  : fmt::format(" Assumed: the server thinks {} before each answer, {} before that to a login (a password is hashed), "
                                "as the reference server did on two cores, and is never full.",
                                base::to_text(kThink), base::to_text(kLoginThink)))};
  for (std::string& note : transport_notes(transport_options(scenario_))) out.push_back(std::move(note));
  out.push_back(browser_cache_note());
  if (const std::string& word = scenario_.links.congestion_control; !modelled_congestion_control(word))
    out.push_back(fmt::format("links.congestion_control: {} is not modelled; cubic stands in for it. Modelled are cubic and bbr.", word));
  out.push_back(content_words(scenario_));
  out.push_back(segment_words(scenario_));
  if (edges_)
    for (std::string& note : delivery_notes(*scenario_.virtual_world, edges_->rows())) out.push_back(std::move(note));
  if (std::any_of(scenario_.drills.begin(), scenario_.drills.end(), is_of_contribution))
    out.push_back(contribution_words(scenario_.content.contribution));
  for (const auto& [name, network] : scenario_.networks)
    out.push_back(fmt::format("Network {}: down {}{}; up {}; round trip {}.", name, in_words(network.link.down),
                              queue_words(network.link.down), in_words(network.link.up), base::to_text(netem::base_rtt(network.link))));
  for (const auto& [region, link] : scenario_.bottlenecks)
    out.push_back(fmt::format(
        "The viewers of {} share a link: down {}{}; up {}{}. It is a queue of which all packets wait as long as it is at the "
        "begin of each {}, and lose what it has no room for: {:g} % of what comes in that time at most, up to {:g} % where more "
        "is to be lost than it holds (assumed). Its limit counts as met in a second in which it is full and {:g} % used.",
        region, in_words(link.down), queue_words(link.down), in_words(link.up), queue_words(link.up), base::to_text(Bottleneck::kTurn),
        Bottleneck::kUsualLoss * 100, Bottleneck::kMostLoss * 100, RegionBottlenecks::kBusy * 100));
  return out;
}

}  // namespace harness
