// The two JSON formats: rehearsal and sabre.
#include <fmt/format.h>

#include "base/json_reader.h"
#include "netem/model/trace_codecs.h"

namespace netem::codecs {
namespace {

using base::Bitrate;
using base::Duration;
using base::Json;
using base::JsonObject;

Json document_of(std::string_view text, const std::string& name) {
  base::Result<Json> document = base::parse_json(text);
  if (!document.has_value()) throw base::InvalidInput(name, {{"", document.error().message}});
  return std::move(*document);
}

// Exact, which base::to_text() is not.
std::string exact_text(Duration time) {
  const std::int64_t ns = time.count();
  if (ns % 1'000'000'000 == 0) return fmt::format("{}s", ns / 1'000'000'000);
  if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
  if (ns % 1000 == 0) return fmt::format("{}us", ns / 1000);
  return fmt::format("{}.{:03}us", ns / 1000, ns % 1000);
}

std::string exact_text(Bitrate rate) {
  const std::int64_t bps = rate.bps();
  if (bps % 1'000'000 == 0) return fmt::format("{}mbit", bps / 1'000'000);
  if (bps % 1000 == 0) return fmt::format("{}kbit", bps / 1000);
  return fmt::format("{}bit", bps);
}

// "steps[3].rate" -> "[3].bandwidth_kbps", "steps" -> "".
std::string sabre_path(const std::string& path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return "";
  const std::string field = path.substr(dot + 1), index = path.substr(5, dot - 5);
  return index + (field == "duration" ? ".duration_ms" : field == "rate" ? ".bandwidth_kbps" : ".latency_ms");
}

// `value` times `unit`, rounded; a problem where that is negative or beyond 64 bits.
std::int64_t scaled(JsonObject& step, const char* field, std::optional<double> value, double unit) {
  if (!value) return 0;
  if (*value >= 0 && *value < 9e18 / unit) return static_cast<std::int64_t>(*value * unit + 0.5);
  step.problem(field, fmt::format("is {}; {}", *value, *value < 0 ? "write 0 or more" : "too large"));
  return 0;
}

TraceStep sabre_step(const Json& value, std::size_t i, std::vector<base::Problem>& problems) {
  JsonObject object{value, fmt::format("[{}]", i), problems};
  TraceStep step;
  step.lasts = Duration{scaled(object, "duration_ms", object.required<double>("duration_ms"), 1e6)};
  step.rate = Bitrate::bits_per_second(scaled(object, "bandwidth_kbps", object.required<double>("bandwidth_kbps"), 1e3));
  const Duration rtt{scaled(object, "latency_ms", object.optional<double>("latency_ms"), 1e6)};
  if (rtt > Duration::zero()) step.rtt = rtt;
  object.finish();
  return step;
}

}  // namespace

Trace read_rehearsal(std::string_view text, const std::string& name) {
  const Json document = document_of(text, name);
  std::vector<base::Problem> problems;
  JsonObject root{document, "", problems};
  Trace trace{.name = root.optional<std::string>("name", trace_name(name))};
  if (document.is_object() && !root.has("steps")) root.problem("steps", "is required and missing");
  const Json* steps = root.take("steps");
  if (steps != nullptr && !steps->is_array()) root.problem("steps", "expected an array of objects with duration and rate");
  for (std::size_t i = 0; steps != nullptr && steps->is_array() && i < steps->size() && problems.size() < kMostProblems; ++i) {
    JsonObject step{(*steps)[i], fmt::format("steps[{}]", i), problems};
    trace.steps.push_back(
        {.lasts = step.required<Duration>("duration"), .rate = step.required<Bitrate>("rate"), .rtt = step.optional<Duration>("rtt")});
    step.finish();
  }
  root.finish();
  base::throw_if_any(name, problems);
  check(trace, name, [](const std::string& path) { return path; });
  return trace;
}

Trace read_sabre(std::string_view text, const std::string& name) {
  const Json document = document_of(text, name);
  if (!document.is_array())
    throw base::InvalidInput(name, {{"", "expected an array of objects with duration_ms, bandwidth_kbps and latency_ms"}});
  std::vector<base::Problem> problems;
  Trace trace{.name = trace_name(name)};
  for (std::size_t i = 0; i < document.size() && problems.size() < kMostProblems; ++i)
    trace.steps.push_back(sabre_step(document[i], i, problems));
  base::throw_if_any(name, problems);
  check(trace, name, sabre_path);
  return trace;
}

std::string write_rehearsal(const Trace& trace) {
  std::string out =
      fmt::format("{{\n  \"name\": {},\n  \"steps\": [", Json(trace.name).dump(-1, ' ', false, Json::error_handler_t::replace));
  const char* separator = "\n    ";
  for (const TraceStep& step : trace.steps) {
    out += fmt::format("{}{{\"duration\": \"{}\", \"rate\": \"{}\"", separator, exact_text(step.lasts), exact_text(step.rate));
    out += step.rtt ? fmt::format(", \"rtt\": \"{}\"}}", exact_text(*step.rtt)) : "}";
    separator = ",\n    ";
  }
  return out + "\n  ]\n}\n";
}

std::string write_sabre(const Trace& trace) {
  std::string out = "[";
  const char* separator = "\n  ";
  for (const TraceStep& step : trace.steps) {
    out += fmt::format("{}{{\"duration_ms\": {}, \"bandwidth_kbps\": {}, \"latency_ms\": {}}}", separator,
                       base::to_milliseconds(step.lasts), step.rate.kbps(), base::to_milliseconds(step.rtt.value_or(Duration{})));
    separator = ",\n  ";
  }
  return out + "\n]\n";
}

}  // namespace netem::codecs
