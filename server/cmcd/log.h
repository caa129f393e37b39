// CmcdLog: what players said of their sessions, with what the server sent them. Keeps the sessions that were heard of last; thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/units.h"
#include "server/cmcd/report.h"

namespace server {

// The figures of one session id.
struct CmcdSession {
  std::string session, content;  // "cid": the last one said
  std::int64_t version = 1;
  base::UtcTime first_seen{}, last_seen{};
  std::uint64_t requests = 0;
  base::ByteCount bytes;                            // of bodies, as handed to the kernel
  std::uint64_t startups = 0;                       // requests that were urgent ("su")
  std::uint64_t starved = 0;                        // requests that reported a stall ("bs")
  std::optional<std::int64_t> start_delay, buffer;  // "msd" and the last "bl", ms
  std::string state;                                // the last "sta"
  std::uint64_t bitrates = 0;                       // video objects that said their bitrate
  std::int64_t bitrate_sum = 0;                     // kbit/s
  struct Share {
    std::uint64_t requests = 0;
    base::ByteCount bytes;
  };
  std::array<Share, kCmcdObjects> by_object{};
  std::deque<CmcdReportPtr> latest;  // the last first
};

class CmcdLog {
 public:
  static constexpr std::size_t kMostSessions = 4096;
  static constexpr std::size_t kMostLatest = 8;

  explicit CmcdLog(prometheus::Registry& registry, std::size_t most_sessions = kMostSessions);
  // A request was answered with `bytes` of body. Requires: the report has a session id.
  void add(const CmcdReportPtr& report, base::ByteCount bytes);
  // A report that could not be read, or that names no session.
  void malformed() { malformed_->Increment(); }
  void anonymous() { anonymous_->Increment(); }

  struct Counts {
    std::uint64_t sessions = 0, forgotten = 0, reports = 0, malformed = 0, anonymous = 0;
  };
  Counts counts() const;
  // Up to `limit` sessions with ids behind `after`, in their order, without their latest reports.
  std::vector<CmcdSession> list(const std::string& after, std::size_t limit) const;
  std::optional<CmcdSession> find(const std::string& session) const;

 private:
  CmcdSession& session_of(const CmcdReport& report);
  const std::size_t most_sessions_;
  mutable std::mutex mutex_;
  std::list<CmcdSession> sessions_;  // the last heard of first
  std::unordered_map<std::string, std::list<CmcdSession>::iterator> by_id_;
  std::uint64_t forgotten_ = 0;
  prometheus::Counter *taken_, *malformed_, *anonymous_;
};

}  // namespace server
