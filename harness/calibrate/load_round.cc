#include "harness/calibrate/load_round.h"

#include <fmt/format.h>

namespace harness {
namespace {

constexpr base::Duration kAnswerTime = std::chrono::seconds{10};
constexpr base::Duration kProgressEvery = std::chrono::milliseconds{20};

std::string failure_words(const TransportOutcome& outcome) {
  return outcome.failure.empty() ? fmt::format("HTTP status {}", outcome.status) : outcome.failure;
}

}  // namespace

LoadRound::LoadRound(base::Timeline& timeline, Transport& transport, Plan plan, std::function<void(LoadResult)> done)
    : timeline_{timeline}, transport_{transport}, plan_{std::move(plan)}, done_{std::move(done)}, began_{timeline.now()} {
  for (int i = 0; i < plan_.viewers; ++i) ask(base::ViewerId{static_cast<std::uint32_t>(i)});
  end_ = timeline.call_at(began_ + plan_.most_time, [this] { end(); });
}

LoadRound::~LoadRound() {
  for (const auto& [id, each] : running_) transport_.cancel(id);
  for (int i = 0; i < plan_.viewers; ++i) transport_.leave(base::ViewerId{static_cast<std::uint32_t>(i)});
}

void LoadRound::ask(base::ViewerId viewer) {
  const CalibrationObject& object = plan_.objects[asked_++ % plan_.objects.size()];
  TransportRequest request{.viewer = viewer, .url = object.url, .timeout = kAnswerTime};
  if (object.range)
    request.headers.emplace_back("Range",
                                 fmt::format("bytes={}-{}", object.range->offset, object.range->offset + object.range->length - 1));
  if (plan_.counts_unfinished) request.progress_every = kProgressEvery;
  running_.emplace(transport_.start(std::move(request), *this), Running{.viewer = viewer});
}

void LoadRound::on_outcome(TransferId id, TransportOutcome&& outcome) {
  const base::ViewerId viewer = running_.at(id).viewer;
  running_.erase(id);
  const bool answered = outcome.failure.empty() && outcome.status >= 200 && outcome.status < 300;
  if (answered)
    result_.samples.push_back({.first_byte = outcome.ttfb, .took = outcome.took, .bytes = outcome.bytes, .fresh = outcome.opened});
  else
    ++result_.failures[failure_words(outcome)];
  if (plan_.reconnect) transport_.leave(viewer);
  // Failures count too, or a server that refuses everything would be asked for ever.
  if (++ended_ < plan_.most_answers) return ask(viewer);
  if (ended_ == plan_.most_answers) end_ = timeline_.call_at(timeline_.now(), [this] { end(); });
}

void LoadRound::end() {
  result_.lasted = timeline_.now() - began_;
  for (const auto& [id, each] : running_) {
    transport_.cancel(id);
    result_.unfinished += each.received.count() > 0 ? 1 : 0;
    result_.unfinished_bytes += each.received;
  }
  running_.clear();
  done_(std::move(result_));
}

}  // namespace harness
