// Any bytes as a recording: problems with text, or requests in order that a replay can rely on.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/replay/recording.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!document.has_value()) return 0;
  std::vector<base::Problem> problems;
  const harness::Recording recording = harness::read_recording(*document, problems);
  for (const base::Problem& problem : problems) ENSURE(!problem.message.empty());
  if (!problems.empty()) return 0;
  ENSURE(recording.session.length.count() > 0 && !recording.session.requests.empty());
  base::Duration last{};
  for (const harness::RequestRecord& request : recording.session.requests) {
    ENSURE(request.started >= last && request.bytes.count() >= 0 && (!request.ended || *request.ended >= request.started));
    last = request.started;
  }
  return 0;
}
