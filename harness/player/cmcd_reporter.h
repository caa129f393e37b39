// CmcdReporter: what one session's CMCD remembers from one request to the next, and where it is written into the request. Owned by
// the session; absent where the cohort sends none.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "harness/player/cmcd_players.h"
#include "harness/player/track.h"

namespace harness {

struct CmcdConfig {
  Cmcd setting;
  std::string session;  // cmcd_session_id()
  std::string content;  // what is played, to tell streams apart; empty: not sent
};

// A UUID (RFC 9562, version 8) whose last 12 digits are the viewer's number. `run` tells runs against one server apart.
std::string cmcd_session_id(std::uint64_t run, base::ViewerId viewer);

class CmcdReporter {
 public:
  CmcdReporter(CmcdConfig config, CmcdPlayer player) : config_{std::move(config)}, player_{player} {}

  // Once for each track that is dry when a stall begins.
  void ran_dry(TrackKind kind) { starved_[index_of(kind)] = true; }
  void stall_ended(base::Duration lasted) { stall_lasted_ = lasted; }
  // Adds to the URL or the header fields of a request that is about to start; token requests stay as they are. `moment`: all but its
  // kind, its player and what this class remembers.
  void report(Fetch& fetch, CmcdMoment moment);

 private:
  void fill_in(const Fetch& fetch, CmcdMoment& moment) const;
  void remember(const CmcdMoment& moment, const CmcdFacts& sent);
  bool tells_tracks_apart() const { return player_ == CmcdPlayer::kDashJs; }

  CmcdConfig config_;
  CmcdPlayer player_;
  std::array<bool, 2> starved_{}, asked_{};
  std::optional<base::Duration> stall_lasted_;
  bool delay_reported_ = false;
  std::uint32_t sequence_ = 0;
};

}  // namespace harness
