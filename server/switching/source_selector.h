// SourceSelector: which of a stream's sources is on air. Pure: time comes in as instants. One thread.
//
//   nothing on air ──▶ the primary with its first picture, the backup when its pictures have come for `switch_after`
//   no picture from the source on air for `switch_after`, or its connection has ended ──▶ the other one, when its pictures come; else the
//                                                                                       slate, after `slate_after`
//   slate on air ──▶ the first source whose pictures have come for kSteady, the primary before the backup
//   backup on air ──▶ the primary, when its pictures have come without a gap for `failback_after` and `dwell` has passed since the switch
//   pinned ──▶ that one, whatever happens; the slate while it sends nothing
#pragma once

#include <array>
#include <optional>

#include "base/time.h"
#include "server/package/streams.h"

namespace server {

class SourceSelector {
 public:
  struct Options {
    FailoverSpec failover{};
    bool backup = false;
    std::optional<base::Duration> slate_after{};  // nothing: there is no slate
  };
  // A source must have sent for so long before it takes the place of the slate.
  static constexpr base::Duration kSteady = std::chrono::milliseconds{500};

  explicit SourceSelector(const Options& options) : options_{options} {}

  // A picture has come from a source.
  void picture(Feed source, base::Instant now);
  // Its connection has ended: nothing comes before another one.
  void ended(Feed source);
  // Whether what a source sends is fit to be shown, besides that it comes at all. True at first.
  void judge(Feed source, bool fit, base::Instant now);
  // Puts it on air with the next tick, if its pictures come, and keeps it there until it is lost or another order comes.
  void prefer(Feed source) { ordered_ = preferred_ = source; }
  // Nothing: no more.
  void pin(std::optional<Feed> source) { pinned_ = source; }

  struct Switch {
    Feed from = Feed::kNone, to = Feed::kNone;
    SwitchReason reason = SwitchReason::kFirstPicture;
    friend bool operator==(const Switch&, const Switch&) = default;
  };
  // To be called often, also while nothing comes, and behind every picture.
  std::optional<Switch> tick(base::Instant now);

  Feed on_air() const { return on_air_; }
  std::optional<Feed> pinned() const { return pinned_; }
  // Pictures come.
  bool is_sending(Feed source, base::Instant now) const;
  // Nothing before its first one.
  std::optional<base::Instant> last_picture(Feed source) const;

 private:
  struct Source {
    std::optional<base::Instant> first, last;  // picture, without a gap since the first
    bool has_ended = false;                    // behind the last
    bool fit = true;
    base::Instant fit_since;
  };
  static constexpr std::array kSources{Feed::kPrimary, Feed::kBackup};
  static bool is_source(Feed feed) { return feed == Feed::kPrimary || feed == Feed::kBackup; }
  static Feed other_than(Feed source) { return source == Feed::kPrimary ? Feed::kBackup : Feed::kPrimary; }
  Source& source(Feed feed) { return sources_[feed == Feed::kBackup ? 1 : 0]; }
  const Source& source(Feed feed) const { return sources_[feed == Feed::kBackup ? 1 : 0]; }
  bool is_usable(Feed feed, base::Instant now) const { return is_sending(feed, now) && source(feed).fit; }
  // Usable without a break for so long.
  bool is_steady(Feed feed, base::Duration time, base::Instant now) const;
  std::optional<Switch> decide(base::Instant now) const;
  std::optional<Switch> decide_pinned(base::Instant now) const;
  std::optional<Switch> leave_lost(base::Instant now) const;
  std::optional<Switch> leave_slate(base::Instant now) const;
  std::optional<Switch> leave_working(base::Instant now) const;
  Switch to(Feed feed, SwitchReason reason) const { return {.from = on_air_, .to = feed, .reason = reason}; }

  Options options_;
  std::array<Source, 2> sources_;
  Feed on_air_ = Feed::kNone;
  std::optional<base::Instant> switched_;
  std::optional<Feed> pinned_, ordered_, preferred_;
};

}  // namespace server
