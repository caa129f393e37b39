#include "netem/kernel/kernel_links.h"

#include <mutex>
#include <unordered_map>

#include "base/ensure.h"
#include "base/steady_timeline.h"
#include "netem/kernel/device_tree.h"
#include "netem/kernel/playback.h"
#include "netem/kernel/queue_counters.h"

namespace netem {
namespace {

// Playback keys: a bottleneck's direction is its index, a player's its address, and the lowest bit is the way.
constexpr Playback::Key kPlayerKey = Playback::Key{1} << 63;
constexpr Playback::Key key_of_player(Ipv4 address, Way way) { return kPlayerKey | Playback::Key{address} << 1 | (way == Way::kUp); }
constexpr Playback::Key key_of_bottleneck(std::size_t index, Way way) { return Playback::Key{index} << 1 | (way == Way::kUp); }
constexpr Way way_of(Playback::Key key) { return (key & 1) != 0 ? Way::kUp : Way::kDown; }

const ImpairmentSpec& side_of(const LinkSpec& link, Way way) { return way == Way::kDown ? link.down : link.up; }

// One direction: a tree on the sending device, and what its players are set to.
class Direction {
 public:
  struct Options {
    Way way = Way::kDown;
    DeviceTree::Options tree{};
    const std::vector<Bottleneck>* bottlenecks = nullptr;
    base::Instant now{};
  };

  explicit Direction(const Options& options) : way_{options.way}, tree_{with_bottlenecks(options)} {
    for (const Bottleneck& each : *options.bottlenecks)
      bottlenecks_.push_back({side_of(each.link, way_), RateSchedule{side_of(each.link, way_).rate, options.now}});
  }

  void plug(const PlayerLink& player, base::Instant now) {
    const ImpairmentSpec* shared = player.bottleneck ? &bottlenecks_.at(*player.bottleneck).spec : nullptr;
    Shaper shaper{side_of(player.link, way_), way_, player.origin, shared};
    const auto found = players_.find(player.address);
    if (found == players_.end())
      add(player, std::move(shaper), {}, now);
    else if (found->second.bottleneck == player.bottleneck)
      replace(player.address, found->second, std::move(shaper), now);
    else
      add(player, std::move(shaper), unplug(player.address), now);  // a class cannot move to another parent
  }

  LinkCounters unplug(Ipv4 address) {
    const LinkCounters counters = read(address);
    tree_.remove(address);
    players_.erase(address);
    return counters;
  }

  LinkCounters read(Ipv4 address) {
    const Player& player = players_.at(address);
    LinkCounters out = player.before;
    out += counters_between(player.from, tree_.statistics(address), player.shaper);
    return out;
  }

  // The next step's instant is returned, here and below.
  std::optional<base::Instant> take_step(Ipv4 address, base::Instant now) {
    const Player& player = players_.at(address);
    tree_.change(address, shaping_of(player, now));
    return player.shaper.next_change(now);
  }
  std::optional<base::Instant> next_step(Ipv4 address, base::Instant now) const { return players_.at(address).shaper.next_change(now); }
  std::optional<base::Instant> take_bottleneck_step(std::size_t index, base::Instant now) {
    const Shared& shared = bottlenecks_[index];
    tree_.set_bottleneck(index, class_rate(shared.schedule, shared.spec, now));
    for (const auto& [address, player] : players_)
      if (player.bottleneck == index) tree_.change(address, shaping_of(player, now));
    return shared.schedule.next_change(now);
  }

  bool has(Ipv4 address) const { return players_.contains(address); }
  DeviceTree::Totals totals() { return tree_.totals(); }

 private:
  struct Player {
    Shaper shaper;
    std::optional<std::size_t> bottleneck;
    QueueStatistics from{};  // when this shaper began
    LinkCounters before{};   // of those it replaced
  };
  struct Shared {
    ImpairmentSpec spec;
    RateSchedule schedule;
  };

  static DeviceTree::Options with_bottlenecks(const Options& options) {
    DeviceTree::Options out = options.tree;
    for (const Bottleneck& each : *options.bottlenecks) {
      const ImpairmentSpec& spec = side_of(each.link, options.way);
      out.bottlenecks.push_back(class_rate(RateSchedule{spec.rate, options.now}, spec, options.now));
    }
    return out;
  }

  // What has its outage holds all that go through it.
  Shaping shaping_of(const Player& player, base::Instant now) const {
    Shaping out = player.shaper.at(now);
    if (player.bottleneck && is_outage(bottlenecks_[*player.bottleneck].schedule, now)) out.netem.held = true;
    return out;
  }

  void add(const PlayerLink& player, Shaper shaper, const LinkCounters& before, base::Instant now) {
    Player added{.shaper = std::move(shaper), .bottleneck = player.bottleneck, .before = before};
    tree_.add(player.address, shaping_of(added, now), player.bottleneck);
    players_.emplace(player.address, std::move(added));
  }

  void replace(Ipv4 address, Player& player, Shaper shaper, base::Instant now) {
    const QueueStatistics so_far = tree_.statistics(address);
    player.before += counters_between(player.from, so_far, player.shaper);
    player.from = so_far;
    player.shaper = std::move(shaper);
    tree_.change(address, shaping_of(player, now));
  }

  Way way_;
  DeviceTree tree_;
  std::unordered_map<Ipv4, Player> players_;
  std::vector<Shared> bottlenecks_;
};

}  // namespace

// The lock guards everything: calls come from one thread, steps of traces from the playback's.
class KernelLinks::Impl {
 public:
  explicit Impl(const Options& options)
      : bottlenecks_{options.bottlenecks},
        origin_{base::steady_now()},
        down_{{.way = Way::kDown,
               .tree = {.space = options.servers, .device = options.servers_device, .field = AddressField::kDestination},
               .bottlenecks = &bottlenecks_,
               .now = origin_}},
        up_{{.way = Way::kUp,
             .tree = {.space = options.players, .device = options.players_device, .field = AddressField::kSource},
             .bottlenecks = &bottlenecks_,
             .now = origin_}},
        playback_{lock_, [this](Playback::Key key, base::Instant now) { return take_step(key, now); }} {
    const std::lock_guard guard{lock_};
    for (std::size_t i = 0; i < bottlenecks_.size(); ++i)
      for (const Way way : {Way::kDown, Way::kUp})
        playback_.schedule(key_of_bottleneck(i, way), side(way).take_bottleneck_step(i, origin_));
  }

  void plug(const PlayerLink& player) {
    const std::lock_guard guard{lock_};
    const base::Instant now = base::steady_now();
    const bool is_new = !down_.has(player.address);
    down_.plug(player, now);
    try {
      up_.plug(player, now);
    } catch (...) {
      if (is_new) down_.unplug(player.address);
      throw;
    }
    for (const Way way : {Way::kDown, Way::kUp})
      playback_.schedule(key_of_player(player.address, way), side(way).next_step(player.address, now));
  }

  LinkReading unplug(Ipv4 address) {
    const std::lock_guard guard{lock_};
    for (const Way way : {Way::kDown, Way::kUp}) playback_.cancel(key_of_player(address, way));
    return {.down = down_.unplug(address), .up = up_.unplug(address)};
  }

  LinkReading read(Ipv4 address) {
    const std::lock_guard guard{lock_};
    return {.down = down_.read(address), .up = up_.read(address)};
  }

  BackendStats stats() {
    const std::lock_guard guard{lock_};
    const DeviceTree::Totals down = down_.totals(), up = up_.totals();
    return {.packets = down.packets + up.packets,
            .bytes = down.bytes + up.bytes,
            .unroutable = down.strangers + up.strangers,
            .failure = playback_.failure()};
  }

 private:
  Direction& side(Way way) { return way == Way::kDown ? down_ : up_; }

  std::optional<base::Instant> take_step(Playback::Key key, base::Instant now) {
    Direction& direction = side(way_of(key));
    return (key & kPlayerKey) != 0 ? direction.take_step(static_cast<Ipv4>(key >> 1), now)
                                   : direction.take_bottleneck_step(static_cast<std::size_t>(key >> 1), now);
  }

  std::mutex lock_;
  std::vector<Bottleneck> bottlenecks_;
  base::Instant origin_;  // of the bottlenecks' traces
  Direction down_, up_;
  Playback playback_;
};

KernelLinks::KernelLinks(const Options& options) : impl_{std::make_unique<Impl>(options)} {}
KernelLinks::~KernelLinks() = default;
void KernelLinks::plug(const PlayerLink& player) { impl_->plug(player); }
LinkReading KernelLinks::unplug(Ipv4 address) { return impl_->unplug(address); }
LinkReading KernelLinks::read(Ipv4 address) { return impl_->read(address); }
BackendStats KernelLinks::stats() { return impl_->stats(); }
void KernelLinks::measure_from() {}

}  // namespace netem
