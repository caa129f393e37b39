// Any bytes as a scenario: problems with text, or a scenario that its saved form gives back.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/scenario/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!document.has_value()) return 0;
  std::vector<base::Problem> problems;
  const harness::Scenario scenario = harness::read_scenario(*document, "fuzz.json", problems);
  for (const base::Problem& problem : problems) ENSURE(!problem.message.empty());
  if (!problems.empty()) return 0;
  const base::Json saved = harness::scenario_to_json(scenario);
  const harness::Scenario again = harness::read_scenario(saved, "fuzz.json", problems);
  ENSURE(problems.empty() && harness::scenario_to_json(again) == saved);
  return 0;
}
