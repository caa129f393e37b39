// ContributionModel: what is left of a live stream's output while its feeds go and come back, as the reference server's source selector and
// slot grid decide it (server/switching, server/transcode/slot_grid.h; docs/server.md, "Switching"). A feed sends all its pictures or none,
// and they are there at once. The encoder has failback on and its usual dwell. Pure: time is an argument and never goes back.
#pragma once

#include <array>
#include <optional>

#include "base/time.h"

namespace harness {

class ContributionModel {
 public:
  struct Options {
    base::Duration switch_after;    // without a picture
    base::Duration failback_after;  // of the primary's pictures without a gap
    bool backup = false, slate = false;
  };
  // A source stays on air for so long, unless it is lost. As the server's default (server/package/streams.h).
  static constexpr base::Duration kDwell = std::chrono::seconds{5};
  // Behind a slate it must have sent for so long (server/switching/source_selector.h).
  static constexpr base::Duration kSteady = std::chrono::milliseconds{500};

  explicit ContributionModel(const Options& options) : options_{options} {}

  enum class Feed { kPrimary, kBackup };
  // Without a picture for so long the slate is on air, where there is one, or the output is lost.
  base::Duration slate_after() const;
  base::Duration loss_after() const;
  // What becomes of the feeds at an instant, before it is advanced to. No picture of one comes from `now` on, until `returns` if that is
  // known. `ends`: after how long without it the server sees its connection end, if it does.
  void lose(Feed feed, std::optional<base::Duration> ends, base::Instant now, std::optional<base::Instant> returns = std::nullopt);
  void regain(Feed feed, base::Instant now);
  // To be called at next_change(), if nothing else is before. Nothing need have changed then. The rest says what is so then.
  void advance(base::Instant now);
  std::optional<base::Instant> next_change() const;

  // kHalted: nothing comes out, and nothing is lost yet: a source that takes over goes on where the last one broke off, one that comes back
  // freezes the picture before it. kLost: the slot that was begun has been completed, and those after it are gaps.
  enum class Output { kFlows, kHalted, kLost };
  Output output() const { return output_; }
  // Requires: not kFlows. When the output ended.
  base::Instant halted_at() const { return halted_at_; }
  // Requires: kHalted. When that ends, as far as is known.
  base::Instant halted_until() const;
  // Whether the output is lost then.
  bool is_lost_next() const;

 private:
  enum class OnAir { kPrimary, kBackup, kSlate };
  struct Source {
    bool sends = true;
    bool ends = false;  // its connection, with what it sends: at the latest when another one takes its place
    base::Instant since = base::Instant::min();
    base::Instant last{};         // picture, where it does not send
    base::Duration counts_for{};  // as one that sends, since then
    std::optional<base::Instant> returns{};
  };
  Source& source(Feed feed) { return sources_[feed == Feed::kPrimary ? 0 : 1]; }
  const Source& on_air() const { return sources_[on_air_ == OnAir::kPrimary ? 0 : 1]; }
  const Source& other() const { return sources_[on_air_ == OnAir::kPrimary ? 1 : 0]; }
  static base::Instant lost_at(const Source& source) { return source.last + source.counts_for; }
  // For the server, which sees it only by its pictures.
  static bool is_there(const Source& source, base::Instant now) { return source.sends || now < lost_at(source); }
  std::optional<OnAir> decide(base::Instant now) const;
  void come_to(base::Instant now);
  void settle(base::Instant now);

  Options options_;
  std::array<Source, 2> sources_{};
  OnAir on_air_ = OnAir::kPrimary;
  std::optional<base::Instant> switched_{};
  base::Instant settled_ = base::Instant::min();  // all is decided up to then
  Output output_ = Output::kFlows;
  base::Instant halted_at_{}, silent_since_{};
};

}  // namespace harness
