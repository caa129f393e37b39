// The JUnit dialect that CI systems share: an assertion that did not hold is a <failure>, what could not be decided an <error>.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/formats/formats.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"
#include "reports/formats/words/verdict.h"

namespace reports {
namespace {

enum class Problem { kNone, kFailure, kError, kSkipped };
constexpr const char* kElements[] = {"", "failure", "error", "skipped"};

struct TestCase {
  std::string name;
  std::map<std::string, std::string> properties{};
  Problem problem = Problem::kNone;
  std::string type{}, message{};
};

TestCase whole_run(const StoredRun& stored) {
  TestCase test{.name = "run completes and the harness keeps up"};
  std::string caveats;
  for (const std::string& caveat : verdict_of(stored).caveats) caveats += (caveats.empty() ? "" : " ") + caveat;
  if (!caveats.empty()) test.problem = Problem::kError, test.type = "run", test.message = caveats;
  return test;
}

TestCase gate_case(const GateRow& gate) {
  TestCase test{.name = selection(gate.metric, gate.tags) + " " + gate.threshold};
  test.properties = {{"metric", gate.metric}, {"threshold", gate.threshold}, {"unit", gate.unit}};
  for (const auto& [name, value] : gate.tags) test.properties["tag." + name] = value;
  if (gate.observed) test.properties["observed"] = fmt::format("{}", *gate.observed);
  if (gate.verdict == "passed") return test;
  test.problem = gate.verdict == "failed" ? Problem::kFailure : Problem::kError;
  test.type = gate.verdict == "failed" ? "threshold" : "inconclusive";
  test.message = gate.observed ? fmt::format("observed {}, wanted {}", observation(gate), gate.threshold) : observation(gate);
  return test;
}

struct Cohort {
  std::size_t sessions = 0, started = 0, failed = 0;
  std::uint64_t judged = 0;  // by startup_success
};

// Of all that the scenario has.
std::map<std::string, Cohort> cohorts_of(const StoredRun& run) {
  std::map<std::string, Cohort> cohorts;
  for (const LinkRow& link : run.links) cohorts[link.cohort];
  for (const KpiRow& kpi : run.kpis)
    if (kpi.metric == "startup_success" && kpi.tags.size() == 1 && kpi.tags.begin()->first == "cohort")
      cohorts[kpi.tags.begin()->second].judged = kpi.count;
  for (const SessionRow& session : run.sessions) {
    Cohort& cohort = cohorts[session.cohort];
    ++cohort.sessions;
    cohort.started += session.startup_time ? 1 : 0;
    cohort.failed += session.ending == "failed" ? 1 : 0;
  }
  return cohorts;
}

// A cohort of which no session showed a picture failed, unless none had time to: those that the end of the run cut off. In a run that did
// not complete it cannot be judged.
TestCase cohort_case(const std::string& name, const Cohort& cohort, const RunRow& run) {
  TestCase test{.name = "cohort " + name + " starts"};
  test.properties = {{"sessions", std::to_string(cohort.sessions)},
                     {"started", std::to_string(cohort.started)},
                     {"failed", std::to_string(cohort.failed)}};
  const std::string counts = fmt::format("{} of {} started, {} failed", cohort.started, counted(cohort.sessions, "session"), cohort.failed);
  if (!has_completed(run))
    test.problem = Problem::kError, test.type = "incomplete", test.message = "the run did not complete; " + counts;
  else if (cohort.started == 0 && cohort.judged == 0)
    test.problem = Problem::kSkipped,
    test.message = cohort.sessions == 0 ? "it had no viewers" : "none had time to start before the end; " + counts;
  else if (cohort.started == 0)
    test.problem = Problem::kFailure, test.type = "cohort", test.message = counts;
  return test;
}

std::vector<TestCase> cases_of(const StoredRun& stored) {
  std::vector<TestCase> cases{whole_run(stored)};
  for (const GateRow& gate : stored.gates) cases.push_back(gate_case(gate));
  for (const auto& [name, cohort] : cohorts_of(stored)) cases.push_back(cohort_case(name, cohort, stored.run));
  return cases;
}

std::string properties_xml(const std::map<std::string, std::string>& properties, std::string_view indent) {
  if (properties.empty()) return {};
  std::string xml = fmt::format("{}<properties>\n", indent);
  for (const auto& [name, value] : properties)
    xml += fmt::format("{}  <property name=\"{}\" value=\"{}\"/>\n", indent, markup(name), markup(value));
  return xml + fmt::format("{}</properties>\n", indent);
}

std::string case_xml(const TestCase& test, const std::string& classname) {
  std::string body = properties_xml(test.properties, "      ");
  if (test.problem == Problem::kSkipped) {
    body += fmt::format("      <skipped message=\"{}\"/>\n", markup(test.message));
  } else if (test.problem != Problem::kNone) {
    const std::string message = markup(test.message);
    body += fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}: {2}</{0}>\n", kElements[static_cast<std::size_t>(test.problem)],
                        test.type, message, markup(test.name));
  }
  const std::string open = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", classname, markup(test.name));
  return body.empty() ? open + "/>\n" : open + ">\n" + body + "    </testcase>\n";
}

std::map<std::string, std::string> run_properties(const RunRow& run) {
  return {{"seed", std::to_string(run.seed)},
          {"world", run.world},
          {"verdict", run.verdict},
          {"outcome", run.outcome},
          {"version", run.version}};
}

}  // namespace

std::string junit_xml(const StoredRun& run) {
  const std::string name = markup(run.run.scenario + "." + run.run.run_case);
  std::string cases;
  const std::vector<TestCase> tests = cases_of(run);
  for (const TestCase& test : tests) cases += case_xml(test, name);
  const auto with = [&tests](Problem problem) { return std::ranges::count(tests, problem, &TestCase::problem); };
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", tests.size(), with(Problem::kFailure),
                  with(Problem::kError), with(Problem::kSkipped), decimal(run.run.duration, 9));
  const std::string started = run.run.started_at_utc.empty() ? "" : fmt::format(" timestamp=\"{}\"", markup(run.run.started_at_utc));
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rehearsal\" {0}>\n  <testsuite name=\"{1}\" {0}{2}>\n{3}{4}  "
      "</testsuite>\n</testsuites>\n",
      counts, name, started, properties_xml(run_properties(run.run), "    "), cases);
}

}  // namespace reports
