#include <fmt/format.h>

#include <algorithm>

#include "harness/player/retry_policy.h"
#include "harness/player/session.h"

namespace harness {
namespace {

std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

bool is_media(Slot slot) { return slot == Slot::kVideo || slot == Slot::kAudio; }

std::string outcome_text(int status, const std::string& what) {
  if (what.empty()) return fmt::format("HTTP {}", status);
  if (what == "refused") return "connection refused";
  if (what == "reset") return "connection reset";
  if (what == "resolve") return "host name not resolved";
  return what;
}

}  // namespace

void PlayerSession::Impl::ask(Slot slot, Fetch fetch, Flight flight) {
  fetch.id = flight.id = RequestId{++last_id_};
  fetch.timeout = timeout_of(fetch.kind);
  if (slot != Slot::kToken && !token_.authorization().empty()) fetch.headers.emplace_back("Authorization", token_.authorization());
  flight.kind = fetch.kind;
  flight.url = fetch.url;
  flight.started = now_;
  flight.token = token_.generation();
  lane(slot).flight = std::move(flight);
  ++totals_.requests;
  out_.push_back(std::move(fetch));
}

void PlayerSession::Impl::abandon(Slot slot) {
  if (!lane(slot).flight) return;
  out_.push_back(Abort{lane(slot).flight->id});
  lane(slot).flight.reset();
}

std::optional<Slot> PlayerSession::Impl::slot_of(RequestId id) const {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (lanes_[i].flight && lanes_[i].flight->id == id) return static_cast<Slot>(i);
  }
  return std::nullopt;
}

void PlayerSession::Impl::report(const Flight& flight, const Answered& answer, const std::string& failure) {
  const bool good = failure.empty() && answer.status >= 200 && answer.status < 300;
  if (!good) ++totals_.failed_requests;
  say(RequestDone{.kind = flight.kind,
                  .url = without_query(flight.url),
                  .rendition = flight.kind == RequestKind::kVideo ? static_cast<int>(flight.rendition) : -1,
                  .status = answer.status,
                  .failure = failure,
                  .bytes = answer.bytes,
                  .ttfb = answer.ttfb,
                  .took = answer.took});
}

void PlayerSession::Impl::succeeded(Slot slot, const Flight& flight, const Answered& answer) {
  if (slot == Slot::kToken) return token_arrived(flight, answer);
  if (!is_media(slot)) return listing_arrived(slot, flight, answer);
  report(flight, answer, {});
  media_arrived(slot, flight, answer);
}

void PlayerSession::Impl::token_arrived(const Flight& flight, const Answered& answer) {
  const auto granted = token_.granted(now_, answer.body);
  report(flight, answer, granted.has_value() ? "" : "malformed");
  if (!granted.has_value())
    return failed(Slot::kToken, flight, {.status = answer.status, .what = granted.error().message, .retry_after = {}});
  lane(Slot::kToken) = {};
  if (granted->first) return;
  ++totals_.token_refreshes;
  say(TokenRenewed{.after_refusal = granted->after_refusal});
}

void PlayerSession::Impl::listing_arrived(Slot slot, const Flight& flight, const Answered& answer) {
  const auto taken = source_->receive({.slot = slot, .body = answer.body, .asked = flight.started, .arrived = now_});
  report(flight, answer, taken.has_value() ? "" : "malformed");
  if (!taken.has_value()) return failed(slot, flight, {.status = answer.status, .what = taken.error().message, .retry_after = {}});
  lane(slot) = {};
  if (slot == Slot::kManifest && !last_asked_) decide();
}

void PlayerSession::Impl::media_arrived(Slot slot, const Flight& flight, const Answered& answer) {
  lane(slot) = {};
  const TrackKind kind = slot == Slot::kVideo ? TrackKind::kVideo : TrackKind::kAudio;
  Cursor& cursor = cursors_[index_of(kind)];
  if (flight.kind == RequestKind::kInit) {
    cursor.inits.push_back(flight.init_key);
    return;
  }
  base::Bitrate bitrate;
  if (kind == TrackKind::kVideo) {
    throughput_.add(answer.bytes, answer.took - answer.ttfb);
    bitrate = snapshot_.ladder[std::min(flight.rendition, snapshot_.ladder.size() - 1)];
    decided_ = false;
  }
  cursor.next = std::max(cursor.next, flight.segment.end());
  playback_.receive(kind, {.start = flight.segment.start, .end = flight.segment.end(), .bitrate = bitrate});
}

void PlayerSession::Impl::failed(Slot slot, const Flight& flight, const Failure& failure) {
  const bool unauthorized = slot != Slot::kToken && (failure.status == 401 || failure.status == 403);
  if (unauthorized && flight.token != token_.generation()) return;  // a newer token is in hand: plan() asks again
  Lane& each = lane(slot);
  if (!each.failing_since) each.failing_since = flight.started;
  each.complaint =
      fmt::format("{} on the {} request ({})", outcome_text(failure.status, failure.what), to_text(flight.kind), without_query(flight.url));
  note_trouble(each.complaint);
  if (unauthorized) return refused(slot, failure);
  const bool renewal_refused =
      slot == Slot::kToken && failure.status >= 400 && failure.status < 500 && failure.status != 408 && failure.status != 429;
  if (renewal_refused) {
    if (!token_.renewal_refused()) finish(Ending::kFailed, "no token is granted: " + each.complaint);
    return;
  }
  apply(slot, flight, failure);
}

void PlayerSession::Impl::refused(Slot slot, const Failure& failure) {
  Lane& each = lane(slot);
  if (slot == Slot::kVideo) decided_ = false;
  ++each.refusals;
  if (token_.media_refused(now_, failure.status, each.refusals)) return;
  const char* advice = config_.token ? "refused even with a new token" : "refused, and this viewer has no token to show";
  finish(Ending::kFailed, fmt::format("{}: {}", advice, each.complaint));
}

void PlayerSession::Impl::apply(Slot slot, const Flight& flight, const Failure& failure) {
  Lane& each = lane(slot);
  ++each.failures;
  if (slot == Slot::kVideo) decided_ = false;
  const bool live = source_->ladder().empty() ? config_.content == ContentKind::kLive : !source_->is_ended(TrackKind::kVideo);
  const Remedy remedy = remedy_for(
      {.kind = flight.kind, .status = failure.status, .failures = each.failures, .live = live, .retry_after = failure.retry_after});
  switch (remedy.what) {
    case Remedy::What::kRetry:
      each.blocked_until = now_ + remedy.after;
      return;
    case Remedy::What::kSkip:
      return skip(slot, flight);
    case Remedy::What::kFail:
      return finish(Ending::kFailed, fmt::format("gave up after {} tries: {}", each.failures, each.complaint));
  }
}

void PlayerSession::Impl::skip(Slot slot, const Flight& flight) {
  lane(slot).failures = 0;
  Cursor& cursor = cursors_[slot == Slot::kVideo ? 0 : 1];
  cursor.next = std::max(cursor.next, flight.segment.end());
}

}  // namespace harness
