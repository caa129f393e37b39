#include "harness/scenario/save_links.h"

#include <fmt/format.h>

#include "base/text.h"
#include "harness/scenario/names.h"

namespace harness {
namespace {

using base::Json;
using netem::ImpairmentSpec;

Json to_json(const netem::Trace& trace) {
  Json steps = Json::array();
  for (const netem::TraceStep& step : trace.steps) {
    Json json{{"duration", exact_text(step.lasts)}, {"rate", exact_text(step.rate)}};
    if (step.rtt) json["rtt"] = exact_text(*step.rtt);
    steps.push_back(std::move(json));
  }
  return {{"name", trace.name}, {"steps", std::move(steps)}};
}

void put_rate(Json& object, const netem::Rate& rate) {
  if (std::holds_alternative<netem::Unlimited>(rate)) object["rate"] = "unlimited";
  if (const auto* constant = std::get_if<base::Bitrate>(&rate)) object["rate"] = exact_text(*constant);
  if (const auto* trace = std::get_if<std::shared_ptr<const netem::Trace>>(&rate)) object["trace"] = to_json(**trace);
}

Json to_json(const netem::Jitter& jitter) {
  return {{"deviation", exact_text(jitter.deviation)}, {"correlation", jitter.correlation}, {"keep_order", jitter.keep_order}};
}

Json to_json(const netem::Loss& loss) {
  if (const auto* random = std::get_if<netem::RandomLoss>(&loss)) return random->probability;
  const auto& bursts = std::get<netem::BurstLoss>(loss);
  return {
      {"to_bad", bursts.to_bad}, {"to_good", bursts.to_good}, {"loss_in_bad", bursts.loss_in_bad}, {"loss_in_good", bursts.loss_in_good}};
}

std::string queue_text(const netem::QueueLimit& queue) {
  if (const auto* time = std::get_if<base::Duration>(&queue)) return exact_text(*time);
  const base::ByteCount bytes = std::get<base::ByteCount>(queue);
  return bytes == base::ByteCount{} ? "auto" : std::to_string(bytes.count());
}

Json direction_json(const ImpairmentSpec& spec) {
  Json out = Json::object();
  put_rate(out, spec.rate);
  out["delay"] = exact_text(spec.delay);
  out["jitter"] = to_json(spec.jitter);
  out["loss"] = to_json(spec.loss);
  out["duplicate"] = spec.duplicate;
  out["reorder"] = spec.reorder;
  out["queue"] = queue_text(spec.queue);
  return out;
}

Json bottleneck_json(const ImpairmentSpec& spec) {
  Json out = Json::object();
  put_rate(out, spec.rate);
  out["queue"] = queue_text(spec.queue);
  return out;
}

}  // namespace

std::string exact_text(base::Duration duration) {
  std::string text = base::to_text(duration);
  const auto back = base::parse_duration(text);
  if (back.has_value() && *back == duration) return text;
  return fmt::format("{}.{:09}s", duration.count() / 1'000'000'000, duration.count() % 1'000'000'000);
}

std::string exact_text(base::Bitrate rate) {
  std::string text = base::to_text(rate);
  const auto back = base::parse_bitrate(text);
  return back.has_value() && *back == rate ? text : fmt::format("{}bit", rate.bps());
}

Json networks_json(const std::map<std::string, Network>& networks) {
  Json out = Json::object();
  for (const auto& [name, network] : networks)
    out[name] = {{"rtt", exact_text(netem::base_rtt(network.link))},
                 {"down", direction_json(network.link.down)},
                 {"up", direction_json(network.link.up)},
                 {"trace_start", to_text(network.trace_start)},
                 {"source", network.source}};
  return out;
}

Json links_json(const Links& links) {
  const auto part = [&](int shift) { return links.address >> shift & 0xFF; };
  return {{"backend", to_text(links.backend)},
          {"addresses", fmt::format("{}.{}.{}.{}/{}", part(24), part(16), part(8), part(0), links.prefix_length)},
          {"congestion_control", links.congestion_control}};
}

Json regions_json(const std::map<std::string, netem::LinkSpec>& bottlenecks) {
  Json out = Json::object();
  for (const auto& [region, link] : bottlenecks) out[region] = {{"down", bottleneck_json(link.down)}, {"up", bottleneck_json(link.up)}};
  return out;
}

}  // namespace harness
