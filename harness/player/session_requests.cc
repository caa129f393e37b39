#include <fmt/format.h>

#include <algorithm>

#include "harness/engine/retry_policy.h"
#include "harness/player/session.h"
#include "media/unsupported.h"

namespace harness {
namespace {

constexpr std::size_t kLargestListing = std::size_t{16} << 20;  // as the transport keeps

base::SharedText without_query(const base::SharedText& url) {
  const std::size_t query = url->find('?');
  return query == std::string::npos ? url : base::SharedText{url->substr(0, query)};
}

std::string outcome_text(int status, const std::string& what) {
  if (what.empty()) return fmt::format("HTTP {}", status);
  if (what == "refused") return "connection refused";
  if (what == "certificate")
    return "a certificate that is not trusted, not for this host, or out of date (SSL_CERT_FILE names a file of those to trust)";
  if (what == "reset") return "connection reset";
  if (what == "resolve") return "host name not resolved";
  if (what == "redirects") return "a loop of redirects";
  if (what == "too-large") return "a listing of more than 16 MiB";
  return what;
}

}  // namespace

std::string PlayerSession::Impl::complaint_about(const Flight& flight, int status, const std::string& what) {
  return fmt::format("{} on the {} request ({})", outcome_text(status, what), to_text(flight.kind), *without_query(flight.url));
}

// The request leaves at `at`, which may be in the future.
void PlayerSession::Impl::ask(Slot slot, Fetch&& fetch, Flight&& flight, base::Instant at) {
  fetch.id = flight.id = RequestId{++last_id_};
  fetch.timeout = is_media(slot) ? traits().timeouts.media : traits().timeouts.listing;
  flight.kind = fetch.kind;
  flight.url = fetch.url;
  flight.started = std::max(at, now_);
  if (at > now_) {
    flight.unsent = std::move(fetch);
    first_unsent_ = std::min(first_unsent_, at);
  }
  flight_on(slot) = std::move(flight);
  if (at <= now_) send(slot, std::move(fetch));
}

void PlayerSession::Impl::send(Slot slot, Fetch&& fetch) {
  Flight& flight = *flight_on(slot);
  const bool ours = slot != Slot::kToken && slot != Slot::kClock;  // a time server is a stranger
  if (ours && !token_.authorization().empty()) fetch.headers.emplace_back("Authorization", token_.authorization());
  if (cmcd_) cmcd_->report(fetch, cmcd_moment(slot));
  flight.token = token_.generation();
  flight.started = flight.heard = now_;
  ++counts_.requests;
  tell(std::move(fetch));
}

// In the order of their instants, however late we are: which request gets a connection first decides what follows.
void PlayerSession::Impl::send_all_due() {
  for (auto first = first_unsent(); first; first = first_unsent()) {
    first_unsent_ = flight_on(*first)->started;
    if (first_unsent_ > now_) return;
    send(*first, std::move(*std::exchange(flight_on(*first)->unsent, {})));
  }
  first_unsent_ = base::Instant::max();
}

std::optional<Slot> PlayerSession::Impl::first_unsent() const {
  std::optional<Slot> first;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const auto& flight = flights_[i];
    if (!flight || !flight->unsent) continue;
    if (!first || flight->started < flight_on(*first)->started) first = static_cast<Slot>(i);
  }
  return first;
}

void PlayerSession::Impl::abandon(Slot slot) {
  auto& flight = flight_on(slot);
  if (!flight) return;
  if (!flight->unsent) {
    tell(Abort{flight->id});
    counts_.bytes += flight->download.received;
  }
  flight.reset();
}

// The lane's request was answered well.
void PlayerSession::Impl::clear(Slot slot) {
  flight_on(slot).reset();
  if (!holds_) return;
  hold_of(slot) = {};
  const bool any =
      std::any_of(holds_->begin(), holds_->end(), [this](const Hold& each) { return each.difficulty || each.not_before > now_; });
  if (!any) holds_.reset();
}

// When the media request on its way is given up unless a byte comes. First bytes are known of segments alone.
std::optional<base::Instant> PlayerSession::Impl::silent_until(Slot slot) const {
  const auto& flight = flight_on(slot);
  if (!is_media(slot) || !flight || flight->unsent) return std::nullopt;
  const RequestTimeouts& timeouts = traits().timeouts;
  base::Instant until = base::Instant::max();
  const bool is_segment = flight->kind != RequestKind::kInit;
  if (timeouts.first_byte.count() > 0 && is_segment && !flight->download.first_byte) until = flight->started + timeouts.first_byte;
  if (timeouts.silence.count() > 0) until = std::min(until, flight->heard + timeouts.silence);
  return until == base::Instant::max() ? std::nullopt : std::optional{until};
}

void PlayerSession::Impl::give_up_silent() {
  const RequestTimeouts& timeouts = traits().timeouts;
  if (timeouts.first_byte.count() == 0 && timeouts.silence.count() == 0) return;
  for (const Slot slot : {Slot::kVideoInit, Slot::kAudioInit, Slot::kVideo, Slot::kAudio}) {
    const auto until = silent_until(slot);
    if (is_over() || !until || *until > now_) continue;
    const Flight& silent = *flight_on(slot);
    const Broke broke{.id = silent.id, .failure = kTimedOut, .bytes = silent.download.received, .took = now_ - silent.started};
    tell(Abort{broke.id});
    happen(broke);
  }
}

// Mostly segments, whose lanes are the last ones.
std::optional<Slot> PlayerSession::Impl::slot_of(RequestId id) const {
  for (std::size_t i = kSlots; i-- > 0;) {
    if (flights_[i] && flights_[i]->id == id) return static_cast<Slot>(i);
  }
  return std::nullopt;
}

void PlayerSession::Impl::report(const Flight& flight, const Answered& answer, const std::string& failure) {
  const bool good = failure.empty() && answer.status >= 200 && answer.status < 300;
  if (!good && failure != kAborted) ++counts_.failed_requests;
  say(RequestDone{.kind = flight.kind,
                  .url = without_query(flight.url),
                  .rendition = flight.kind == RequestKind::kVideo ? static_cast<int>(flight.download.rendition) : -1,
                  .status = answer.validated ? 304 : answer.status,
                  .failure = failure,
                  .bytes = answer.bytes,
                  .cached = answer.cached,
                  .ttfb = answer.ttfb,
                  .took = answer.took});
}

void PlayerSession::Impl::succeeded(Slot slot, Flight& flight, const Answered& answer) {
  if (slot == Slot::kToken) return token_arrived(flight, answer);
  if (!is_media(slot)) return listing_arrived(slot, flight, answer);
  const bool empty = (answer.bytes + answer.cached).count() == 0;
  report(flight, answer, empty ? "malformed" : "");
  if (empty) return failed(slot, flight, {.status = answer.status, .what = "an empty answer", .retry_after = {}});
  media_arrived(slot, flight, answer);
}

void PlayerSession::Impl::token_arrived(const Flight& flight, const Answered& answer) {
  const auto granted = token_.granted(now_, answer.body);
  report(flight, answer, granted.has_value() ? "" : "malformed");
  if (!granted.has_value())
    return failed(Slot::kToken, flight, {.status = answer.status, .what = granted.error().message, .retry_after = {}});
  clear(Slot::kToken);
  if (granted->first) return;
  ++counts_.token_refreshes;
  say(TokenRenewed{.after_refusal = granted->after_refusal});
}

void PlayerSession::Impl::listing_arrived(Slot slot, const Flight& flight, const Answered& answer) {
  const base::Instant asked = traits().reloads_from_arrival && slot != Slot::kClock ? now_ : flight.started;
  const bool too_large = answer.body.size() > kLargestListing;
  const auto taken = too_large ? base::error("too-large")
                               : changing_source().receive({.slot = slot,
                                                            .body = answer.body,
                                                            .asked = asked,
                                                            .arrived = now_,
                                                            .url = answer.url,
                                                            .partial = answer.status == 206,
                                                            .date = answer.date});
  report(flight, answer, taken.has_value() ? "" : too_large ? "too-large" : "malformed");
  if (!taken.has_value() && media::is_unsupported(taken.error().message))
    return finish(Ending::kFailed, fmt::format("{} ({})", taken.error().message, *without_query(flight.url)));
  if (!taken.has_value()) return failed(slot, flight, {.status = answer.status, .what = taken.error().message, .retry_after = {}});
  clear(slot);
  if (slot == Slot::kManifest) follow_ladder();
  if (slot == Slot::kVideoPlaylist) engine_->on_playlist(selected_, now_ - flight.started, *this);
  const bool has_chosen = last_asked_ || cursors_[index_of(TrackKind::kVideo)].choice;
  if (slot == Slot::kManifest && has_chosen) engine_->on_manifest(*this);
  if (slot == Slot::kManifest && !has_chosen) start_source();
  pace_after(slot);
}

// A page takes its time between reading a listing and asking for what it names.
void PlayerSession::Impl::pace_after(Slot slot) {
  const RequestPace& pace = traits().pace;
  const auto pause_before = [&](Slot next, base::Duration pause) {
    wait_until(next, std::max(not_before(next), now_ + pause + pace.call_to_wire));
  };
  const bool has_playlists = config_.device->protocol == StreamingProtocol::kHls;
  if (slot == Slot::kManifest && has_playlists) {
    pause_before(Slot::kVideoPlaylist, pace.playlist);
    pause_before(Slot::kAudioPlaylist, pace.playlist + pace.audio_playlist);
  }
}

base::Duration PlayerSession::Impl::pace_after_init(TrackKind kind) const {
  const RequestPace& pace = traits().pace;
  const base::Duration first = kind == TrackKind::kVideo ? pace.after_first_video_init : pace.after_first_audio_init;
  return !has_inits(kind) && first.count() > 0 ? first : pace.after_init;
}

void PlayerSession::Impl::media_arrived(Slot slot, Flight& flight, const Answered& answer) {
  clear(slot);
  const TrackKind kind = kind_of(slot);
  Cursor& cursor = cursors_[index_of(kind)];
  flight.download.received = answer.bytes + answer.cached;
  flight.download.cached = answer.cached.count() > 0;
  flight.download.latest = now_;
  flight.download.first_byte = flight.started + answer.ttfb;
  if (flight.kind == RequestKind::kInit) {
    if (cursor.choice) cursor.choice->call = now_ + pace_after_init(kind);
    keep_init(kind, flight.init_key);
  } else if (!flight.kept) {
    changing_source().read(now_);
  } else {
    cursor.next = traits().overwrites ? flight.segment.end() : std::max(cursor.next, flight.segment.end());
    playback_.receive(kind, piece_of(flight.download));
  }
  engine_->on_download(flight.download, *this);
}

void PlayerSession::Impl::failed(Slot slot, const Flight& flight, const Failure& failure) {
  if (changing_source().does_without(slot)) return;
  const bool unauthorized = slot != Slot::kToken && (failure.status == 401 || failure.status == 403);
  if (unauthorized && flight.token != token_.generation()) return;  // a newer token is in hand: plan() asks again
  auto& difficulty = hold_of(slot).difficulty;
  if (!difficulty) difficulty = Difficulty{.since = flight.started};
  difficulty->complaint = complaint_about(flight, failure.status, failure.what);
  note_trouble(difficulty->complaint);
  const bool forbidden_here_only = !config_.token && source_->other_places(slot) > difficulty->moves;
  if (unauthorized && !forbidden_here_only) return refused(slot, failure);
  const bool renewal_refused =
      slot == Slot::kToken && failure.status >= 400 && failure.status < 500 && failure.status != 408 && failure.status != 429;
  if (renewal_refused) {
    if (!token_.renewal_refused()) finish(Ending::kFailed, "no token is granted: " + difficulty->complaint);
    return;
  }
  apply(slot, flight, failure);
}

void PlayerSession::Impl::refused(Slot slot, const Failure& failure) {
  Difficulty& each = *hold_of(slot).difficulty;
  ++each.refusals;
  if (token_.media_refused(now_, failure.status, each.refusals)) return;
  const char* advice = config_.token ? "refused even with a new token" : "refused, and this viewer has no token to show";
  finish(Ending::kFailed, fmt::format("{}: {}", advice, each.complaint));
}

void PlayerSession::Impl::apply(Slot slot, const Flight& flight, const Failure& failure) {
  Difficulty& each = *hold_of(slot).difficulty;
  ++each.failures;
  const bool live = source_->ladder().empty() ? config_.content == ContentKind::kLive : !source_->is_ended(TrackKind::kVideo);
  const std::size_t places = source_->other_places(slot);
  const Remedy remedy = engine_->remedy({.kind = flight.kind,
                                         .track = slot == Slot::kAudioPlaylist ? TrackKind::kAudio : kind_of(slot),
                                         .rendition = slot == Slot::kVideoPlaylist ? selected_ : flight.download.rendition,
                                         .status = failure.status,
                                         .timed_out = failure.what == kTimedOut,
                                         .failures = each.failures,
                                         .elsewhere = places - std::min(places, each.moves),
                                         .live = live,
                                         .retry_after = failure.retry_after},
                                        *this);
  if (moves_on(slot, remedy, places)) return;
  switch (remedy.what) {
    case Remedy::What::kRetry:
      wait_until(slot, after(remedy.after));
      if (slot == Slot::kVideoPlaylist && !playback_.is_positioned()) start_source();
      return;
    case Remedy::What::kSkip:
      return skip(slot, flight);
    case Remedy::What::kFail:
      return finish(Ending::kFailed, fmt::format("gave up after {} tries: {}", each.failures, each.complaint));
  }
}

// Whatever the engine would give up on is first tried at every other place, from the start.
bool PlayerSession::Impl::moves_on(Slot slot, const Remedy& remedy, std::size_t places) {
  const bool retries = remedy.what == Remedy::What::kRetry;
  Difficulty& each = *hold_of(slot).difficulty;
  if (places == 0 || (retries ? !remedy.elsewhere : each.moves >= places)) return false;
  ++each.moves;
  if (!retries) each.failures = 0;
  wait_until(slot, now_ + remedy.after);
  changing_source().move_on(slot);
  return true;
}

void PlayerSession::Impl::skip(Slot slot, const Flight& flight) {
  hold_of(slot).difficulty->failures = 0;
  Cursor& cursor = cursors_[index_of(kind_of(slot))];
  cursor.next = std::max(cursor.next, flight.segment.end());
}

}  // namespace harness
