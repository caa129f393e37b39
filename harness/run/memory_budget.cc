#include "harness/run/memory_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/errors.h"
#include "base/random.h"
#include "harness/behaviour/draw.h"

namespace harness {
namespace {

// By docs/simulate.md a million viewers take 4.3 kB each in all after two minutes, and 0.6 kB more once the caches of their browsers are
// full; a session that is over leaves its row, for the reports. Reckoned with is somewhat more. What a run takes whatever its audience:
// with 1 viewer.
constexpr std::int64_t kOwnBytes = 40'000'000;
constexpr std::int64_t kBytesPerViewer = 5'000;
constexpr std::int64_t kBytesPerSession = 1'000;
constexpr std::int64_t kBytesPerFollower = 500;
constexpr base::Duration kStartup = std::chrono::seconds{10};

std::optional<std::int64_t> number_in(const std::string& file) {
  std::ifstream in{file};
  std::int64_t value = 0;
  return in >> value ? std::optional{value} : std::nullopt;  // "max" is none
}

// The number behind a name: "MemAvailable:  123 kB".
std::optional<std::int64_t> number_after(const std::string& name, const std::string& file) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string first;
    std::int64_t value = 0;
    if (words >> first >> value && first == name) return value;
  }
  return std::nullopt;
}

// Where a control group tells of itself, and the names of its files.
struct MemoryGroup {
  std::string mount, path;
  const char *limit, *used, *droppable;
};

// Of this process: "0::/a/b" is version 2's, "4:memory:/a/b" version 1's.
std::optional<MemoryGroup> memory_group(const std::string& root) {
  std::ifstream in{root + "/proc/self/cgroup"};
  std::optional<MemoryGroup> found;
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    if (controllers.find(",memory,") != std::string::npos)
      return MemoryGroup{root + "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
    if (controllers == ",,") found = MemoryGroup{root + "/sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file"};
  }
  return found;
}

// What the group's limit and those above it leave. File pages that nobody uses go when memory is needed.
std::optional<std::int64_t> left_to_group(const MemoryGroup& group) {
  std::optional<std::int64_t> least;
  for (std::string path = group.path;; path.erase(path.rfind('/'))) {
    const std::string folder = group.mount + path + "/";
    const auto limit = number_in(folder + group.limit), used = number_in(folder + group.used);
    if (limit && used) {
      const std::int64_t left =
          std::max<std::int64_t>(0, *limit - *used + number_after(group.droppable, folder + "memory.stat").value_or(0));
      least = std::min(least.value_or(left), left);
    }
    if (path.find('/') == std::string::npos) return least;
  }
}

std::string gigabytes(std::int64_t bytes) { return fmt::format("{:.3g} GB", static_cast<double>(bytes) / 1e9); }

// Of how many times the mean rate viewers come at most (plan_arrivals).
double busiest(ArrivalShape shape) {
  switch (shape) {
    case ArrivalShape::kRamp:
      return 2;
    case ArrivalShape::kBurst:
      return 5;
    case ArrivalShape::kSteady:
    case ArrivalShape::kPoisson:
      break;
  }
  return 1;
}

// Of the viewers who are there, the share that plays itself where some play on for others.
double playing(const Scenario& scenario) {
  const RepresentativePlan* plan = scenario.representatives();
  if (plan == nullptr) return 1;
  const double coming = base::to_seconds(plan->after + kStartup) / std::max(base::to_seconds(scenario.arrivals.over), 1e-3);
  return std::min(1.0, busiest(scenario.arrivals.shape) * coming + 1.0 / plan->of);
}

// Of a cohort's viewers, the share that is there at once.
double staying_of(const Scenario& scenario, const Cohort& cohort) {
  if (!cohort.behaviour.watch) return 1;
  constexpr int kDraws = 1000;
  base::Random random{1};
  double watched = 0;
  for (int i = 0; i < kDraws; ++i) watched += base::to_seconds(std::min(draw(*cohort.behaviour.watch, random), scenario.duration)) / kDraws;
  return std::min(1.0, busiest(scenario.arrivals.shape) * watched / std::max(base::to_seconds(scenario.arrivals.over), 1e-3));
}

}  // namespace

std::int64_t memory_for(const Scenario& scenario) {
  double sum = 0, staying = 0;
  for (const Cohort& cohort : scenario.cohorts) sum += cohort.share, staying += cohort.share * staying_of(scenario, cohort);
  const double there = sum > 0 ? scenario.sessions * staying / sum : 0, share = playing(scenario);
  return kOwnBytes + std::llround(there * (share * kBytesPerViewer + (1 - share) * kBytesPerFollower)) +
         scenario.sessions * kBytesPerSession;
}

std::optional<FreeMemory> free_memory(const std::string& root) {
  const auto available = number_after("MemAvailable:", root + "/proc/meminfo");
  const auto group = memory_group(root);
  const auto left = group ? left_to_group(*group) : std::nullopt;
  if (left && (!available || *left < *available * 1024)) return FreeMemory{*left, true};
  return available ? std::optional{FreeMemory{*available * 1024, false}} : std::nullopt;
}

void check_memory(const Scenario& scenario, const std::optional<FreeMemory>& free) {
  const std::int64_t needed = memory_for(scenario);
  if (!free || needed <= free->bytes) return;
  const double share = std::max(0.0, static_cast<double>(free->bytes - kOwnBytes) / static_cast<double>(needed - kOwnBytes));
  throw base::RunFailed(fmt::format(
      "{} viewers take some {} of memory, and {} {} free; lower audience.sessions to {}, play a share of the audience by --scale {:.2g}, "
      "or {}",
      scenario.sessions, gigabytes(needed), gigabytes(free->bytes), free->is_group_limit ? "of this process's control group are" : "are",
      std::max(1.0, std::floor(scenario.sessions * share)), std::max(0.0001, std::floor(share * 100) / 100),
      free->is_group_limit ? "raise that limit" : "use a machine with more"));
}

}  // namespace harness
