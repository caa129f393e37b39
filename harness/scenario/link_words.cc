#include "harness/scenario/link_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace harness {
namespace {

using TracePtr = std::shared_ptr<const netem::Trace>;

std::string rate_words(base::Bitrate rate) {
  const auto bps = static_cast<double>(rate.bps());
  if (bps >= 1e6) return fmt::format("{:.3g} Mbit/s", bps / 1e6);
  if (bps >= 1e3) return fmt::format("{:.3g} kbit/s", bps / 1e3);
  return fmt::format("{:g} bit/s", bps);
}

std::string trace_words(const netem::Trace& trace) {
  const auto slower = [](const netem::TraceStep& a, const netem::TraceStep& b) { return a.rate < b.rate; };
  const auto [least, most] = std::minmax_element(trace.steps.begin(), trace.steps.end(), slower);
  return fmt::format("trace {}, {} on average ({} to {})", trace.name, rate_words(netem::mean_rate(trace)), rate_words(least->rate),
                     rate_words(most->rate));
}

std::string rate_words(const netem::Rate& rate) {
  if (const auto* constant = std::get_if<base::Bitrate>(&rate)) return rate_words(*constant);
  if (const auto* trace = std::get_if<TracePtr>(&rate)) return trace_words(**trace);
  return "unlimited";
}

void add_share(std::string& text, double share, const char* what) {
  if (share > 0) text += fmt::format(", {:.3g} % {}", share * 100, what);
}

std::optional<double> mean_bps(const netem::Rate& rate) {
  if (const auto* constant = std::get_if<base::Bitrate>(&rate)) return static_cast<double>(constant->bps());
  if (const auto* trace = std::get_if<TracePtr>(&rate)) return static_cast<double>(netem::mean_rate(**trace).bps());
  return std::nullopt;
}

}  // namespace

std::string in_words(const netem::ImpairmentSpec& direction) {
  std::string text = rate_words(direction.rate);
  if (direction.jitter.deviation > base::Duration{})
    text += fmt::format(", {:.3g} ms jitter", base::to_milliseconds(direction.jitter.deviation));
  add_share(text, netem::mean_loss(direction.loss), std::holds_alternative<netem::BurstLoss>(direction.loss) ? "loss in bursts" : "loss");
  add_share(text, direction.duplicate, "duplicated");
  add_share(text, direction.reorder, "reordered");
  return text;
}

reports::LinkRow configured_link(const Cohort& cohort, const Network& network, const std::string& backend, std::uint32_t sessions) {
  reports::LinkRow row{.cohort = cohort.name, .network = cohort.network, .backend = backend, .sessions = sessions};
  row.down = in_words(network.link.down);
  row.up = in_words(network.link.up);
  row.configured_rtt_ms = base::to_milliseconds(netem::base_rtt(network.link));
  row.configured_loss_down = netem::mean_loss(network.link.down.loss);
  row.configured_loss_up = netem::mean_loss(network.link.up.loss);
  row.configured_rate_down = mean_bps(network.link.down.rate);
  return row;
}

}  // namespace harness
