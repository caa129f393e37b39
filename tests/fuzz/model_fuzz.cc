// Any bytes as a server's model: problems with text, or a model that its saved form gives back.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/scenario/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!document.has_value()) return 0;
  std::vector<base::Problem> problems;
  const harness::ServerModel model = harness::read_server_model(*document, problems);
  for (const base::Problem& problem : problems) ENSURE(!problem.message.empty());
  if (!problems.empty()) return 0;
  ENSURE(harness::read_server_model(harness::server_model_json(model), problems) == model && problems.empty());
  return 0;
}
