#include "harness/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "harness/replay/link_profile.h"
#include "harness/replay/replay_json.h"
#include "harness/replay/replay_text.h"
#include "harness/replay/request_table.h"
#include "harness/run/progress_line.h"
#include "harness/scenario/catalogue.h"

namespace harness {
namespace {

namespace fs = std::filesystem;

constexpr const char* kContentName = "segments.json";

// Everything that is compared, and what it points to.
struct Replay {
  std::deque<Recording> recordings;
  std::map<std::string, ContentTable> contents;  // by file
  std::map<std::string, netem::LinkSpec> links;  // by file
  std::deque<ReplayRun> comparisons;
  std::vector<ReplayGroup> groups;
};

std::string existing(const Recording& recording, const char* field, const fs::path& file, const std::string& fix) {
  std::error_code failure;
  if (fs::is_regular_file(file, failure)) return file.string();
  throw base::InvalidInput(recording.file, {{field, fmt::format("needs {}, which is not there; {}", file.string(), fix)}});
}

const ContentTable& content_of(Replay& replay, const Recording& recording, const ReplayOptions& options) {
  const fs::path beside = fs::path{recording.file}.parent_path() / kContentName;
  const std::string file = options.content.empty()
                               ? existing(recording, "", beside, "put the content table there or name it with --content FILE")
                               : options.content;
  const auto found = replay.contents.find(file);
  return found != replay.contents.end() ? found->second : replay.contents.emplace(file, read_content_file(file)).first->second;
}

const netem::LinkSpec& link_of(Replay& replay, const Recording& recording, const ReplayOptions& options) {
  const fs::path folder = options.traces.empty() ? fs::path{recording.file}.parent_path() / "traces" : fs::path{options.traces};
  const std::string file =
      existing(recording, "trace", folder / (recording.trace + ".json"), "put the trace there or name its folder with --traces DIR");
  const auto found = replay.links.find(file);
  return found != replay.links.end() ? found->second : replay.links.emplace(file, read_link_file(file)).first->second;
}

// A recording of another stream than the table's would be compared with nonsense.
void check_requests(const Recording& recording, const ContentTable& content) {
  std::vector<base::Problem> problems;
  for (const RequestRecord& each : recording.session.requests) {
    const bool media = each.segment.has_value();
    const bool unknown_rung = each.kind == RequestKind::kVideo && static_cast<std::size_t>(*each.rung) >= content.video.size();
    const bool unknown_segment = media && static_cast<std::size_t>(*each.segment) > content.segment_count();
    if (!unknown_rung && !unknown_segment) continue;
    problems.push_back(
        {"requests", fmt::format("segment {} of rung {} is not in the content table, which has {} rungs of {} segments; name "
                                 "the table of this recording's stream with --content FILE",
                                 each.segment.value_or(0), each.rung.value_or(-1), content.video.size(), content.segment_count())});
    break;
  }
  base::throw_if_any(recording.file, problems);
}

Device device_of(const Recording& recording, const ReplayOptions& options) {
  return options.device.empty() ? device_for(recording) : built_in_device("--device", options.device);
}

// A folder stands for the recordings in it.
std::vector<std::string> files_of(const std::vector<std::string>& named) {
  std::vector<std::string> files;
  for (const std::string& name : named) {
    std::error_code failure;
    if (!fs::is_directory(name, failure)) {
      files.push_back(name);
      continue;
    }
    const std::size_t before = files.size();
    for (const auto& entry : fs::directory_iterator(name, failure))
      if (entry.path().extension() == ".json" && entry.path().filename() != kContentName) files.push_back(entry.path().string());
    if (files.size() == before)
      throw base::InvalidInput(name, {{"", "holds no recordings; name a recording or a folder with recordings (*.json)"}});
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  }
  return files;
}

void add(Replay& replay, const std::string& file, const ReplayOptions& options) {
  const Recording& recording = replay.recordings.emplace_back(read_recording_file(file));
  const ContentTable& content = content_of(replay, recording, options);
  const netem::LinkSpec& link = link_of(replay, recording, options);
  check_requests(recording, content);
  Device device = device_of(recording, options);
  SessionRecord emulated = emulate({recording, content, link, device, options.tcp, options.congestion_control});
  replay.comparisons.push_back(compare(recording, content, std::move(device), std::move(emulated)));
}

void group(Replay& replay) {
  std::map<std::string, std::size_t> places;
  for (const ReplayRun& each : replay.comparisons) {
    const Recording& recording = *each.recording;
    const std::string key = fmt::format("{} {} {} {} {}", recording.player, recording.version, recording.trace, recording.live,
                                        static_cast<const void*>(each.content));
    const auto [place, is_new] = places.try_emplace(key, replay.groups.size());
    if (is_new) replay.groups.emplace_back();
    replay.groups[place->second].runs.push_back(&each);
  }
  for (ReplayGroup& each : replay.groups) each.verdicts = judge(each.runs);
}

void print(const Replay& replay, const ReplayOptions& options) {
  if (options.json) return fmt::print("{}\n", replay_json(replay.comparisons, replay.groups, options).dump(2));
  for (const ReplayRun& each : replay.comparisons)
    if (replay.comparisons.size() == 1 || options.requests)
      fmt::print("{}{}\n", to_text(each), options.requests ? "\n" + request_table(each) : "");
  if (replay.comparisons.size() == 1) return;
  for (const ReplayGroup& each : replay.groups) fmt::print("{}\n", to_text(each));
  std::size_t met = 0;
  for (const ReplayGroup& each : replay.groups) met += all_met(each.verdicts) ? 1 : 0;
  fmt::print("{} of {} meet every target\n", met, replay.groups.size());
}

}  // namespace

base::ExitCode replay(const ReplayOptions& options) {
  Replay all;
  const std::vector<std::string> files = files_of(options.recordings);
  {
    ProgressLine progress{files.size() > 1 ? ProgressLine::Mode::kAuto : ProgressLine::Mode::kQuiet};
    for (std::size_t i = 0; i < files.size(); ++i) {
      progress.show("replay", fmt::format("{} of {}: {}", i + 1, files.size(), files[i]));
      add(all, files[i], options);
    }
  }
  group(all);
  print(all, options);
  const bool met = std::all_of(all.groups.begin(), all.groups.end(), [](const ReplayGroup& each) { return all_met(each.verdicts); });
  return met || !options.strict ? base::ExitCode::kPassed : base::ExitCode::kGateFailed;
}

}  // namespace harness
