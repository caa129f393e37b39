// Any bytes as a trace: refused with a text, or a valid trace whose saved form gives it back.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "base/errors.h"
#include "netem/model/trace_formats.h"

namespace {

void read_and_write(std::string_view text, netem::TraceFormat format) {
  try {
    const netem::Trace trace = netem::read_trace(text, "fuzz.trace", format);
    ENSURE(faults_of(trace).empty());
    const std::string saved = netem::write_trace(trace, netem::TraceFormat::kRehearsal);
    ENSURE(netem::read_trace(saved, "fuzz.trace", netem::TraceFormat::kRehearsal).steps == trace.steps);
    for (const auto other : {netem::TraceFormat::kSabre, netem::TraceFormat::kPensieve})
      ENSURE(netem::recognise(netem::write_trace(trace, other)).value() == other);
  } catch (const base::InvalidInput& failure) {
    for (const base::Problem& problem : failure.problems()) ENSURE(!problem.message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto format = netem::recognise(text); format.has_value()) read_and_write(text, *format);
  return 0;
}
