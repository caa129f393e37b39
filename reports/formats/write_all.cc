#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/errors.h"
#include "reports/formats/formats.h"

namespace reports {
namespace {

// First beside the file, then renamed over it: a reader never sees half a report.
void write(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path draft = file.string() + ".new";
  errno = 0;
  std::ofstream out{draft, std::ios::binary | std::ios::trunc};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code problem{out ? 0 : (errno == 0 ? EIO : errno), std::generic_category()};
  if (!problem) std::filesystem::rename(draft, file, problem);
  if (!problem) return;
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  throw base::RunFailed(fmt::format("write {}: {}", file.string(), problem.message()));
}

}  // namespace

void write_cases(const std::string& directory, const std::vector<CaseRun>& cases) {
  const std::filesystem::path place{directory};
  write(place / "cases.html", cases_html(cases));
  write(place / "cases.json", cases_json(cases));
}

StoredRun write_all(const std::string& directory) {
  const std::filesystem::path place{directory};
  const std::string store = (place / "run.db").string();
  StoredRun run = read_run(store);
  write(place / "summary.json", summary_json(run));
  write(place / "junit.xml", junit_xml(run));
  write(place / "timeline.ndjson", timeline_ndjson(run, read_events(store)));
  write(place / "report.html", html_report(run));
  return run;
}

}  // namespace reports
