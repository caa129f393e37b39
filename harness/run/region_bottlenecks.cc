#include "harness/run/region_bottlenecks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "base/virtual_timeline.h"
#include "harness/transport/fluid_tcp.h"

namespace harness {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds{1};

std::optional<base::Bitrate> rate_of(const netem::Rate& rate) {
  const auto* constant = std::get_if<base::Bitrate>(&rate);
  return constant != nullptr ? std::optional{*constant} : std::nullopt;
}

}  // namespace

RegionBottlenecks::RegionBottlenecks(const std::map<std::string, netem::LinkSpec>& bottlenecks)
    : last_turn_{base::VirtualTimeline::kStart} {
  for (const auto& [region, link] : bottlenecks) regions_.push_back({.name = region, .down = Way{link.down}, .up = Way{link.up}});
}

std::optional<std::size_t> RegionBottlenecks::index_of(const std::string& region) const {
  const auto found = std::find_if(regions_.begin(), regions_.end(), [&](const Region& each) { return each.name == region; });
  return found == regions_.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - regions_.begin())};
}

bool RegionBottlenecks::pass(base::Instant now, const std::vector<BottleneckShare>& sums) {
  ENSURE(sums.size() == regions_.size());
  const base::Duration took = now - last_turn_;
  last_turn_ = now;
  bool changed = false;
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    changed = regions_[i].down.pass(now, took, sums[i].came_down) || changed;
    changed = regions_[i].up.pass(now, took, sums[i].came_up) || changed;
  }
  return changed;
}

void RegionBottlenecks::measure_from(base::Instant now) {
  for (Region& each : regions_) {
    each.down.meter.begin(now);
    each.up.meter.begin(now);
  }
}

std::vector<reports::DeliveryRow> RegionBottlenecks::rows() const {
  std::vector<reports::DeliveryRow> out;
  for (const Region& each : regions_) {
    if (each.down.rate) out.push_back(each.down.row(each.name, "down"));
    if (each.up.rate) out.push_back(each.up.row(each.name, "up"));
  }
  return out;
}

RegionBottlenecks::Way::Way(const netem::ImpairmentSpec& spec) : rate{rate_of(spec.rate)}, queue{spec} {}

bool RegionBottlenecks::Way::pass(base::Instant now, base::Duration took, double bytes) {
  const Toll before = std::exchange(toll, queue.pass(took, bytes));
  meter.sent(now, base::ByteCount::bytes(static_cast<std::int64_t>(bytes)));
  meter.waited(toll.wait);
  lost += bytes / kFluidPacket * before.loss / (1 - before.loss);
  const auto whole = static_cast<std::uint64_t>(lost);
  meter.refused(whole);
  lost -= static_cast<double>(whole);
  if (rate) look_for_limit(now, took, bytes);
  return toll != before;
}

// A burst of a few fills any queue: it is the limit where it is full and little of a second was left unused.
void RegionBottlenecks::Way::look_for_limit(base::Instant now, base::Duration took, double bytes) {
  looked_at_for += took;
  carried += bytes;
  was_full = was_full || queue.is_full();
  if (looked_at_for < kSecond) return;
  const double most = static_cast<double>(rate->bps()) / 8 * base::to_seconds(looked_at_for);
  if (was_full && carried >= kBusy * most) meter.exceeded(now, ServerLimit::kLink, 0);
  looked_at_for = {};
  carried = 0;
  was_full = false;
}

reports::DeliveryRow RegionBottlenecks::Way::row(const std::string& region, const char* direction) const {
  reports::DeliveryRow row = meter.row();
  row.server = fmt::format("{} {}", region, direction);
  row.role = "bottleneck";
  row.region = region;
  row.egress_limit = static_cast<double>(rate->bps());
  row.first_limit_connections.reset();
  return row;
}

}  // namespace harness
