#include <fmt/format.h>

#include <algorithm>

#include "harness/engine/retry_policy.h"
#include "harness/player/session.h"

namespace harness {
namespace {

std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

bool is_media(Slot slot) { return index_of(slot) >= index_of(Slot::kVideoInit); }

std::string outcome_text(int status, const std::string& what) {
  if (what.empty()) return fmt::format("HTTP {}", status);
  if (what == "refused") return "connection refused";
  if (what == "reset") return "connection reset";
  if (what == "resolve") return "host name not resolved";
  return what;
}

}  // namespace

std::string PlayerSession::Impl::complaint_about(const Flight& flight, int status, const std::string& what) {
  return fmt::format("{} on the {} request ({})", outcome_text(status, what), to_text(flight.kind), without_query(flight.url));
}

// The request leaves at `at`, which may be in the future.
void PlayerSession::Impl::ask(Slot slot, Fetch fetch, Flight flight, base::Instant at) {
  fetch.id = flight.id = RequestId{++last_id_};
  fetch.timeout = is_media(slot) ? traits().timeouts.media : traits().timeouts.listing;
  flight.kind = fetch.kind;
  flight.url = fetch.url;
  flight.started = std::max(at, now_);
  flight.unsent = std::move(fetch);
  lane(slot).flight = std::move(flight);
  if (at <= now_) send(slot);
}

void PlayerSession::Impl::send(Slot slot) {
  Flight& flight = *lane(slot).flight;
  Fetch fetch = *std::exchange(flight.unsent, std::nullopt);
  if (slot != Slot::kToken && !token_.authorization().empty()) fetch.headers.emplace_back("Authorization", token_.authorization());
  if (cmcd_) cmcd_->report(fetch, cmcd_moment(slot));
  flight.token = token_.generation();
  flight.started = now_;
  ++totals_.requests;
  out_.push_back(std::move(fetch));
}

void PlayerSession::Impl::send_due() {
  for (std::size_t i = 0; i < kSlots; ++i) {
    const auto& flight = lanes_[i].flight;
    if (flight && flight->unsent && flight->started <= now_) send(static_cast<Slot>(i));
  }
}

void PlayerSession::Impl::abandon(Slot slot) {
  auto& flight = lane(slot).flight;
  if (!flight) return;
  if (!flight->unsent) {
    out_.push_back(Abort{flight->id});
    totals_.bytes += flight->download.received;
  }
  flight.reset();
}

std::optional<Slot> PlayerSession::Impl::slot_of(RequestId id) const {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (lanes_[i].flight && lanes_[i].flight->id == id) return static_cast<Slot>(i);
  }
  return std::nullopt;
}

void PlayerSession::Impl::report(const Flight& flight, const Answered& answer, const std::string& failure) {
  const bool good = failure.empty() && answer.status >= 200 && answer.status < 300;
  if (!good && failure != kAborted) ++totals_.failed_requests;
  say(RequestDone{.kind = flight.kind,
                  .url = without_query(flight.url),
                  .rendition = flight.kind == RequestKind::kVideo ? static_cast<int>(flight.download.rendition) : -1,
                  .status = answer.status,
                  .failure = failure,
                  .bytes = answer.bytes,
                  .ttfb = answer.ttfb,
                  .took = answer.took});
}

void PlayerSession::Impl::succeeded(Slot slot, Flight& flight, const Answered& answer) {
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
  if (slot == Slot::kVideoPlaylist) engine_->on_playlist(selected_, now_ - flight.started, *this);
  if (slot == Slot::kManifest && !last_asked_) source_->select(selected_ = engine_->start_rendition(*this), now_);
  pace_after(slot);
}

// A page takes its time between reading a listing and asking for what it names.
void PlayerSession::Impl::pace_after(Slot slot) {
  const RequestPace& pace = traits().pace;
  const auto not_before = [&](Slot next, base::Duration pause) {
    lane(next).not_before = std::max(lane(next).not_before, now_ + pause + pace.call_to_wire);
  };
  const bool has_playlists = config_.device.protocol == StreamingProtocol::kHls;
  if (slot == Slot::kManifest && has_playlists) {
    not_before(Slot::kVideoPlaylist, pace.playlist);
    not_before(Slot::kAudioPlaylist, pace.playlist + pace.audio_playlist);
  }
}

void PlayerSession::Impl::media_arrived(Slot slot, Flight& flight, const Answered& answer) {
  lane(slot) = {};
  const TrackKind kind = kind_of(slot);
  Cursor& cursor = cursors_[index_of(kind)];
  flight.download.received = answer.bytes;
  flight.download.latest = now_;
  flight.download.first_byte = flight.started + answer.ttfb;
  if (flight.kind == RequestKind::kInit) {
    cursor.inits.push_back(flight.init_key);
    if (cursor.choice) cursor.choice->call = now_ + traits().pace.after_init;
  } else {
    const bool video = kind == TrackKind::kVideo;
    const std::size_t rung = std::min(flight.download.rendition, ladder().size() - 1);
    cursor.next = traits().overwrites ? flight.segment.end() : std::max(cursor.next, flight.segment.end());
    playback_.receive(kind, {.start = flight.segment.start,
                             .end = flight.segment.end(),
                             .bitrate = video ? ladder()[rung].peak : base::Bitrate{},
                             .rendition = rung});
  }
  engine_->on_download(flight.download, *this);
}

void PlayerSession::Impl::failed(Slot slot, const Flight& flight, const Failure& failure) {
  const bool unauthorized = slot != Slot::kToken && (failure.status == 401 || failure.status == 403);
  if (unauthorized && flight.token != token_.generation()) return;  // a newer token is in hand: plan() asks again
  Lane& each = lane(slot);
  if (!each.failing_since) each.failing_since = flight.started;
  each.complaint = complaint_about(flight, failure.status, failure.what);
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
  ++each.refusals;
  if (token_.media_refused(now_, failure.status, each.refusals)) return;
  const char* advice = config_.token ? "refused even with a new token" : "refused, and this viewer has no token to show";
  finish(Ending::kFailed, fmt::format("{}: {}", advice, each.complaint));
}

void PlayerSession::Impl::apply(Slot slot, const Flight& flight, const Failure& failure) {
  Lane& each = lane(slot);
  ++each.failures;
  const bool live = source_->ladder().empty() ? config_.content == ContentKind::kLive : !source_->is_ended(TrackKind::kVideo);
  const Remedy remedy = engine_->remedy({.kind = flight.kind,
                                         .track = kind_of(slot),
                                         .rendition = flight.download.rendition,
                                         .status = failure.status,
                                         .timed_out = failure.what == kTimedOut,
                                         .failures = each.failures,
                                         .live = live,
                                         .retry_after = failure.retry_after},
                                        *this);
  switch (remedy.what) {
    case Remedy::What::kRetry:
      each.not_before = now_ + remedy.after;
      return;
    case Remedy::What::kSkip:
      return skip(slot, flight);
    case Remedy::What::kFail:
      return finish(Ending::kFailed, fmt::format("gave up after {} tries: {}", each.failures, each.complaint));
  }
}

void PlayerSession::Impl::skip(Slot slot, const Flight& flight) {
  lane(slot).failures = 0;
  Cursor& cursor = cursors_[index_of(kind_of(slot))];
  cursor.next = std::max(cursor.next, flight.segment.end());
}

}  // namespace harness
