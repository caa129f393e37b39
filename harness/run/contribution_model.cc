#include "harness/run/contribution_model.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

// Of server/library/live_output.cc.
constexpr base::Duration kLeastLoss = 500ms;
constexpr base::Duration kSlateBehindSwitch = 100ms;
constexpr base::Duration kLossBehindSwitch = 300ms;

}  // namespace

base::Duration ContributionModel::slate_after() const { return std::max(kLeastLoss, options_.switch_after + kSlateBehindSwitch); }

base::Duration ContributionModel::loss_after() const {
  if (options_.slate) return slate_after() + kLossBehindSwitch;
  return options_.backup ? std::max(kLeastLoss, options_.switch_after + kLossBehindSwitch) : kLeastLoss;
}

void ContributionModel::lose(Feed feed, std::optional<base::Duration> ends, base::Instant now, std::optional<base::Instant> returns) {
  come_to(now);
  Source& mine = source(feed);
  if (!mine.sends) return;
  const base::Duration counts_for = std::min(ends.value_or(options_.switch_after), options_.switch_after);
  mine = {.sends = false, .ends = ends.has_value(), .since = mine.since, .last = now, .counts_for = counts_for, .returns = returns};
}

void ContributionModel::regain(Feed feed, base::Instant now) {
  come_to(now);
  Source& mine = source(feed);
  if (mine.sends) return;
  if (mine.ends && now < lost_at(mine)) {
    mine.counts_for = now - mine.last;
    settle(now);
  }
  mine = {.sends = true, .since = now < lost_at(mine) ? mine.since : now};
}

void ContributionModel::advance(base::Instant now) {
  come_to(now);
  settle(now);
}

void ContributionModel::come_to(base::Instant now) {
  for (auto next = next_change(); next && *next <= now; next = next_change()) settle(*next);
}

std::optional<ContributionModel::OnAir> ContributionModel::decide(base::Instant now) const {
  if (on_air_ == OnAir::kSlate) {
    for (const OnAir each : {OnAir::kPrimary, OnAir::kBackup}) {
      const Source& source = sources_[each == OnAir::kPrimary ? 0 : 1];
      if ((each == OnAir::kPrimary || options_.backup) && is_there(source, now) && now >= source.since + kSteady) return each;
    }
    return std::nullopt;
  }
  const OnAir another = on_air_ == OnAir::kPrimary ? OnAir::kBackup : OnAir::kPrimary;
  if (is_there(on_air(), now)) {
    const bool fails_back = on_air_ == OnAir::kBackup && is_there(other(), now) && now >= other().since + options_.failback_after;
    return fails_back && now >= *switched_ + kDwell ? std::optional{OnAir::kPrimary} : std::nullopt;
  }
  if (options_.backup && is_there(other(), now)) return another;
  if (options_.slate && now >= on_air().last + slate_after()) return OnAir::kSlate;
  return std::nullopt;
}

void ContributionModel::settle(base::Instant now) {
  settled_ = now;
  if (on_air_ == OnAir::kSlate || on_air().sends) halted_at_ = silent_since_ = now;
  // A source that takes over and has ended by then puts out what it sent while it stood by.
  const auto note_end = [this, now] {
    if (output_ == Output::kLost || on_air_ == OnAir::kSlate || on_air().sends || on_air().last <= halted_at_) return;
    halted_at_ = on_air().last;
    silent_since_ = now;
  };
  note_end();
  while (const auto next = decide(now)) {
    on_air_ = *next;
    note_end();
    switched_ = now;
  }
  if (on_air_ == OnAir::kSlate || on_air().sends) {
    output_ = Output::kFlows;
  } else if (output_ != Output::kLost) {
    output_ = Output::kHalted;
  }
  if (output_ == Output::kHalted && now >= silent_since_ + loss_after()) output_ = Output::kLost;
}

std::optional<base::Instant> ContributionModel::next_change() const {
  std::optional<base::Instant> next;
  const auto consider = [&](base::Instant when) {
    if (when > settled_ && (!next || when < *next)) next = when;
  };
  if (output_ == Output::kHalted) consider(silent_since_ + loss_after());
  if (on_air_ == OnAir::kSlate) {
    for (const Source& source : sources_) consider(source.since + kSteady);
    return next;
  }
  if (!on_air().sends && options_.backup) consider(lost_at(on_air()));
  if (!on_air().sends && options_.slate) consider(on_air().last + slate_after());
  if (on_air_ == OnAir::kBackup) consider(std::max(other().since + options_.failback_after, *switched_ + kDwell));
  return next;
}

bool ContributionModel::is_lost_next() const { return output_ == Output::kHalted && halted_until() == silent_since_ + loss_after(); }

base::Instant ContributionModel::halted_until() const {
  ENSURE(output_ == Output::kHalted);
  base::Instant end = *next_change();
  if (on_air().returns) end = std::min(end, *on_air().returns);
  if (options_.backup && other().returns) end = std::min(end, std::max(*other().returns, lost_at(on_air())));
  return end;
}

}  // namespace harness
