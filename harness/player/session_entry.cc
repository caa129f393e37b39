#include <fmt/format.h>

#include "harness/player/session.h"

namespace harness {

// The player of the page asks for its manifest as soon as it runs.
void PlayerSession::Impl::plan_entry() {
  if (entry_->wants_token(now_)) {
    if (config_.token) config_.token->session = entry_->session();
    plan_token();
    if (is_over()) return;
    if (token_.is_usable()) entry_->token_granted(now_);
  }
  while (auto fetch = entry_->next(now_, RequestId{last_id_ + 1})) {
    ++last_id_;
    ++counts_.requests;
    tell(std::move(*fetch));
  }
  if (!entry_->is_over(now_)) return;
  entry_.reset();
  begin_player();
}

void PlayerSession::Impl::begin_player() {
  player_began_ = now_;
  wait_until(Slot::kManifest, now_ + traits().pace.manifest + traits().pace.call_to_wire);
}

// Returns: whether the request was one of the entry path's. What the path cannot do without is not asked for again, as a browser shows
// an error page or a form that says no.
bool PlayerSession::Impl::entry_answered(const Answered& answer, const std::string& failure) {
  const auto sent = entry_ ? entry_->take(answer.id) : std::nullopt;
  if (!sent) return false;
  count(answer);
  const bool good = failure.empty() && answer.status >= 200 && answer.status < 300;
  const base::Result<void> taken = good ? entry_->arrived(now_, *sent, answer.body) : base::Result<void>{};
  Flight flight;
  flight.kind = sent->kind;
  flight.url = sent->url;
  report(flight, answer, taken.has_value() ? failure : "malformed");
  if (good && taken.has_value()) return true;
  const std::string complaint = complaint_about(flight, answer.status, taken.has_value() ? failure : taken.error().message);
  note_trouble(complaint);
  if (sent->vital)
    finish(Ending::kFailed, "the player could not be reached: " + complaint);
  else
    entry_->missed(now_);
  return true;
}

}  // namespace harness
