#include <algorithm>
#include <filesystem>

#include "harness/scenario/fields.h"
#include "harness/scenario/read_network.h"

namespace harness {
namespace {

using base::Json;
using base::JsonObject;
using netem::Trace;
using netem::TraceStep;
using namespace base::literals;

using TracePtr = std::shared_ptr<const Trace>;

constexpr base::Duration kLongestStep = 24h * 30;  // reads back to the nanosecond when it is saved
constexpr std::size_t kMostProblems = 20;          // a trace in the wrong unit has one per step

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::optional<Trace> read_file(JsonObject& at, std::string_view field, const std::string& name, const TraceSources& sources) {
  if (sources.files == nullptr || !sources.files->read) {
    at.problem(field, fmt::format("\"{}\" is a file, and none is read here; write its \"steps\" instead", name));
    return std::nullopt;
  }
  std::error_code failure;
  const auto folder = std::filesystem::path{sources.files->beside}.parent_path();
  const auto path = std::filesystem::absolute(folder / name, failure).lexically_normal();
  if (name.empty() || name.find('\0') != std::string::npos || !std::filesystem::is_regular_file(path, failure)) {
    at.problem(field, fmt::format("\"{}\" is not a trace file beside the scenario; there is no file {}", name, path.string()));
    return std::nullopt;
  }
  try {
    return sources.files->read(path.string());
  } catch (const base::InvalidInput& problem) {
    at.problem(field, one_line(problem.what()));
    return std::nullopt;
  }
}

std::optional<Trace> find_profile(JsonObject& at, const std::string& name, const TraceSources& sources) {
  std::vector<std::string> known;
  if (sources.profiles != nullptr) {
    for (const auto& [each, network] : *sources.profiles) {
      const auto* trace = std::get_if<TracePtr>(&network.link.down.rate);
      if (trace != nullptr && each == name) return **trace;
      if (trace != nullptr) known.push_back(each);
    }
  }
  at.problem("profile", unknown_name("trace profile", name, known));
  return std::nullopt;
}

TraceStep read_step(JsonObject& json) {
  TraceStep step;
  step.lasts = required_field<base::Duration>(json, "duration", "\"1s\"").value_or(1s);
  step.rate = required_field<base::Bitrate>(json, "rate", "\"4mbit\"").value_or(1_Mbps);
  step.rtt = json.optional<base::Duration>("rtt");
  json.finish();
  return step;
}

Trace read_steps(JsonObject& json, const std::string& fallback_name) {
  Trace trace{.name = name_field(json, "name").value_or(fallback_name), .steps = {}};
  const std::size_t before = json.problems().size();
  for (JsonObject& step : json.objects("steps")) {
    trace.steps.push_back(read_step(step));
    if (json.problems().size() >= before + kMostProblems) break;
  }
  return trace;
}

std::optional<Trace> read_object(JsonObject& json, const TraceSources& sources, const std::string& fallback_name) {
  const int forms = int{json.has("file")} + int{json.has("profile")} + int{json.has("steps")};
  if (forms != 1) {
    for (const char* field : {"file", "profile", "steps", "name", "scale"}) json.take(field);
    json.problem("", fmt::format("names {} trace; give one of \"file\", \"profile\" and \"steps\"", forms == 0 ? "no" : "more than one"));
    return std::nullopt;
  }
  if (json.has("steps")) return read_steps(json, fallback_name);
  const auto file = json.optional<std::string>("file");
  const auto profile = json.optional<std::string>("profile");
  if (file) return read_file(json, "file", *file, sources);
  return profile ? find_profile(json, *profile, sources) : std::nullopt;
}

std::optional<Trace> read_scaled(JsonObject& json, const TraceSources& sources, const std::string& fallback_name) {
  std::optional<Trace> trace = read_object(json, sources, fallback_name);
  const double scale = within(json, "scale", json.optional<double>("scale"), 0.001, 1000.0).value_or(1);
  json.finish();
  if (!trace || scale == 1) return trace;
  for (TraceStep& step : trace->steps) step.rate = step.rate * scale;
  return trace;
}

}  // namespace

std::shared_ptr<const Trace> trace_field(JsonObject& object, std::string_view name, const TraceSources& sources,
                                         const std::string& fallback_name) {
  const Json* field = object.take(name);
  if (field == nullptr) return nullptr;
  const std::size_t before = object.problems().size();
  std::optional<Trace> trace;
  if (field->is_string()) {
    trace = read_file(object, name, field->get_ref<const std::string&>(), sources);
  } else if (auto json = object.object(name); field->is_object()) {
    trace = read_scaled(*json, sources, fallback_name);
  }
  if (!trace || object.problems().size() != before) return nullptr;
  for (const TraceStep& step : trace->steps)
    if (step.lasts > kLongestStep) return object.problem(name, "has a step that is longer than 720h; split it"), nullptr;
  if (name_problem(trace->name)) trace->name = fallback_name;
  return std::make_shared<const Trace>(std::move(*trace));
}

}  // namespace harness
