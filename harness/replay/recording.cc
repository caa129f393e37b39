#include "harness/replay/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/replay/record_fields.h"
#include "harness/replay/recorded_buffer.h"
#include "harness/scenario/fields.h"

namespace harness {
namespace {

using base::JsonObject;

constexpr std::size_t kMostRequests = 200'000;
constexpr double kLongestSession = 86'400;  // seconds

constexpr std::array kKinds{EnumName<RequestKind>{"manifest", RequestKind::kManifest},
                            EnumName<RequestKind>{"playlist", RequestKind::kPlaylist}, EnumName<RequestKind>{"init", RequestKind::kInit},
                            EnumName<RequestKind>{"video", RequestKind::kVideo}, EnumName<RequestKind>{"audio", RequestKind::kAudio}};

bool flag(JsonObject& json, std::string_view name) { return json.optional<bool>(name, false); }

std::optional<int> small_number(JsonObject& json, std::string_view name, int low, int high) {
  const auto number = nullable_integer(json, name, low, high);
  return number ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

void check_media(JsonObject& json, const RequestRecord& request) {
  const bool media = request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (media && !request.segment) json.problem("seg", "is required where kind is video or audio; give the segment's number, from 1");
  if (request.kind == RequestKind::kVideo && !request.rung) json.problem("rung", "is required where kind is video; 0 is the lowest");
  if (request.ended && *request.ended < request.started) json.problem("t_end", "is before t_start");
}

RequestRecord read_request(JsonObject& json) {
  const std::size_t before = json.problems().size();
  RequestRecord request;
  request.kind = required_word(json, "kind", "kind of request", kKinds).value_or(RequestKind::kManifest);
  request.rung = small_number(json, "rung", 0, 64);
  request.segment = small_number(json, "seg", 1, 1'000'000);
  request.started = required_time(json, "t_start");
  request.first_byte = nullable_time(json, "t_first_byte");
  request.ended = nullable_time(json, "t_end");
  request.bytes = base::ByteCount::bytes(nullable_integer(json, "bytes", 0, std::int64_t{1} << 40).value_or(0));
  request.aborted = flag(json, "aborted");
  request.cached = flag(json, "cached");
  request.failed = json.has("state") || nullable_integer(json, "status", 0, 999).value_or(200) >= 400;
  if (json.problems().size() == before) check_media(json, request);
  return request;
}

std::vector<RequestRecord> read_requests(JsonObject& root) {
  std::vector<RequestRecord> requests;
  std::vector<JsonObject> listed = root.objects("requests");
  if (listed.empty()) root.problem("requests", "is missing or empty; a recording lists every request of the player");
  if (listed.size() > kMostRequests) return root.problem("requests", fmt::format("has more than {} entries", kMostRequests)), requests;
  const std::size_t before = root.problems().size();
  for (JsonObject& each : listed) {
    requests.push_back(read_request(each));
    if (root.problems().size() >= before + kMostProblems) break;
  }
  std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.started < b.started; });
  return requests;
}

// Connections that were opened; nothing where the file does not say.
std::optional<int> count_connections(JsonObject& root) {
  std::optional<int> count;
  for (JsonObject& each : root.objects("requests"))
    if (each.has("conn")) count = count.value_or(0) + int{flag(each, "new_conn") && !flag(each, "cached")};
  return count;
}

std::vector<StallRecord> read_stalls(JsonObject& root) {
  std::vector<StallRecord> stalls;
  if (!root.has("stalls")) root.problem("stalls", "is required and missing; give [] for a session without stalls");
  for (JsonObject& each : root.objects("stalls")) {
    const base::Duration began = required_time(each, "t");
    stalls.push_back({began, from_milliseconds(required_number(each, "duration", 0, kLongestTime))});
  }
  return stalls;
}

base::Duration read_length(JsonObject& root) {
  const double session = required_number(root, "session_s", 1, kLongestSession);
  const auto end = nullable_number(root, "end_ms", 1'000, kLongestTime);  // the same, as it turned out
  return end ? from_milliseconds(*end) : base::from_seconds(session);
}

StreamingProtocol protocol_of(JsonObject& root) {
  const std::string url = root.required<std::string>("url");
  const std::string path = url.substr(0, url.find_first_of("?#"));
  if (path.ends_with(".m3u8")) return StreamingProtocol::kHls;
  if (!path.ends_with(".mpd") && root.has("url")) root.problem("url", "must end in .m3u8 (HLS) or .mpd (DASH): it tells what was played");
  return StreamingProtocol::kDash;
}

}  // namespace

Recording read_recording(const base::Json& document, std::vector<base::Problem>& problems) {
  JsonObject root{document, "", problems};
  Recording recording;
  recording.player = root.required<std::string>("player");
  recording.version = root.required<std::string>("version");
  recording.trace = required_name(root, "trace", "\"lte\"").value_or("");
  recording.protocol = protocol_of(root);
  recording.live = flag(root, "live");
  if (recording.live && recording.protocol == StreamingProtocol::kDash)
    root.problem("live", "is true for an MPD; of live streams, only HLS can be replayed");
  recording.trace_start = required_time(root, "trace_start_ms");
  recording.session.length = read_length(root);
  if (!root.has("startup_ms")) root.problem("startup_ms", "is required and missing; give null for a session that never played");
  recording.session.startup = nullable_time(root, "startup_ms");
  recording.session.stalls = read_stalls(root);
  recording.session.requests = read_requests(root);
  if (problems.empty()) recording.session.connections = count_connections(root);
  if (problems.empty()) RecordedBuffer{root}.fill(recording.session.requests);
  return recording;
}

Recording read_recording_file(const std::string& file) {
  Recording recording = read_checked(file, read_recording);
  recording.file = file;
  return recording;
}

}  // namespace harness
