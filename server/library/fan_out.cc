#include "server/library/fan_out.h"

#include <fmt/format.h>

#include <algorithm>

namespace server {
namespace {}  // namespace

FanOut::FanOut(Options options, prometheus::Registry& registry) : options_{std::move(options)}, registry_{registry} {
  for (const ForwardSpec& spec : options_.destinations) put(spec);
}

FanOut::~FanOut() { ask_to_stop(); }

void FanOut::ask_to_stop() {
  const std::lock_guard lock{mutex_};
  for (const Entry& entry : entries_) entry.forwarder->ask_to_stop();
}

void FanOut::offer(ForwardWhat what, const MediaPacket& packet) {
  const std::lock_guard lock{mutex_};
  for (const Entry& entry : entries_) {
    if (entry.forwarder->spec().what == what) entry.forwarder->offer(packet);
  }
}

base::Result<void> FanOut::add(ForwardSpec spec) {
  if (const auto checked = check_forward(spec, options_.has_backup); checked.has_error()) return checked;
  const std::lock_guard lock{mutex_};
  if (entries_.size() >= kMostForwards) return base::error(fmt::format("a stream has {} destinations at the most", kMostForwards));
  if (std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.forwarder->spec().name == spec.name; }))
    return base::error(fmt::format("name: the stream '{}' has a destination '{}' already", options_.stream, spec.name));
  put(std::move(spec));
  return {};
}

void FanOut::put(ForwardSpec spec) {
  auto metrics = std::make_unique<ForwardMetrics>(registry_, options_.stream, spec.name);
  entries_.push_back({std::make_unique<Forwarder>(std::move(spec), Forwarder::Options{.limits = {}, .on_change = options_.on_change}),
                      std::move(metrics)});
}

std::unique_ptr<Forwarder> FanOut::take(const std::string& destination) {
  const std::lock_guard lock{mutex_};
  const auto at = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.forwarder->spec().name == destination; });
  if (at == entries_.end()) return nullptr;
  std::unique_ptr<Forwarder> taken = std::move(at->forwarder);
  entries_.erase(at);
  return taken;
}

base::Result<void> FanOut::run(const std::string& destination, bool run) {
  const std::lock_guard lock{mutex_};
  const auto at = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.forwarder->spec().name == destination; });
  if (at == entries_.end()) return base::error(fmt::format("the stream '{}' has no destination '{}'", options_.stream, destination));
  run ? at->forwarder->start() : at->forwarder->stop();
  return {};
}

std::vector<ForwardStatus> FanOut::status() const {
  const std::lock_guard lock{mutex_};
  std::vector<ForwardStatus> all;
  for (const Entry& entry : entries_) all.push_back(entry.forwarder->status());
  return all;
}

void FanOut::measure() {
  const std::lock_guard lock{mutex_};
  for (const Entry& entry : entries_) entry.metrics->note(entry.forwarder->status());
}

}  // namespace server
