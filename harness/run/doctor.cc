#include "harness/run/doctor.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "harness/run/limits.h"
#include "harness/run/reference_server.h"

namespace harness {
namespace {

// PRETTY_NAME of os-release(5).
std::string distribution() {
  std::ifstream in{"/etc/os-release"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("PRETTY_NAME=")) {
      std::erase(line, '"');
      return line.substr(std::strlen("PRETTY_NAME="));
    }
  return "Linux";
}

std::string machine() {
  utsname kernel{};
  uname(&kernel);
  struct sysinfo memory {};
  sysinfo(&memory);
  const double gibibytes = static_cast<double>(memory.totalram) * memory.mem_unit / (1024.0 * 1024 * 1024);
  const unsigned processors = std::thread::hardware_concurrency();
  return fmt::format("{}, Linux {}, {} processor{}, {:.1f} GiB memory, user {}", distribution(), kernel.release, processors,
                     processors == 1 ? "" : "s", gibibytes, geteuid());
}

Finding viewers() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t most = most_sessions(limit.rlim_max);
  return {.name = "open files",
          .good = most > 0,
          .detail = fmt::format("{} at most: room for {} viewers at once{}", limit.rlim_max, most,
                                most < 1000 ? fmt::format("; raise it: ulimit -Hn {}", descriptors_for(1000)) : "")};
}

Finding server() {
  const std::string program = ReferenceServer::program();
  const bool runs = access(program.c_str(), X_OK) == 0;
  return {.name = "reference server",
          .good = runs,
          .detail = runs ? program : fmt::format("{}: {}; build it, or name it in REHEARSE_SERVER", program, std::strerror(errno))};
}

// Asked of the kernel for a moment; the router does the same for its thread.
Finding real_time() {
  const sched_param wanted{.sched_priority = 1};
  const bool granted = sched_setscheduler(0, SCHED_FIFO, &wanted) == 0;
  const int failure = errno;
  const sched_param usual{};
  if (granted) sched_setscheduler(0, SCHED_OTHER, &usual);
  return {.name = "real-time priority",
          .good = granted,
          .needed = false,
          .detail =
              granted ? "the user-space router gets the processor as soon as a packet is due"
                      : fmt::format("{}: on a busy machine the user-space router will be late more often; run as root, or raise ulimit -r",
                                    std::strerror(failure))};
}

Finding congestion_control() {
  std::ifstream in{"/proc/sys/net/ipv4/tcp_available_congestion_control"};
  std::string list, word;
  std::getline(in, list);
  std::istringstream words{list};
  bool found = false;
  while (words >> word) found = found || word == "cubic";
  return {.name = "congestion control",
          .good = found,
          .detail = found ? fmt::format("cubic, of {}", list)
                          : fmt::format("cubic is not among {}; modprobe tcp_cubic, or set links.congestion_control", list)};
}

Finding disk() {
  struct statvfs space {};
  if (statvfs(".", &space) != 0)
    return {.name = "disk", .good = false, .detail = fmt::format("look at the current directory: {}", std::strerror(errno))};
  const std::uint64_t left = std::uint64_t{space.f_bavail} * space.f_frsize;
  const bool enough = left > 1'000'000'000;
  return {.name = "disk",
          .good = enough,
          .needed = false,
          .detail = fmt::format("{:.1f} GB free in the current directory, where runs go{}", static_cast<double>(left) / 1e9,
                                enough ? "" : "; a run may need a gigabyte")};
}

std::string auto_backend(const netem::Probe& probe) {
  if (!probe.kernel.available && !probe.tun.available) return "";
  return netem::to_text(netem::choose_backend(netem::BackendChoice::kAuto, probe));
}

}  // namespace

Diagnosis diagnose() {
  const netem::Probe probe = netem::probe_links();
  Diagnosis out{.machine = machine(), .findings = {}, .backend = auto_backend(probe)};
  const bool linked = !out.backend.empty();
  out.findings = {{.name = "namespaces", .good = probe.namespaces.available, .detail = probe.namespaces.reason},
                  {.name = "links by kernel netem", .good = probe.kernel.available, .needed = !linked, .detail = probe.kernel.reason},
                  {.name = "links by user-space router", .good = probe.tun.available, .needed = !linked, .detail = probe.tun.reason},
                  congestion_control(),
                  real_time(),
                  viewers(),
                  server(),
                  disk()};
  out.able = std::all_of(out.findings.begin(), out.findings.end(), [](const Finding& f) { return f.good || !f.needed; });
  return out;
}

std::string to_text(const Diagnosis& diagnosis) {
  std::string out = diagnosis.machine + "\n\n";
  for (const Finding& finding : diagnosis.findings)
    out += fmt::format("  {:4} {:27} {}\n", finding.good ? "yes" : finding.needed ? "NO" : "no", finding.name, finding.detail);
  out += diagnosis.backend.empty() ? "\nlinks.backend \"auto\": neither kernel netem nor the user-space router is to be had here\n"
                                   : fmt::format("\nlinks.backend \"auto\" means \"{}\" here\n", diagnosis.backend);
  out += diagnosis.able ? "This machine can rehearse.\n"
         : diagnosis.backend.empty()
             ? "This machine cannot rehearse with links: one of the two is needed, and every other NO above mended.\n"
             : "This machine cannot rehearse until every NO above is mended.\n";
  return out;
}

base::Json to_json(const Diagnosis& diagnosis) {
  base::Json findings = base::Json::array();
  for (const Finding& finding : diagnosis.findings)
    findings.push_back({{"name", finding.name}, {"good", finding.good}, {"needed", finding.needed}, {"detail", finding.detail}});
  return {{"schema", "rehearsal/doctor/1"},
          {"machine", diagnosis.machine},
          {"able", diagnosis.able},
          {"backend", diagnosis.backend},
          {"findings", findings}};
}

}  // namespace harness
