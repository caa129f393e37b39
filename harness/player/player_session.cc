#include "harness/player/player_session.h"

#include <fmt/format.h>

#include "base/ensure.h"
#include "harness/engine/retry_policy.h"
#include "harness/player/session.h"

namespace harness {

namespace {

// Sessions that share listings share where the first one is found.
PlayerConfig with_listings(PlayerConfig config) {
  if (!config.listings) config.listings = std::make_shared<SharedListings>();
  const std::string& url = *config.manifest_url;
  config.manifest_url =
      base::SharedValue<std::string>{*config.listings->get<std::string>(url, {}, 0, [&]() -> base::Result<std::string> { return url; })};
  return config;
}

std::unique_ptr<Engine> engine_of(const PlayerConfig& config) {
  const auto traits = own_traits(*config.device);
  return make_engine(*config.device, traits ? config.listings->alike(*traits) : nullptr);
}

}  // namespace

PlayerSession::PlayerSession(PlayerConfig config) : impl_{std::make_unique<Impl>(std::move(config))} {}
PlayerSession::PlayerSession(PlayerSession&&) noexcept = default;
PlayerSession& PlayerSession::operator=(PlayerSession&&) noexcept = default;
PlayerSession::~PlayerSession() = default;

std::vector<Command> PlayerSession::on(base::Instant now, const Event& event) {
  std::vector<Command> out;
  impl_->on(now, event, out);
  return out;
}
void PlayerSession::on(base::Instant now, const Event& event, std::vector<Command>& out) { impl_->on(now, event, out); }
void PlayerSession::on_late(base::Instant at, const Progress& progress) { impl_->on_late(at, progress); }
PlayerStatus PlayerSession::status(base::Instant now) const { return impl_->status(now); }
PlayerTotals PlayerSession::totals(base::Instant now) const { return impl_->totals(now); }
std::optional<base::Instant> PlayerSession::stays_until(base::Instant now) const { return impl_->stays_until(now); }
Heed PlayerSession::progress_wanted(RequestId id) const { return impl_->progress_wanted(id); }
base::Instant PlayerSession::notes_until() const { return impl_->notes_until(); }
bool PlayerSession::has_http_cache() const { return impl_->has_http_cache(); }

PlayerSession::Impl::Impl(PlayerConfig config)
    : config_{with_listings(std::move(config))},
      engine_{engine_of(config_)},
      playback_{engine_->traits(), config_.watch},
      token_{config_.token.has_value()},
      source_{make_source(config_, traits(), *config_.listings)} {
  if (config_.entry) entry_ = std::make_unique<EntryPath>(std::move(*std::exchange(config_.entry, {})), config_.token.has_value());
  if (config_.cmcd) cmcd_ = CmcdReporter{*config_.cmcd, cmcd_player(config_.device->engine)};
}

void PlayerSession::Impl::on(base::Instant now, const Event& event, std::vector<Command>& out) {
  if (is_over()) return;
  out_ = &out;
  now_ = std::max(now, now_);
  const auto* progress = std::get_if<Progress>(&event);
  const bool is_awaited = wake_set_ && *wake_set_ <= now_;  // what time brings about is due, and the wake-up is late
  Flight* const news = progress != nullptr ? hear(*progress) : nullptr;
  const bool counts = news != nullptr && matters(*news);
  if (progress != nullptr && !counts && !is_awaited) return;
  const bool is_noted = counts && now_ < quiet_until_ && !is_awaited && may_note() && playback_.plays_on(now_);
  if (is_noted && !note(*news)) return;
  if (wakes_to_send_ && std::holds_alternative<Woken>(event) && sends_alone()) return;
  if (noted_at_) catch_up();
  if (noted_at_ && std::holds_alternative<Woken>(event) && woke_early()) return;
  advance();
  if (!is_over() && !is_noted) std::visit([this](const auto& what) { happen(what); }, event);
  if (!is_over() && playback_.state() != PlayerState::kIdle) {
    advance();
    give_up_silent();
    if (!is_over()) reconsider();
    if (!is_over()) plan();
    if (!is_over()) note_seekable();
    if (!is_over()) advance();
    give_up_if_hopeless();
    note_trouble_over();
    set_wake();
  }
  ENSURE(said().empty());
  noted_at_.reset();
  quiet_until_ = is_over() ? base::Instant{} : quiet_until();
}

// The playback comes after when the next event needs it.
void PlayerSession::Impl::on_late(base::Instant at, const Progress& progress) {
  now_ = std::max(at, now_);
  if (Flight* const news = is_over() ? nullptr : hear(progress)) note(*news);  // all progress is wanted
}

// Progress alone changes nothing before that instant: what grows by it lies ahead of the playhead, and what is to happen by itself before
// then does not wait for it.
base::Instant PlayerSession::Impl::quiet_until() const {
  if (traits().progress_every.count() == 0 && !wakes_to_send_) return {};
  const bool running = flight_on(Slot::kVideo) || flight_on(Slot::kAudio);
  if (!running || entry_ || in_trouble_ || hidden_since_ || !wake_set_ || *wake_set_ <= now_) return {};
  if (!playback_.is_moving()) return {};
  base::Instant quiet = engine_->quiet_until(*this);
  if (quiet <= now_) return {};
  if (const auto stale = source_->stale_from()) quiet = std::min(quiet, *stale);
  const bool grows = traits().grows_while_loading;
  for (const Cursor& cursor : cursors_) quiet = std::min(quiet, cursor.look_at - kSoonestLook);
  for (const Slot slot : {Slot::kVideo, Slot::kAudio}) {
    const auto& flight = flight_on(slot);
    if (!flight || flight->unsent) continue;
    if (!flight->download.first_byte && moves_window()) return {};
    if (grows) quiet = std::min(quiet, now_ + playback_.time_to(flight->download.start));
  }
  return quiet;
}

base::Instant PlayerSession::Impl::notes_until() const {
  if (is_over() || quiet_until_ <= now_ || !may_note() || engine_->judges_progress(*this)) return {};
  return std::min({quiet_until_, wake_set_.value_or(base::Instant::max()), playback_.plays_on_until()});
}

// How far the viewer may seek in a live stream is known as of the last event, and one that finds media being appended counts.
bool PlayerSession::Impl::may_note() const { return !playback_.is_appending() || !moves_window(); }

// Returns: whether the engine may decide something.
bool PlayerSession::Impl::note(Flight& flight) {
  noted_at_ = now_;
  if (traits().grows_while_loading) flight.noted = flight.download.received;
  return engine_->note_progress(flight.download, *this);
}

// Requests leave at the instant they wait for. Where nothing else is due and the engine decides nothing either, that is all there is to do.
// Returns: whether that is so, or else nothing is done.
bool PlayerSession::Impl::sends_alone() {
  if (*wake_set_ != now_ || now_ >= quiet_until_ || traits().grows_while_loading || moves_window()) return false;
  if (!playback_.plays_on(now_)) return false;
  noted_at_.reset();
  wake_set_.reset();
  send_due();
  set_wake();
  return true;
}

// Progress that was only noted has put off what the wake-up was for: the end of the media, or of the patience with a silent server.
bool PlayerSession::Impl::woke_early() {
  const base::Instant now =
      std::exchange(now_, std::min(now_, wake_set_.value_or(now_)) - base::Duration{1});  // all that is due is to come
  const base::Instant wake = std::min(first_leaves(), next_wake().value_or(base::Instant::max()));
  now_ = now;
  if (wake == base::Instant::max() || wake <= now_) return false;
  wake_set_.reset();
  set_wake();
  return true;
}

// With what was only noted.
void PlayerSession::Impl::catch_up() {
  playback_.advance(*noted_at_, said());
  if (traits().grows_while_loading) {
    for (const Slot slot : {Slot::kVideo, Slot::kAudio}) {
      auto& flight = flight_on(slot);
      if (flight) grow(slot, flight->download, std::exchange(flight->noted, {}), playback_);
    }
    playback_.advance(playback_.now(), said());
  }
  say_all();
}

void PlayerSession::Impl::happen(const Begin&) {
  if (playback_.state() != PlayerState::kIdle) return;
  playback_.begin(now_);
  if (!entry_) begin_player();
}

// Null: it is not of a running request for media.
PlayerSession::Impl::Flight* PlayerSession::Impl::hear(const Progress& progress) {
  const auto slot = slot_of(progress.id);
  if (!slot || flight_on(*slot)->download.asked == base::Instant{}) return nullptr;
  Flight& flight = *flight_on(*slot);
  if (!flight.download.first_byte || progress.received > flight.download.received) flight.heard = now_;
  flight.download.received = progress.received;
  flight.download.expected = progress.expected;
  flight.download.first_byte = flight.started + progress.ttfb;
  flight.download.latest = now_;
  flight.download.reports += progress.reports;
  return &flight;
}

// Some engines hear of every packet and care for few. What time alone brings about has its wake-up.
bool PlayerSession::Impl::matters(const Flight& flight) const {
  const Heed least = engine_->heeds_from(flight.download, *this);
  return now_ >= least.from && flight.download.received >= least.received;
}

Heed PlayerSession::Impl::progress_wanted(RequestId id) const {
  const auto slot = slot_of(id);
  return slot && !is_over() ? engine_->heeds_from(flight_on(*slot)->download, *this) : Heed{};
}

void PlayerSession::Impl::happen(const Progress& progress) {
  const auto slot = slot_of(progress.id);
  if (!slot) return;
  const Download& download = flight_on(*slot)->download;
  if (traits().grows_while_loading) grow(*slot, download, download.received, playback_);
  engine_->on_progress(download, *this);
}

void PlayerSession::Impl::happen(const Stop&) { finish(Ending::kStopped, {}); }

void PlayerSession::Impl::happen(const Answered& answer) {
  if (entry_answered(answer, {})) return;
  const auto slot = slot_of(answer.id);
  if (!slot) return;
  base::Boxed<Flight> taken = std::exchange(flight_on(*slot), {});
  Flight& flight = *taken;
  count(answer);
  if (answer.status >= 200 && answer.status < 300) {
    succeeded(*slot, flight, answer);
  } else {
    report(flight, answer, {});
    failed(*slot, flight, {.status = answer.status, .what = {}, .retry_after = answer.retry_after});
  }
}

// What the browser's cache answers by itself is no request of the network.
void PlayerSession::Impl::count(const Answered& answer) {
  counts_.bytes += answer.bytes;
  if (answer.cached.count() > 0 && !answer.validated) --counts_.requests;
}

void PlayerSession::Impl::happen(const Broke& broke) {
  const Answered nothing{.id = broke.id, .status = 0, .body = {}, .bytes = broke.bytes, .ttfb = {}, .took = broke.took, .retry_after = {}};
  if (entry_answered(nothing, broke.failure)) return;
  const auto slot = slot_of(broke.id);
  if (!slot) return;
  const base::Boxed<Flight> taken = std::exchange(flight_on(*slot), {});
  const Flight& flight = *taken;
  counts_.bytes += broke.bytes;
  report(flight, nothing, broke.failure);
  failed(*slot, flight, {.status = 0, .what = broke.failure, .retry_after = {}});
}

// To now, by way of what the viewer does at its own instants.
void PlayerSession::Impl::come_to_now() {
  while (!is_over()) {
    const auto due = viewer_due();
    const bool acts = due && *due <= now_;
    if (!acts && playback_.is_settled(now_) && playback_.state() == told_) return steer();
    advance_to(acts ? *due : now_);
    if (acts && due == viewer_due())
      act();
    else if (playback_.now() >= now_ && viewer_due().value_or(base::Instant::max()) > now_)
      return;
  }
}

void PlayerSession::Impl::advance_to(base::Instant when) {
  playback_.advance(when, said());
  say_all();
  tell_state();
  if (playback_.state() != PlayerState::kEnded || is_over()) return;
  finish(playback_.has_watched_enough() ? Ending::kWatchedEnough : Ending::kContentEnded, {});
}

std::vector<Telemetry>& PlayerSession::Impl::said() {
  thread_local std::vector<Telemetry> all;
  return all;
}

void PlayerSession::Impl::say_all() {
  if (said().empty()) return;
  for (Telemetry& what : std::exchange(said(), {})) {
    if (cmcd_) note_for_cmcd(what);
    say(std::move(what));
  }
}

void PlayerSession::Impl::tell_state() {
  if (playback_.state() != told_ && playback_.state() != PlayerState::kIdle) {
    told_ = playback_.state();
    engine_->on_state(told_, *this);
  }
  steer();
}

void PlayerSession::Impl::steer() {
  if (traits().steers_rate && !source_->ladder().empty() && playback_.is_positioned()) playback_.set_rate(engine_->playback_rate(*this));
}

void PlayerSession::Impl::tell(Command&& command) { out_->push_back(std::move(command)); }

void PlayerSession::Impl::finish(Ending ending, std::string reason) {
  if (is_over()) return;
  for (base::Boxed<Flight>& flight : flights_) {
    if (flight && !flight->unsent) tell(Abort{flight->id});
    flight.reset();
  }
  if (entry_)
    for (const EntryPath::Sent& sent : entry_->running()) tell(Abort{sent.id});
  entry_.reset();
  playback_.stop();
  over_ = Finish{.ending = ending, .reason = std::move(reason)};
  tell(Finish{*over_});
}

void PlayerSession::Impl::give_up_if_hopeless() {
  if (is_over() || !playback_.is_starving()) return;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const Difficulty* trouble = difficulty(static_cast<Slot>(i));
    if (trouble == nullptr || now_ - trouble->since < kGiveUpAfter) continue;
    if (static_cast<Slot>(i) == Slot::kToken && token_.is_usable()) continue;
    return finish(Ending::kFailed, fmt::format("gave up after {} s without success: {}",
                                               std::chrono::duration_cast<std::chrono::seconds>(kGiveUpAfter).count(), trouble->complaint));
  }
}

void PlayerSession::Impl::note_trouble(std::string what) {
  if (std::exchange(in_trouble_, true)) return;
  say(Trouble{std::move(what)});
}

void PlayerSession::Impl::note_trouble_over() {
  if (is_over()) return;
  const bool stale = source_->is_stale(now_);
  if (stale) note_trouble("the live playlist has not changed for three target durations");
  if (!in_trouble_ || stale || playback_.state() != PlayerState::kPlaying) return;
  for (std::size_t i = 0; i < kSlots; ++i)
    if (difficulty(static_cast<Slot>(i)) != nullptr) return;
  in_trouble_ = false;
  say(TroubleOver{});
}

Playback PlayerSession::Impl::projected_to(base::Instant now) const {
  Playback projected = playback_;
  std::vector<Telemetry> unsaid;
  if (noted_at_) projected.advance(*noted_at_, unsaid);
  for (const Slot slot : {Slot::kVideo, Slot::kAudio}) {
    const auto& flight = flight_on(slot);
    if (flight) grow(slot, flight->download, flight->noted, projected);
  }
  projected.advance(std::max(now, now_), unsaid);
  return projected;
}

PlayerStatus PlayerSession::Impl::status(base::Instant now) const {
  const auto grows = [](const base::Boxed<Flight>& flight) { return flight && flight->noted.count() > 0; };
  if (!grows(flight_on(Slot::kVideo)) && !grows(flight_on(Slot::kAudio)))
    if (const auto sight = playback_.sight_at(std::max(now, now_)))
      return {.state = PlayerState::kPlaying, .buffer = sight->playable, .rendition = sight->bitrate};
  const Playback projected = projected_to(now);
  return {.state = projected.state(), .buffer = projected.playable(), .rendition = projected.bitrate()};
}

std::optional<base::Instant> PlayerSession::Impl::stays_until(base::Instant now) const {
  if (is_over() || in_trouble_ || hidden_since_ || !playback_.has_started() || may_act()) return std::nullopt;
  if (status(now).state != PlayerState::kPlaying) return std::nullopt;
  return config_.watch ? playback_.started_at() + *config_.watch : base::Instant::max();
}

PlayerTotals PlayerSession::Impl::totals(base::Instant now) const {
  PlayerTotals totals{.switches = counts_.switches,
                      .requests = counts_.requests,
                      .failed_requests = counts_.failed_requests,
                      .token_refreshes = counts_.token_refreshes,
                      .bytes = counts_.bytes,
                      .ending = over_ ? std::optional{over_->ending} : std::nullopt,
                      .failure = over_ ? over_->reason : std::string{}};
  if (is_over()) {
    playback_.add_to(totals);
    return totals;
  }
  const Playback projected = projected_to(now);
  projected.add_to(totals);
  return totals;
}

}  // namespace harness
