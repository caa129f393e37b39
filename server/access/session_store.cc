#include "server/access/session_store.h"

#include <algorithm>
#include <utility>

namespace server {
namespace {

bool is_live(const Session& session, base::UtcTime now) { return !session.revoked && session.expires > now; }

bool matches(const Session& session, const TokenSelection& selection) {
  return (selection.session.empty() || selection.session == session.id) &&
         (selection.subject.empty() || selection.subject == session.subject || selection.subject == account_of(session.subject)) &&
         (selection.group.empty() || selection.group == session.group) && (selection.stream.empty() || selection.stream == session.stream);
}

}  // namespace

Session& SessionStore::add(Session session, base::UtcTime now) {
  // Two per call: the store shrinks although every call adds one.
  for (int i = 0; i < 2 && !by_age_.empty() && by_age_.front().expires <= now; ++i) drop_oldest();
  while (!by_age_.empty() && by_age_.size() >= most_) drop_oldest();
  by_age_.push_back(std::move(session));
  const Position position = std::prev(by_age_.end());
  by_id_.emplace(position->id, position);
  return *position;
}

Session* SessionStore::find(std::string_view id) {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &*at->second;
}

void SessionStore::touch(const Session& session) { by_age_.splice(by_age_.end(), by_age_, by_id_.at(session.id)); }

std::size_t SessionStore::count(const TokenSelection& selection, base::UtcTime now) const {
  return static_cast<std::size_t>(
      std::count_if(by_age_.begin(), by_age_.end(), [&](const Session& s) { return matches(s, selection) && is_live(s, now); }));
}

std::size_t SessionStore::revoke(const TokenSelection& selection, base::UtcTime now) {
  std::size_t hit = 0;
  for (Session& session : by_age_) {
    if (!matches(session, selection) || !is_live(session, now)) continue;
    session.revoked = true;
    ++hit;
  }
  return hit;
}

void SessionStore::drop_oldest() {
  by_id_.erase(by_age_.front().id);
  by_age_.pop_front();
}

}  // namespace server
