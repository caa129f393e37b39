#include <nlohmann/json.hpp>

#include "reports/formats/formats.h"

namespace reports {

std::string cases_json(const std::vector<CaseRun>& cases) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "rehearsal/cases/1"}, {"scenario", cases.empty() ? "" : cases.front().scenario}, {"cases", Json::array()}};
  for (const CaseRun& one : cases)
    json["cases"].push_back({{"name", one.name},
                             {"directory", one.name},
                             {"world", one.world},
                             {"verdict", one.verdict},
                             {"summary", one.name + "/summary.json"}});
  json["figures"] = Json::array();
  for (const Comparison::Line& line : compare_cases(cases).lines) {
    Json values = Json::object();
    for (std::size_t i = 0; i < cases.size(); ++i) values[cases[i].name] = line.cells[i];
    json["figures"].push_back({{"name", line.name}, {"values", std::move(values)}});
  }
  return json.dump(2) + "\n";
}

}  // namespace reports
