// Any bytes as CMCD, as a header field or as a query: refused, or read within the bounds that the log relies on.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "server/cmcd/report.h"

namespace {

void read_anything(std::string_view text) {
  server::CmcdReport report;
  const bool good = server::read_cmcd(text, report);
  ENSURE(report.session.size() <= 64 && report.content.size() <= 128 && report.state.size() <= 1);
  ENSURE(report.version == 1 || report.version == 2);
  ENSURE(!report.buffer || *report.buffer >= 0);
  // Members that stand behind each other are members still.
  if (!good || text.find_first_not_of(" \t") == std::string_view::npos) return;
  server::CmcdReport twice;
  ENSURE(server::read_cmcd(std::string{text} + ",bs," + std::string{text}, twice));
  ENSURE(twice.session == report.session && twice.bitrate == report.bitrate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  read_anything(text);
  if (const auto parameter = server::cmcd_parameter(text))
    if (const auto decoded = server::decode_cmcd_parameter(*parameter)) read_anything(*decoded);
  return 0;
}
