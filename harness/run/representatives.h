// Representatives: who plays on for whom in a hall. A viewer who has played for a while, with nothing amiss and nothing more in mind than
// to leave, may follow one of its kind who has, too: it is not simulated any more, and what its representative goes through from then on
// counts for it as well, until it leaves or that one's session ends. So everyone's start is its own, and of what comes later there are
// fewer, independent sessions. The book of that; crowd.h asks viewers and acts. Single thread, deterministic.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "base/timeline.h"
#include "harness/player/player_session.h"

namespace harness {

class Representatives {
 public:
  explicit Representatives(base::Duration after) : after_{after} {}

  // Whoever follows must be of the same: who is served alike.
  struct Kind {
    std::size_t cohort = 0, edge = 0, channel = 0;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  struct Candidate {
    base::Instant due{};
    std::size_t seat = 0;
    std::uint32_t session = 0;
  };
  // Its first frame was there at `at`.
  void started(base::Instant at, std::size_t seat, std::uint32_t session) { waiting_.push_back({at + after_, seat, session}); }
  // It is to be asked again.
  void not_yet(base::Instant now, std::size_t seat, std::uint32_t session) { waiting_.push_back({now + kAgain, seat, session}); }
  // Those whose time has come.
  std::vector<Candidate> take_due(base::Instant now);

  struct Follower {
    std::size_t seat = 0;
    base::Instant leaves = base::Instant::max();
    PlayerTotals owed{};            // its own less its representative's, when it began to follow
    std::size_t stalls_before = 0;  // finished ones of its representative
    base::Timer leave{};            // where it is to leave
  };
  // Who has room for another, the latest first.
  const std::vector<std::size_t>& with_room(const Kind& kind) { return open_[kind]; }
  // `most`: viewers that it stands for, itself included.
  void open(const Kind& kind, std::uint32_t most, std::size_t seat);
  // `representative` is one of those.
  void follow(std::size_t representative, Follower&& who);
  std::optional<std::size_t> representative_of(std::size_t seat) const;
  const std::vector<Follower>& followers_of(std::size_t representative) const;
  // Viewers that it stands for, itself included.
  std::uint16_t weight_of(std::size_t representative) const { return static_cast<std::uint16_t>(followers_of(representative).size() + 1); }
  // It follows no longer.
  Follower take(std::size_t seat);
  // It ends; these have followed it.
  std::vector<Follower> close(std::size_t representative);

  std::size_t following() const { return representative_of_.size(); }  // now
  std::uint32_t have_followed() const { return have_followed_; }
  std::size_t have_stood() const { return have_stood_; }  // for others

 private:
  static constexpr base::Duration kAgain = std::chrono::seconds{5};
  static constexpr std::size_t kMostOpen = 8;  // of a kind
  struct Group {
    Kind kind;
    std::uint32_t most = 0;
    std::vector<Follower> followers{};
    bool has_stood = false;  // for anyone, ever
    bool is_full() const { return followers.size() + 1 >= most; }
  };
  void offer(const Kind& kind, std::size_t representative);
  base::Duration after_;
  std::deque<Candidate> waiting_;
  std::map<Kind, std::vector<std::size_t>> open_;
  std::unordered_map<std::size_t, Group> groups_;                   // by representative
  std::unordered_map<std::size_t, std::size_t> representative_of_;  // by follower
  std::uint32_t have_followed_ = 0;
  std::size_t have_stood_ = 0;
};

// Of what is counted, one less the other, and both together; all else is the first one's.
PlayerTotals less(PlayerTotals one, const PlayerTotals& other);
PlayerTotals plus(PlayerTotals one, const PlayerTotals& other);

}  // namespace harness
