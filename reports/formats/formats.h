// The reports of a stored run. Each is a pure function from the stored run to text; write_all puts them into the run directory.
#pragma once

#include <string>
#include <vector>

#include "reports/formats/words/case_table.h"
#include "reports/store/run_store.h"

namespace reports {

// summary.json, schema rehearsal/summary/1 (docs/reports.md). Byte-identical for equal runs.
std::string summary_json(const StoredRun& run);
// One test suite; one testcase per gate threshold and cohort; the metric value stands in the message and properties.
std::string junit_xml(const StoredRun& run);
// One JSON object a line: phases, drills, session events of note, in time order.
std::string timeline_ndjson(const StoredRun& run, const std::vector<EventRow>& events);
// One self-contained page: plots (concurrency, startup distribution, stalls over time with the drills marked, bitrate share), tables.
std::string html_report(const StoredRun& run);
// The verdict table for a terminal. `colour`: ANSI colours.
std::string terminal_table(const StoredRun& run, bool colour);

// The cases of a scenario side by side, for a terminal and as a page with links to their reports, which lie in folders of their names.
std::string cases_table(const std::vector<CaseRun>& cases, bool colour);
std::string cases_html(const std::vector<CaseRun>& cases);
// {"schema": "rehearsal/cases/1", "cases": [{"name", "directory", "verdict", "summary"}], "figures": [{"name", "values"}]}
std::string cases_json(const std::vector<CaseRun>& cases);
// cases.html and cases.json in `directory`. Throws base::RunFailed naming the file.
void write_cases(const std::string& directory, const std::vector<CaseRun>& cases);

// summary.json, junit.xml, timeline.ndjson, report.html beside run.db in `directory`. Returns what is in the store. Throws base::RunFailed
// naming the file.
StoredRun write_all(const std::string& directory);

}  // namespace reports
