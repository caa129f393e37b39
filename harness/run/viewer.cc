#include "harness/run/viewer.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/tight.h"

namespace harness {

Viewer::Viewer(base::ViewerId id, PlayerConfig config, base::Timeline& timeline, Transport& transport, ViewerObserver& observer)
    : id_{id}, timeline_{timeline}, transport_{transport}, observer_{observer}, session_{std::move(config)} {}

Viewer::~Viewer() {
  for (const Running& one : running_) transport_.cancel(one.transfer);
}

void Viewer::pass(const Event& event) {
  if (finished_) return;
  const bool was_late = catch_up();
  // One list for all viewers of the thread; whoever is called meanwhile finds none and makes do with a new one.
  thread_local std::vector<Command> spare;
  std::vector<Command> commands = std::exchange(spare, {});
  session_.on(timeline_.now(), event, commands);
  if (was_late) transport_.look_again(id_);
  for (Command& command : commands) std::visit([this](auto& one) { apply(one); }, command);
  commands.clear();
  spare = std::move(commands);
}

// Returns: whether progress may have been late.
bool Viewer::catch_up() {
  if (!takes_late_) return false;
  transport_.catch_up(id_);
  takes_late_ = false;
  return true;
}

PlayerStatus Viewer::status() {
  if (takes_late_) transport_.catch_up(id_);
  return session_.status(timeline_.now());
}

PlayerTotals Viewer::totals() {
  if (takes_late_) transport_.catch_up(id_);
  return session_.totals(timeline_.now());
}

std::optional<base::Instant> Viewer::stays_until() {
  if (takes_late_) transport_.catch_up(id_);
  return session_.stays_until(timeline_.now());
}

CacheUse Viewer::cache_use(const Fetch& fetch) const {
  if (!session_.has_http_cache()) return CacheUse::kNone;
  const bool segment = fetch.kind == RequestKind::kVideo || fetch.kind == RequestKind::kAudio;
  return segment ? CacheUse::kSegment : CacheUse::kOther;
}

void Viewer::apply(Fetch& fetch) {
  const TransferId transfer = transport_.start({.viewer = id_,
                                                .method = fetch.method,
                                                .url = std::move(fetch.url),
                                                .headers = std::move(fetch.headers),
                                                .body = std::move(fetch.body),
                                                .timeout = fetch.timeout,
                                                .keep_body = fetch.keep_body,
                                                .progress_every = fetch.progress_every,
                                                .cache = cache_use(fetch),
                                                .weight = weight_},
                                               *this);
  base::tight(running_).push_back({fetch.id, transfer});
}

void Viewer::apply(const Abort& abort) {
  const auto at = std::find_if(running_.begin(), running_.end(), [&](const Running& one) { return one.request == abort.id; });
  if (at == running_.end()) return;
  transport_.cancel(at->transfer);
  running_.erase(at);
}

void Viewer::apply(const WakeAt& wake) {
  alarm_ = timeline_.call_at(wake.when, [this, when = std::max(wake.when, timeline_.now())] {
    observer_.on_lateness(timeline_.now() - when);
    pass(Woken{});
  });
}

void Viewer::apply(const Note& note) { observer_.on_note(id_, timeline_.now(), note.what); }

void Viewer::apply(const Finish& finish) {
  leave();
  observer_.on_finish(id_, timeline_.now(), finish);
}

void Viewer::vanish() {
  catch_up();
  leave();
}

void Viewer::leave() {
  finished_ = true;
  alarm_.cancel();
  for (const Running& one : running_) transport_.cancel(one.transfer);
  running_.clear();
  transport_.leave(id_);
}

std::vector<Viewer::Running>::iterator Viewer::running(TransferId id) {
  return std::find_if(running_.begin(), running_.end(), [&](const Running& one) { return one.transfer == id; });
}

std::vector<Viewer::Running>::const_iterator Viewer::running(TransferId id) const {
  return std::find_if(running_.begin(), running_.end(), [&](const Running& one) { return one.transfer == id; });
}

void Viewer::on_progress(TransferId id, const TransferProgress& progress) {
  if (const auto at = running(id); at != running_.end())
    pass(Progress{at->request, progress.received, progress.expected, progress.ttfb, progress.reports});
}

ProgressWish Viewer::progress_wanted(TransferId id) const {
  const auto at = running(id);
  if (at == running_.end()) return {};
  const Heed heed = session_.progress_wanted(at->request);
  return {.from = heed.from, .received = heed.received};
}

base::Instant Viewer::takes_late_until(TransferId) const {
  const base::Instant until = session_.notes_until();
  takes_late_ = takes_late_ || until > timeline_.now();
  return until;
}

void Viewer::on_late_progress(TransferId id, base::Instant at, const TransferProgress& progress) {
  session_.on_late(at, {running(id)->request, progress.received, progress.expected, progress.ttfb, progress.reports});
}

void Viewer::on_outcome(TransferId id, TransportOutcome&& outcome) {
  const auto at = running(id);
  if (at == running_.end()) return;
  const RequestId request = at->request;
  running_.erase(at);
  if (!outcome.failure.empty()) return pass(Broke{request, std::move(outcome.failure), outcome.bytes, outcome.took});
  pass(Answered{request, outcome.status, std::move(outcome.body), outcome.bytes, outcome.ttfb, outcome.took, outcome.retry_after,
                std::move(outcome.url), outcome.date, outcome.cached, outcome.validated});
}

}  // namespace harness
