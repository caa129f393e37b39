#include "harness/replay/request_tape.h"

namespace harness {

RequestTape::RequestTape(Transport& below, base::Timeline& timeline, base::Instant t0, Describe describe)
    : below_{below}, timeline_{timeline}, t0_{t0}, describe_{std::move(describe)} {}

RequestTape::~RequestTape() {
  for (const auto& [id, running] : running_) below_.cancel(id);
}

TransferId RequestTape::start(TransportRequest&& request, TransferReceiver& receiver) {
  RequestRecord record = describe_(request);
  record.started = timeline_.now() - t0_;
  requests_.push_back(record);
  const TransferId id = below_.start(std::move(request), *this);
  running_[id] = {&receiver, requests_.size() - 1};
  return id;
}

void RequestTape::cancel(TransferId id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  RequestRecord& record = requests_[found->second.index];
  if (!stopped_) {
    record.aborted = true;
    record.ended = timeline_.now() - t0_;
  }
  running_.erase(found);
  below_.cancel(id);
}

void RequestTape::on_progress(TransferId id, const TransferProgress& progress) {
  const Running& running = running_.at(id);
  RequestRecord& record = requests_[running.index];
  record.bytes = progress.received;
  record.first_byte = record.started + progress.ttfb;
  running.receiver->on_progress(id, progress);
}

void RequestTape::on_outcome(TransferId id, TransportOutcome&& outcome) {
  const Running running = running_.at(id);
  running_.erase(id);
  RequestRecord& record = requests_[running.index];
  record.bytes = outcome.bytes + outcome.cached;
  if (outcome.ttfb.count() > 0) record.first_byte = record.started + outcome.ttfb;
  record.ended = timeline_.now() - t0_;
  record.failed = !outcome.failure.empty() || outcome.status >= 400;
  running.receiver->on_outcome(id, std::move(outcome));
}

}  // namespace harness
