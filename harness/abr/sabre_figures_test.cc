// Every figure that Sabre's own program printed (tests/data/abr; commit 09b03bb, -b 25, with -noa and without) for 24 traces and seven
// rules, to the digit it prints. And the same rules as sessions play them, whose numbers are whole nanoseconds and bits per second.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>

#include "harness/abr/plain_rule.h"
#include "harness/abr/session.h"

namespace harness::abr {
namespace {

const std::string kFolder = std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/abr/";
constexpr double kPrinted = 0.5e-6;  // "%f"

struct SabreRow {
  std::string trace, algorithm;
  bool abandonment = false;
  std::map<std::string, double> figures;
};

struct SabreData {
  Movie movie = read_movie_file(kFolder + "movie.json");
  std::map<std::string, Trace> traces;
  std::vector<SabreRow> rows;

  SabreData() {
    const base::Json document = base::read_json_file(kFolder + "sabre-figures.json");
    const base::Json& columns = document["columns"];
    for (const base::Json& values : document["rows"]) {
      SabreRow row{.trace = values[0].get<std::string>(), .algorithm = values[1].get<std::string>(), .abandonment = values[2].get<bool>()};
      for (std::size_t i = 3; i < columns.size(); ++i) row.figures[columns[i].get<std::string>()] = values[i].get<double>();
      if (!traces.contains(row.trace)) traces[row.trace] = read_trace_file(kFolder + "traces/" + row.trace + ".json", movie);
      rows.push_back(std::move(row));
    }
  }
};

const SabreData& sabre_data() {
  static const SabreData data;
  return data;
}

TEST(SabreFigures, AreReproducedToTheLastDigit) {
  const SabreData& data = sabre_data();
  EXPECT_EQ(data.rows.size(), 24u * 7 * 2);
  for (const SabreRow& row : data.rows) {
    const SessionOptions options{.rule = rule_named(row.algorithm).value(), .abandonment = row.abandonment};
    const Figures figures = play(data.movie, data.traces.at(row.trace), options);
    ASSERT_EQ(row.figures.size(), kFigures.size());
    for (const NamedFigure& figure : kFigures)
      EXPECT_NEAR(figures.*figure.value, row.figures.at(figure.name), kPrinted * 1.01)
          << row.trace << ", " << row.algorithm << ", abandonment " << row.abandonment << ": " << figure.name;
  }
}

template <AbrKind kKind>
std::unique_ptr<sabre::Rule> of_sessions(const sabre::Film& film) {
  Device device;
  device.abr = kKind;
  device.safety_factor = 0.9;
  return std::make_unique<PlainRule>(film, make_abr_rule(device));
}

// Events: a buffer emptied to the very end may or may not count as a stall of no time.
TEST(SabreFigures, AreThoseOfTheRulesThatSessionsPlay) {
  const std::map<std::string, MakeRule> rules{{"throughput", of_sessions<AbrKind::kThroughputIbr>},
                                              {"bola-basic", of_sessions<AbrKind::kBolaBasic>},
                                              {"bola-o", of_sessions<AbrKind::kBolaO>},
                                              {"bolae", of_sessions<AbrKind::kBolaE>}};
  const SabreData& data = sabre_data();
  for (const SabreRow& row : data.rows) {
    const auto rule = rules.find(row.algorithm);
    if (row.abandonment || rule == rules.end()) continue;
    const Figures figures = play(data.movie, data.traces.at(row.trace), {.rule = rule->second});
    for (const char* name : {"time_average_played_bitrate", "total_rebuffer", "total_bitrate_change", "total_play_time"}) {
      const auto figure = std::ranges::find(kFigures, std::string_view{name}, &NamedFigure::name);
      const double wanted = row.figures.at(name);
      EXPECT_NEAR(figures.*figure->value, wanted, std::max(1e-3, wanted * 1e-4)) << row.trace << ", " << row.algorithm << ": " << name;
    }
  }
}

}  // namespace
}  // namespace harness::abr
