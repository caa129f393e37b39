#include <algorithm>
#include <set>

#include "base/json_reader.h"
#include "reports/formats/formats.h"

namespace reports {
namespace {

using base::Json;

struct Line {
  double at = 0;
  Json json;
};

Json timeline_json(const TimelineRow& row) {
  Json json{{"at", row.at}, {"type", row.kind}};
  if (!row.name.empty()) json["name"] = row.name;
  json[row.kind == "message" ? "text" : "what"] = row.what;
  return json;
}

Json event_json(const EventRow& event) {
  Json json{{"at", event.at}, {"type", "session"}, {"session", event.session}, {"what", event.kind}};
  if (event.kind == "stall-ended") json["seconds"] = event.value;
  if (!event.detail.empty()) json["detail"] = event.detail;
  return json;
}

// What a person following the run wants to see: trouble. Every startup, switch and ordinary end is in run.db.
bool is_of_note(const EventRow& event, const std::set<std::uint32_t>& failed_sessions) {
  if (event.kind == "finished") return failed_sessions.contains(event.session);
  return event.kind != "startup" && event.kind != "switch";
}

std::set<std::uint32_t> failed_sessions(const StoredRun& run) {
  std::set<std::uint32_t> failed;
  for (const SessionRow& session : run.sessions)
    if (session.ending == "failed") failed.insert(session.id);
  return failed;
}

}  // namespace

std::string timeline_ndjson(const StoredRun& run, const std::vector<EventRow>& events) {
  const std::set<std::uint32_t> failed = failed_sessions(run);
  std::vector<Line> lines;
  for (const TimelineRow& row : run.timeline) lines.push_back({row.at, timeline_json(row)});
  for (const EventRow& event : events)
    if (is_of_note(event, failed)) lines.push_back({event.at, event_json(event)});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
  std::string text;
  for (const Line& line : lines) text += line.json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return text;
}

}  // namespace reports
