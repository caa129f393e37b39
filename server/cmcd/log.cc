#include "server/cmcd/log.h"

#include <algorithm>

namespace server {
namespace {

bool is_video(CmcdObject object) { return object == CmcdObject::kVideo || object == CmcdObject::kMuxed; }
std::uint64_t count_of(const prometheus::Counter& counter) { return static_cast<std::uint64_t>(counter.Value()); }

void add_to(CmcdSession& session, const CmcdReport& report, base::ByteCount bytes) {
  session.version = report.version;
  if (!report.content.empty()) session.content = report.content;
  session.first_seen = session.requests == 0 ? report.asked_at : std::min(session.first_seen, report.asked_at);
  session.last_seen = std::max(session.last_seen, report.asked_at);
  ++session.requests;
  session.bytes += bytes;
  if (report.startup) ++session.startups;
  if (report.starved) ++session.starved;
  if (report.start_delay) session.start_delay = report.start_delay;
  if (report.buffer) session.buffer = report.buffer;
  if (!report.state.empty()) session.state = report.state;
  CmcdSession::Share& share = session.by_object[static_cast<std::size_t>(report.object)];
  ++share.requests;
  share.bytes += bytes;
  if (!is_video(report.object) || !report.bitrate) return;
  ++session.bitrates;
  session.bitrate_sum += *report.bitrate;
}

}  // namespace

CmcdLog::CmcdLog(prometheus::Registry& registry, std::size_t most_sessions) : most_sessions_{most_sessions} {
  auto& reports = prometheus::BuildCounter()
                      .Name("rehearsal_server_cmcd_reports_total")
                      .Help("Requests with Common Media Client Data")
                      .Register(registry);
  taken_ = &reports.Add({{"result", "taken"}});
  malformed_ = &reports.Add({{"result", "malformed"}});
  anonymous_ = &reports.Add({{"result", "anonymous"}});
}

CmcdSession& CmcdLog::session_of(const CmcdReport& report) {
  if (const auto known = by_id_.find(report.session); known != by_id_.end()) {
    sessions_.splice(sessions_.begin(), sessions_, known->second);
    return sessions_.front();
  }
  if (sessions_.size() == most_sessions_) {
    by_id_.erase(sessions_.back().session);
    sessions_.pop_back();
    ++forgotten_;
  }
  sessions_.emplace_front().session = report.session;
  by_id_[report.session] = sessions_.begin();
  return sessions_.front();
}

void CmcdLog::add(const CmcdReportPtr& report, base::ByteCount bytes) {
  taken_->Increment();
  const std::lock_guard lock{mutex_};
  CmcdSession& session = session_of(*report);
  add_to(session, *report, bytes);
  session.latest.push_front(report);
  if (session.latest.size() > kMostLatest) session.latest.pop_back();
}

CmcdLog::Counts CmcdLog::counts() const {
  const std::lock_guard lock{mutex_};
  return {.sessions = sessions_.size(),
          .forgotten = forgotten_,
          .reports = count_of(*taken_),
          .malformed = count_of(*malformed_),
          .anonymous = count_of(*anonymous_)};
}

std::vector<CmcdSession> CmcdLog::list(const std::string& after, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string_view> ids;
  for (const CmcdSession& session : sessions_)
    if (session.session > after) ids.push_back(session.session);
  std::sort(ids.begin(), ids.end());
  std::vector<CmcdSession> page;
  for (std::size_t i = 0; i < std::min(limit, ids.size()); ++i) {
    page.push_back(*by_id_.at(std::string{ids[i]}));
    page.back().latest.clear();
  }
  return page;
}

std::optional<CmcdSession> CmcdLog::find(const std::string& session) const {
  const std::lock_guard lock{mutex_};
  const auto at = by_id_.find(session);
  return at == by_id_.end() ? std::nullopt : std::optional{*at->second};
}

}  // namespace server
