#include "harness/scenario/read_network.h"

#include <algorithm>

#include "harness/scenario/fields.h"

namespace harness {
namespace {

using base::Duration;
using base::Json;
using base::JsonObject;
using netem::ImpairmentSpec;
using namespace base::literals;

void read_jitter(JsonObject& direction, netem::Jitter& jitter) {
  const Json* field = direction.take("jitter");
  if (field == nullptr) return;
  if (!field->is_object()) {
    jitter.deviation = direction.optional<Duration>("jitter", jitter.deviation);
    return;
  }
  JsonObject json = *direction.object("jitter");
  jitter.deviation = json.optional<Duration>("deviation", jitter.deviation);
  jitter.correlation = json.optional<double>("correlation", jitter.correlation);
  jitter.keep_order = json.optional<bool>("keep_order", jitter.keep_order);
  json.finish();
}

// A number, or the fields of bursts; those that are there already are kept where they are not given.
void read_loss(JsonObject& direction, netem::Loss& loss) {
  const Json* field = direction.take("loss");
  if (field == nullptr) return;
  if (!field->is_object()) {
    if (const auto probability = direction.optional<double>("loss")) loss = netem::RandomLoss{*probability};
    return;
  }
  JsonObject json = *direction.object("loss");
  const bool had_bursts = std::holds_alternative<netem::BurstLoss>(loss);
  netem::BurstLoss bursts = had_bursts ? std::get<netem::BurstLoss>(loss) : netem::BurstLoss{};
  if (!had_bursts && !json.has("to_bad")) report_missing(json, "to_bad", "0.01");
  if (!had_bursts && !json.has("to_good")) report_missing(json, "to_good", "0.3");
  bursts.to_bad = json.optional<double>("to_bad", bursts.to_bad);
  bursts.to_good = json.optional<double>("to_good", bursts.to_good);
  bursts.loss_in_bad = json.optional<double>("loss_in_bad", bursts.loss_in_bad);
  bursts.loss_in_good = json.optional<double>("loss_in_good", bursts.loss_in_good);
  json.finish();
  loss = bursts;
}

// One direction of a network while it is read.
struct Direction {
  std::string_view name;  // "down"
  ImpairmentSpec& spec;
  bool gives_delay = false;
};

void read_rate_or_trace(JsonObject& json, bool is_new, const TraceSources& sources, const std::string& network, ImpairmentSpec& spec) {
  if (json.has("rate") && json.has("trace"))
    json.problem("trace", "is given beside a rate, and only one of them can hold; keep one");
  else if (is_new && !json.has("rate") && !json.has("trace"))
    report_missing(json, "rate", "\"50mbit\"");
  if (const auto rate = rate_field(json, "rate")) spec.rate = *rate;
  if (auto trace = trace_field(json, "trace", sources, network)) spec.rate = std::move(trace);
}

// netem's names of the fields are the scenario's, but for a trace, which stands in its own field here.
std::string field_of_fault(const std::string& fault, const ImpairmentSpec& spec) {
  const bool in_trace = fault.starts_with("rate") && std::holds_alternative<std::shared_ptr<const netem::Trace>>(spec.rate);
  return in_trace ? "trace" + fault.substr(4) : fault;
}

void read_fields(JsonObject& json, bool is_new, const TraceSources& sources, const std::string& network, Direction& direction) {
  ImpairmentSpec& spec = direction.spec;
  read_rate_or_trace(json, is_new, sources, network, spec);
  direction.gives_delay = json.has("delay");
  spec.delay = json.optional<Duration>("delay", spec.delay);
  read_jitter(json, spec.jitter);
  read_loss(json, spec.loss);
  spec.duplicate = json.optional<double>("duplicate", spec.duplicate);
  spec.reorder = json.optional<double>("reorder", spec.reorder);
  spec.queue = queue_field(json, "queue").value_or(spec.queue);
  json.finish();
}

void read_direction(JsonObject& entry, bool is_new, const TraceSources& sources, const std::string& network, Direction& direction) {
  if (!entry.has(direction.name)) {
    if (is_new) report_missing(entry, direction.name, "\"50mbit\"");
    return;
  }
  if (entry.take(direction.name)->is_string()) {
    if (const auto rate = rate_field(entry, direction.name)) direction.spec.rate = *rate;
    return;
  }
  JsonObject json = *entry.object(direction.name);
  read_fields(json, is_new, sources, network, direction);
}

bool trace_brings_round_trips(const ImpairmentSpec& spec) {
  const auto* trace = std::get_if<std::shared_ptr<const netem::Trace>>(&spec.rate);
  return trace != nullptr &&
         std::all_of((*trace)->steps.begin(), (*trace)->steps.end(), [](const netem::TraceStep& step) { return step.rtt.has_value(); });
}

// The round trip is shared evenly, or what one direction leaves of it is the other's.
void split_round_trip(JsonObject& entry, Duration rtt, Direction& down, Direction& up) {
  const Duration given = (down.gives_delay ? down.spec.delay : 0s) + (up.gives_delay ? up.spec.delay : 0s);
  const bool both = down.gives_delay && up.gives_delay;
  if (both ? given != rtt : given > rtt)
    return entry.problem("rtt", fmt::format("is {}, but the delays in it come to {}; make them agree, or leave rtt or the delays out",
                                            base::to_text(rtt), base::to_text(given)));
  if (both) return;
  if (!down.gives_delay) down.spec.delay = up.gives_delay ? rtt - given : rtt / 2;
  if (!up.gives_delay) up.spec.delay = rtt - down.spec.delay;
}

void read_round_trip(JsonObject& entry, bool is_new, Direction& down, Direction& up) {
  const auto has_delay = [](const Direction& direction) { return direction.gives_delay || trace_brings_round_trips(direction.spec); };
  if (is_new && !entry.has("rtt") && !(has_delay(down) && has_delay(up))) report_missing(entry, "rtt", "\"20ms\"");
  if (const auto rtt = within(entry, "rtt", entry.optional<Duration>("rtt"), 0s, 1h)) split_round_trip(entry, *rtt, down, up);
}

void report_faults(JsonObject& entry, const Direction& direction) {
  for (const auto& [fault, message] : netem::faults_of(direction.spec))
    entry.problem(fmt::format("{}.{}", direction.name, field_of_fault(fault, direction.spec)), message);
}

}  // namespace

std::optional<netem::Rate> rate_field(JsonObject& object, std::string_view name) {
  const Json* field = object.take(name);
  if (field == nullptr) return std::nullopt;
  if (*field == "unlimited") return netem::Unlimited{};
  const auto rate = within_reach(object, name, object.optional<base::Bitrate>(name));
  return rate ? std::optional<netem::Rate>{*rate} : std::nullopt;
}

std::optional<netem::QueueLimit> queue_field(JsonObject& object, std::string_view name) {
  const auto text = object.optional<std::string>(name);
  if (!text) return std::nullopt;
  if (*text == "auto") return base::ByteCount{};
  if (const auto time = base::parse_duration(*text); time.has_value()) return *time;
  const auto size = base::parse_size(*text);
  if (size.has_value() && *size > base::ByteCount{}) return *size;
  object.problem(name, fmt::format("\"{}\" is neither a time such as \"100ms\" nor a size such as \"64KiB\" nor \"auto\"", *text));
  return std::nullopt;
}

void read_network(JsonObject& entry, bool is_new, const TraceSources& sources, Network& network) {
  Direction down{"down", network.link.down}, up{"up", network.link.up};
  read_direction(entry, is_new, sources, network.name, down);
  read_direction(entry, is_new, sources, network.name, up);
  read_round_trip(entry, is_new, down, up);
  report_faults(entry, down);
  report_faults(entry, up);
  network.trace_start = word_field(entry, "trace_start", "start of a trace", kTraceStartNames).value_or(network.trace_start);
  if (!is_new && !network.source.empty() && !entry.has("source")) network.source += ", changed by the scenario";
  network.source = entry.optional<std::string>("source", network.source);
  entry.finish();
}

}  // namespace harness
