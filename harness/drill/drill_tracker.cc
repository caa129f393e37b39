#include "harness/drill/drill_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/ensure.h"

namespace harness {
namespace {

// Seconds of play that make a recovery believable.
constexpr double kSteadyPlay = 1;
// Of the targeted sessions; more of them in trouble raise the alert.
constexpr double kAlertShare = 0.01;

std::size_t alert_level(std::size_t targeted) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(kAlertShare * static_cast<double>(targeted))));
}

}  // namespace

DrillTracker::DrillTracker(std::string name, std::string inject, double lasts)
    : name_{std::move(name)}, inject_{std::move(inject)}, lasts_{lasts} {
  ENSURE(lasts >= 0);
}

void DrillTracker::injected(double at, const std::set<std::uint32_t>& targeted_and_active) {
  ENSURE(!injected_at_);
  injected_at_ = at;
  targeted_ = targeted_and_active;
}

bool DrillTracker::is_injected() const { return injected_at_.has_value(); }

bool DrillTracker::is_in_window(double at) const { return at >= *injected_at_ && at <= end() + kWindow; }

void DrillTracker::symptom(double at, std::uint32_t session) {
  if (!injected_at_ || !targeted_.contains(session)) return;
  auto known = affected_.find(session);
  if (known == affected_.end()) {
    if (!is_in_window(at)) return;
    affected_.emplace(session, Affected{.first_symptom = at, .normal_since = {}, .left = false});
    if (!first_symptom_at_) first_symptom_at_ = at;
    if (!detected_at_ && affected_.size() >= alert_level(targeted_.size())) detected_at_ = at;
    return;
  }
  Affected& affected = known->second;
  const bool is_over = affected.left || (!is_in_window(at) && recovered_at(affected, at));
  if (!is_over) affected.normal_since.reset();
}

void DrillTracker::normal(double at, std::uint32_t session) {
  const auto known = affected_.find(session);
  if (known == affected_.end() || known->second.left || known->second.normal_since) return;
  known->second.normal_since = at;
}

void DrillTracker::left(double, std::uint32_t session) {
  const auto known = affected_.find(session);
  if (known != affected_.end()) known->second.left = true;
}

std::optional<double> DrillTracker::recovered_at(const Affected& session, double now) const {
  const bool is_believed = session.left || (session.normal_since && now - *session.normal_since >= kSteadyPlay);
  return is_believed ? session.normal_since : std::nullopt;
}

reports::DrillRow DrillTracker::row(double now) const {
  reports::DrillRow row{.name = name_, .inject = inject_};
  row.first_symptom_at = first_symptom_at_;
  row.detected_at = detected_at_;
  row.sessions_targeted = static_cast<std::uint32_t>(targeted_.size());
  row.sessions_affected = static_cast<std::uint32_t>(affected_.size());
  if (injected_at_) {
    row.injected_at = injected_at_;
    for (const auto& [id, session] : affected_)
      if (const auto at = recovered_at(session, now)) row.recovery_times.push_back(*at - *injected_at_);
  }
  row.sessions_recovered = static_cast<std::uint32_t>(row.recovery_times.size());
  describe(row, now);
  return row;
}

void DrillTracker::describe(reports::DrillRow& row, double now) const {
  if (!injected_at_) {
    row.note = "the drill was not injected: the run ended before";
  } else if (now < end()) {
    row.note = "the injection has not ended";
  } else if (affected_.empty()) {
    row.recovered_at = end();
    row.note = targeted_.empty() ? "no targeted session was active at the injection: nothing was rehearsed"
                                 : "no targeted session showed a symptom; recovered_at is the end of the injection";
  } else if (row.sessions_recovered < row.sessions_affected) {
    row.note =
        fmt::format("{} of {} affected sessions have not recovered", row.sessions_affected - row.sessions_recovered, row.sessions_affected);
  } else {
    row.recovered_at = std::max(end(), *injected_at_ + *std::max_element(row.recovery_times.begin(), row.recovery_times.end()));
    if (!detected_at_) row.note = "fewer than 1 % of the targeted sessions showed a symptom: not detected";
  }
}

}  // namespace harness
