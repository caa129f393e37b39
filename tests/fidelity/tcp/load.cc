#include "tests/fidelity/tcp/load.h"

#include "base/json_reader.h"

namespace fidelity {
namespace {

constexpr double kMostMs = 3'600'000;
constexpr std::int64_t kMostBytes = 1'000'000'000;

base::Duration milliseconds(base::JsonObject& object, const char* name) {
  const double value = object.required<double>(name);
  if (!(value >= 0 && value <= kMostMs)) object.problem(name, "must be at least 0 and at most 3600000");
  return base::from_seconds(value / 1e3);
}

}  // namespace

Load read_load(const std::string& file) {
  const base::Json document = base::read_json_file(file);
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  Load out;
  for (base::JsonObject& each : root.objects("chains")) {
    Chain chain{.starts = milliseconds(each, "start_ms"), .gap = milliseconds(each, "gap_ms")};
    const base::Json* sizes = each.take("bytes");
    if (sizes == nullptr || !sizes->is_array()) each.problem("bytes", "must be a list of sizes");
    if (sizes != nullptr && sizes->is_array())
      for (const base::Json& size : *sizes) {
        const bool good = size.is_number_integer() && size.get<std::int64_t>() > 0 && size.get<std::int64_t>() <= kMostBytes;
        if (!good) each.problem("bytes", "must be whole numbers above 0 and at most 1000000000");
        if (good) chain.bytes.push_back(size.get<std::int64_t>());
      }
    if (const base::Json* times = each.take("at_ms"); times != nullptr) {
      for (const base::Json& time : *times) {
        const bool good = time.is_number() && time.get<double>() >= 0 && time.get<double>() <= kMostMs;
        if (!good) each.problem("at_ms", "must be numbers of at least 0 and at most 3600000");
        if (good) chain.at.push_back(base::from_seconds(time.get<double>() / 1e3));
      }
      if (chain.at.size() != chain.bytes.size()) each.problem("at_ms", "must be as many as bytes");
    }
    each.finish();
    out.chains.push_back(std::move(chain));
  }
  root.finish();
  base::throw_if_any(file, problems);
  return out;
}

}  // namespace fidelity
