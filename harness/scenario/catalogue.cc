#include "harness/scenario/catalogue.h"

#include <fmt/format.h>

#include "base/ensure.h"
#include "embedded/scenario_catalogue.h"
#include "harness/scenario/fields.h"
#include "harness/scenario/read_network.h"

namespace harness {
namespace {

using base::Bitrate;
using base::Duration;
using base::JsonObject;
using namespace base::literals;

constexpr Duration kLongest = 1h;

// One entry of a catalogue. Fields that `is_new` entries must give are asked for by example.
class EntryReader {
 public:
  EntryReader(JsonObject& entry, bool is_new) : entry_{entry}, is_new_{is_new} {}

  template <class E, std::size_t N>
  void word(std::string_view name, std::string_view kind, const std::array<EnumName<E>, N>& names, E& out) {
    const auto value = is_new_ ? required_word(entry_, name, kind, names) : word_field(entry_, name, kind, names);
    out = value.value_or(out);
  }
  void duration(std::string_view name, std::string_view example, Duration low, Duration& out) {
    ask(name, example);
    out = within(entry_, name, entry_.optional<Duration>(name), low, kLongest).value_or(out);
  }
  void rate(std::string_view name, std::string_view example, Bitrate& out) {
    ask(name, example);
    out = within_reach(entry_, name, entry_.optional<Bitrate>(name)).value_or(out);
  }
  void factor(std::string_view name, std::string_view example, double& out) {
    ask(name, example);
    out = within(entry_, name, entry_.optional<double>(name), 0.05, 1.0).value_or(out);
  }

 private:
  void ask(std::string_view name, std::string_view example) {
    if (is_new_ && !entry_.has(name)) report_missing(entry_, name, example);
  }
  JsonObject& entry_;
  bool is_new_;
};

void check_buffers(JsonObject& entry, const Device& device) {
  const auto check = [&](std::string_view name, Duration value) {
    if (value > device.buffer_target)
      entry.problem(name, fmt::format("{} is more than the buffer_target of {}: the player would never play; lower it",
                                      base::to_text(value), base::to_text(device.buffer_target)));
  };
  check("start_buffer", device.start_buffer);
  check("resume_buffer", device.resume_buffer);
}

// What only a parameterised player takes.
void read_parameters(JsonObject& entry, bool is_new, Device& device) {
  EntryReader read{entry, is_new};
  read.word("abr", "ABR rule", kAbrNames, device.abr);
  read.duration("start_buffer", "\"1s\"", 0s, device.start_buffer);
  read.duration("resume_buffer", "\"1s\"", 0s, device.resume_buffer);
  read.duration("append_delay", "\"30ms\"", 0s, device.append_delay);
  read.factor("safety_factor", "0.9", device.safety_factor);
}

void refuse_parameters(JsonObject& entry, EngineKind engine) {
  for (const char* name : {"abr", "start_buffer", "resume_buffer", "append_delay", "safety_factor"}) {
    if (entry.take(name) == nullptr) continue;
    entry.problem(name,
                  fmt::format("{} is an emulation and has its own; leave it out, or take a parameterised player (\"engine\": \"custom\")",
                              to_text(engine)));
  }
}

// A new device with an engine of the catalogue begins as the catalogue's device does.
void take_defaults(const Catalogue& catalogue, Device& device) {
  for (const auto& [name, known] : catalogue.devices) {
    if (known.engine != device.engine || !is_emulation(known.engine)) continue;
    device = known;
    return;
  }
}

// `defaults`: where a new device of an emulated engine finds what it leaves out; null: it gives all.
void read_device(JsonObject& entry, bool is_new, const Catalogue* defaults, Device& device) {
  const std::size_t before = entry.problems().size();
  const EngineKind old_engine = device.engine;
  const EngineKind engine = word_field(entry, "engine", "engine", kEngineNames).value_or(old_engine);
  if (is_new || (engine != old_engine && (is_emulation(engine) || is_emulation(old_engine)))) {
    const std::string name = device.name;
    device = {.engine = engine};
    if (defaults != nullptr) take_defaults(*defaults, device);
    device.name = name;
    is_new = device.buffer_target.count() == 0;
  }
  device.engine = engine;
  EntryReader read{entry, is_new};
  read.word("protocol", "streaming protocol", kProtocolNames, device.protocol);
  if (!plays(engine, device.protocol))
    entry.problem("protocol", fmt::format("{} does not play {}", to_text(engine), to_text(device.protocol)));
  const auto height = within(entry, "max_height", entry.optional<std::int64_t>("max_height"), 0, 8640);
  device.max_height = static_cast<int>(height.value_or(device.max_height));
  device.live_delay = within(entry, "live_delay", entry.optional<Duration>("live_delay"), 0s, kLongest).value_or(device.live_delay);
  read.duration("buffer_target", "\"30s\"", 1s, device.buffer_target);
  read.rate("initial_estimate", "\"1mbit\"", device.initial_estimate);
  if (is_emulation(engine))
    refuse_parameters(entry, engine);
  else
    read_parameters(entry, is_new, device);
  if (entry.problems().size() == before) check_buffers(entry, device);
  entry.finish();
}

template <class T, class Read>
void read_entries(JsonObject& list, std::map<std::string, T>& entries, Read read) {
  auto given = list.entries();
  check_count(list, "", given.size());
  given.erase(given.begin() + static_cast<std::ptrdiff_t>(std::min(given.size(), kMostEntries)), given.end());
  for (auto& [name, entry] : given) {
    if (const auto problem = name_problem(name)) entry.problem("", *problem);
    const bool is_new = !entries.contains(name);
    T& value = entries[name];
    value.name = name;
    read(entry, is_new, value);
  }
}

template <class T, class Read>
void read_built_in(std::string_view text, std::map<std::string, T>& entries, Read read) {
  const base::Result<base::Json> document = base::parse_json(text);
  ENSURE(document.has_value());
  std::vector<base::Problem> problems;
  JsonObject list{*document, "", problems};
  read_entries(list, entries, read);
  ENSURE(problems.empty());
}

Catalogue read_catalogue() {
  Catalogue catalogue;
  read_built_in(embedded::devices_json, catalogue.devices,
                [](JsonObject& entry, bool is_new, Device& device) { read_device(entry, is_new, nullptr, device); });
  read_built_in(embedded::networks_json, catalogue.networks,
                [](JsonObject& entry, bool is_new, Network& network) { read_network(entry, is_new, {}, network); });
  return catalogue;
}

}  // namespace

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = read_catalogue();
  return catalogue;
}

const Device& built_in_device(const std::string& option, const std::string& name) {
  const auto& devices = built_in_catalogue().devices;
  const auto found = devices.find(name);
  if (found == devices.end()) throw base::InvalidInput("command line", {{option, unknown_name("device", name, names_of(devices))}});
  return found->second;
}

void extend_catalogue(Catalogue& catalogue, JsonObject& root, const TraceFiles& files) {
  const auto read_one = [](JsonObject& entry, bool is_new, Device& device) { read_device(entry, is_new, &built_in_catalogue(), device); };
  if (auto devices = root.object("devices")) read_entries(*devices, catalogue.devices, read_one);
  const TraceSources sources{.profiles = &built_in_catalogue().networks, .files = &files};
  const auto read = [&](JsonObject& entry, bool is_new, Network& network) { read_network(entry, is_new, sources, network); };
  if (auto networks = root.object("networks")) read_entries(*networks, catalogue.networks, read);
}

}  // namespace harness
