#include "harness/run/drill_board.h"

namespace harness {
namespace {

// A drill that no session has noticed may still be noticed while buffers run dry; seconds after its end until that is believed.
constexpr double kQuietAfter = 10;

bool is_settled(const reports::DrillRow& row, double now) {
  return row.recovered_at && (row.sessions_affected > 0 || now >= *row.recovered_at + kQuietAfter);
}

}  // namespace

DrillBoard::DrillBoard(const Scenario& scenario, Stage& stage, Journal& journal,
                       std::function<std::set<std::uint32_t>(std::size_t)> active_in, std::function<void(std::string)> failed)
    : scenario_{scenario}, stage_{stage}, journal_{journal}, active_in_{std::move(active_in)}, failed_{std::move(failed)} {
  entries_.reserve(scenario.drills.size());
  for (const DrillPlan& plan : scenario.drills)
    entries_.push_back({&plan, DrillTracker{plan.name, to_text(plan.inject), base::to_seconds(plan.lasts)}, {}, {}, {}, {}});
}

void DrillBoard::arm(base::Instant live) {
  for (Entry& entry : entries_) {
    entry.start = stage_.timeline().call_at(live + entry.plan->at, [this, &entry] { inject(entry); });
    if (is_of_contribution(*entry.plan))
      entry.end = stage_.timeline().call_at(live + entry.plan->at + entry.plan->lasts, [this, &entry] { stage_.mend_feed(*entry.plan); });
  }
}

std::vector<std::size_t> DrillBoard::targeted_cohorts(const DrillPlan& plan) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < scenario_.cohorts.size(); ++i) {
    const bool has_tokens = scenario_.cohorts[i].path == PathKind::kAuthenticated;
    if (matches(plan.cohorts, scenario_.cohorts[i]) && (has_tokens || plan.inject != DrillKind::kTokenExpiry)) out.push_back(i);
  }
  return out;
}

void DrillBoard::inject(Entry& entry) {
  const base::Instant now = stage_.timeline().now();
  for (const std::size_t cohort : targeted_cohorts(*entry.plan)) {
    entry.targeted.merge(active_in_(cohort));
    if (entry.plan->inject == DrillKind::kTokenExpiry)
      stage_.expire_tokens(scenario_.cohorts[cohort].name, [this, name = entry.plan->name](const std::string& reason) {
        failed_("drill " + name + " could not be injected: " + reason);
      });
  }
  if (is_of_contribution(*entry.plan)) stage_.strike_feed(*entry.plan);
  entry.injected = now;
  entry.tracker.injected(journal_.seconds(now), entry.targeted);
  journal_.drill(now, entry.plan->name, "injected");
}

DrillBoard::Entry* DrillBoard::latest_for(std::uint32_t session) {
  Entry* latest = nullptr;
  for (Entry& entry : entries_)
    if (entry.tracker.is_injected() && entry.targeted.contains(session) && (latest == nullptr || entry.plan->at >= latest->plan->at))
      latest = &entry;
  return latest;
}

void DrillBoard::see(const Sign& sign) {
  const double at = journal_.seconds(sign.at);
  if (sign.kind == Sign::Kind::kSymptom) {
    if (Entry* entry = latest_for(sign.session)) entry->tracker.symptom(at, sign.session);
    return;
  }
  for (Entry& entry : entries_)
    sign.kind == Sign::Kind::kNormal ? entry.tracker.normal(at, sign.session) : entry.tracker.left(at, sign.session);
}

bool DrillBoard::waits_for_recovery(base::Instant now) const {
  for (const Entry& entry : entries_)
    if (entry.tracker.is_injected() && !is_settled(entry.tracker.row(journal_.seconds(now)), journal_.seconds(now))) return true;
  return false;
}

void DrillBoard::tick(base::Instant now) {
  for (Entry& entry : entries_) {
    if (!entry.tracker.is_injected() || entry.said_recovered) continue;
    const reports::DrillRow row = entry.tracker.row(journal_.seconds(now));
    const auto say = [&](const std::optional<double>& when, bool& said, const char* what) {
      if (!when || said) return;
      said = true;
      journal_.add(reports::TimelineRow{*when, "drill", entry.plan->name, what});
    };
    say(row.first_symptom_at, entry.said_symptom, "first-symptom");
    say(row.detected_at, entry.said_detected, "detected");
    if (is_settled(row, journal_.seconds(now))) say(row.recovered_at, entry.said_recovered, "recovered");
  }
}

std::vector<reports::DrillRow> DrillBoard::rows(base::Instant now) const {
  std::vector<reports::DrillRow> out;
  for (const Entry& entry : entries_) {
    out.push_back(entry.tracker.row(journal_.seconds(now)));
    if (entry.injected && is_of_contribution(*entry.plan)) add_contribution(entry, now, out.back());
  }
  return out;
}

// What happens later is no longer put down to the drill, nor is what another one does.
base::Instant DrillBoard::end_of_contribution(const Entry& entry, base::Instant now) const {
  base::Instant end = std::min(now, *entry.injected + entry.plan->lasts + base::from_seconds(DrillTracker::kWindow));
  for (const Entry& other : entries_)
    if (other.injected && is_of_contribution(*other.plan) && *other.injected > *entry.injected) end = std::min(end, *other.injected);
  return end;
}

// The server mitigates by switching.
void DrillBoard::add_contribution(const Entry& entry, base::Instant now, reports::DrillRow& row) const {
  const auto facts = stage_.contribution(*entry.injected, end_of_contribution(entry, now));
  if (!facts) return;
  row.switches = facts->switches;
  if (facts->noticed_at) {
    row.noticed_at = journal_.seconds(*facts->noticed_at);
    row.noticed = facts->noticed;
  }
  if (facts->switched_at) {
    row.mitigated_at = journal_.seconds(*facts->switched_at);
    row.switched_to = facts->switched_to;
    row.gap_ms = facts->gap_ms;
  }
  if (!facts->frames || facts->frames->delivered == 0) return;
  row.frames_delivered = facts->frames->delivered;
  row.frames_missing = facts->frames->missing;
  row.frames_repeated = facts->frames->repeated;
}

}  // namespace harness
