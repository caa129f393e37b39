#include "harness/replay/request_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace harness {
namespace {

// What makes two requests counterparts. The rung of a media request is left out: whether it is the same is what one wants to see.
using Likeness = std::tuple<RequestKind, int, int, int>;

class Counter {
 public:
  Likeness next(const RequestRecord& request) {
    const bool media = request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
    const int rung = media ? -1 : request.rung.value_or(-1);
    int& count = seen_[{request.kind, rung, request.segment.value_or(0)}];
    return {request.kind, rung, request.segment.value_or(0), count++};
  }

 private:
  std::map<std::tuple<RequestKind, int, int>, int> seen_;
};

base::Duration start_of(const RequestPair& pair) { return (pair.real != nullptr ? pair.real : pair.emulated)->started; }

std::string time_text(std::optional<base::Duration> time) { return time ? fmt::format("{:.1f}", base::to_milliseconds(*time)) : "-"; }

std::string since_start(const RequestRecord& request, std::optional<base::Duration> time) {
  return time ? fmt::format("{:.0f}", base::to_milliseconds(*time - request.started)) : "-";
}

char mark_of(const RequestRecord& request) {
  if (request.aborted) return 'a';
  if (request.failed) return 'f';
  if (request.cached) return 'c';
  return request.ended ? ' ' : 'o';
}

std::string seconds_text(const std::optional<BufferLevels>& ahead) {
  if (!ahead) return "-";
  return fmt::format("{:.2f}/{:.2f}", base::to_seconds(ahead->video), base::to_seconds(ahead->audio));
}

constexpr const char* kSide = "{:>9} {:>9}{} {:>2} {:>5} {:>6} {:>6} {:>13}";

std::string side(const RequestRecord* request) {
  if (request == nullptr) return fmt::format(kSide, "", "", ' ', "", "", "", "", "");
  const std::string bytes = fmt::format("{:.1f}", static_cast<double>(request->bytes.count()) / 1000);
  return fmt::format(kSide, time_text(request->started), time_text(request->ended), mark_of(*request),
                     request->rung ? std::to_string(*request->rung) : "", since_start(*request, request->first_byte),
                     since_start(*request, request->ended), bytes, seconds_text(request->ahead));
}

std::string line(const RequestPair& pair) {
  const RequestRecord& any = pair.real != nullptr ? *pair.real : *pair.emulated;
  const bool both = pair.real != nullptr && pair.emulated != nullptr;
  const std::string apart = both ? fmt::format("{:+.1f}", base::to_milliseconds(pair.emulated->started - pair.real->started)) : "";
  const bool differs = both && pair.real->rung != pair.emulated->rung;
  return fmt::format("{:<8} {:>4} |{} |{} |{:>9}{}\n", to_text(any.kind), any.segment ? std::to_string(*any.segment) : "", side(pair.real),
                     side(pair.emulated), apart, differs ? " *" : "");
}

}  // namespace

std::vector<RequestPair> paired_requests(const SessionRecord& real, const SessionRecord& emulated) {
  std::map<Likeness, RequestPair> pairs;
  Counter real_counter, emulated_counter;
  for (const RequestRecord& each : real.requests) pairs[real_counter.next(each)].real = &each;
  for (const RequestRecord& each : emulated.requests) pairs[emulated_counter.next(each)].emulated = &each;
  std::vector<RequestPair> out;
  for (const auto& [likeness, pair] : pairs) out.push_back(pair);
  std::stable_sort(out.begin(), out.end(), [](const RequestPair& a, const RequestPair& b) { return start_of(a) < start_of(b); });
  return out;
}

std::string request_table(const ReplayRun& comparison) {
  const std::string columns = fmt::format(kSide, "start", "end", ' ', "r", "ttfb", "took", "kB", "buffer v/a");
  std::string out = fmt::format("{:<13} |{:<57} |{:<57} |\n{:<8} {:>4} |{} |{} |{:>9}\n", "", " real player", " emulation", "kind", "seg",
                                columns, columns, "start");
  for (const RequestPair& pair : paired_requests(comparison.recording->session, comparison.emulated)) out += line(pair);
  return out +
         "Times in ms after t0; ttfb and took from the request's start; buffer: seconds ahead of the playhead, video/audio, when asked. "
         "After\n"
         "the end: a aborted, c from the browser's cache, f failed, o open. Last column: emulated start less real start; * another rung.\n";
}

}  // namespace harness
