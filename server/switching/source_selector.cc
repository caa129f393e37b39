#include "server/switching/source_selector.h"

namespace server {

void SourceSelector::picture(Feed feed, base::Instant now) {
  Source& mine = source(feed);
  if (!is_sending(feed, now)) mine.first = now;
  mine.last = now;
  mine.has_ended = false;
}

void SourceSelector::ended(Feed feed) { source(feed).has_ended = true; }

void SourceSelector::judge(Feed feed, bool fit, base::Instant now) {
  Source& mine = source(feed);
  if (fit && !mine.fit) mine.fit_since = now;
  mine.fit = fit;
}

bool SourceSelector::is_sending(Feed feed, base::Instant now) const {
  const Source& mine = source(feed);
  return mine.last && !mine.has_ended && now - *mine.last <= options_.failover.switch_after;
}

std::optional<base::Instant> SourceSelector::last_picture(Feed feed) const { return source(feed).last; }

bool SourceSelector::is_steady(Feed feed, base::Duration time, base::Instant now) const {
  const Source& mine = source(feed);
  return is_usable(feed, now) && now - *mine.first >= time && now - mine.fit_since >= time;
}

std::optional<SourceSelector::Switch> SourceSelector::tick(base::Instant now) {
  if (is_source(on_air_) && preferred_ == on_air_ && !is_sending(on_air_, now)) preferred_.reset();  // lost: it has no claim any more
  const std::optional<Switch> found = decide(now);
  ordered_.reset();
  if (!found) return std::nullopt;
  if (preferred_ && found->to != *preferred_ && is_source(found->to)) preferred_.reset();
  on_air_ = found->to;
  switched_ = now;
  return found;
}

std::optional<SourceSelector::Switch> SourceSelector::decide(base::Instant now) const {
  if (pinned_) return decide_pinned(now);
  if (ordered_ && *ordered_ != on_air_ && is_sending(*ordered_, now)) return to(*ordered_, SwitchReason::kManual);
  if (on_air_ == Feed::kNone) {
    if (is_usable(Feed::kPrimary, now)) return to(Feed::kPrimary, SwitchReason::kFirstPicture);
    if (is_steady(Feed::kBackup, options_.failover.switch_after, now)) return to(Feed::kBackup, SwitchReason::kFirstPicture);
    return std::nullopt;
  }
  if (on_air_ == Feed::kSlate) return leave_slate(now);
  return is_sending(on_air_, now) ? leave_working(now) : leave_lost(now);
}

std::optional<SourceSelector::Switch> SourceSelector::decide_pinned(base::Instant now) const {
  if (is_sending(*pinned_, now)) return on_air_ == *pinned_ ? std::nullopt : std::optional{to(*pinned_, SwitchReason::kPinned)};
  if (on_air_ == Feed::kNone || on_air_ == Feed::kSlate || !options_.slate_after) return std::nullopt;
  const auto& last = source(on_air_).last;
  if (on_air_ != *pinned_ || now - *last >= *options_.slate_after) return to(Feed::kSlate, SwitchReason::kMediaGap);
  return std::nullopt;
}

std::optional<SourceSelector::Switch> SourceSelector::leave_lost(base::Instant now) const {
  const Feed other = other_than(on_air_);
  if (options_.backup && is_sending(other, now)) return to(other, SwitchReason::kMediaGap);
  if (options_.slate_after && now - *source(on_air_).last >= *options_.slate_after) return to(Feed::kSlate, SwitchReason::kMediaGap);
  return std::nullopt;
}

std::optional<SourceSelector::Switch> SourceSelector::leave_slate(base::Instant now) const {
  for (const Feed feed : kSources) {
    if (is_steady(feed, kSteady, now)) return to(feed, SwitchReason::kRecovered);
  }
  return std::nullopt;
}

std::optional<SourceSelector::Switch> SourceSelector::leave_working(base::Instant now) const {
  if (!options_.backup) return std::nullopt;
  const Feed other = other_than(on_air_);
  const bool dwelt = !switched_ || now - *switched_ >= options_.failover.dwell;
  if (!source(on_air_).fit && is_steady(other, kSteady, now) && dwelt) return to(other, SwitchReason::kUnfit);
  const bool may_fail_back = on_air_ == Feed::kBackup && options_.failover.failback && preferred_ != Feed::kBackup;
  if (may_fail_back && dwelt && is_steady(Feed::kPrimary, options_.failover.failback_after, now))
    return to(Feed::kPrimary, SwitchReason::kFailback);
  return std::nullopt;
}

}  // namespace server
