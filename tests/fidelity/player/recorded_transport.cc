#include "tests/fidelity/player/recorded_transport.h"

#include <utility>

namespace fidelity {

harness::TransferId RecordedTransport::start(harness::TransportRequest&& request, harness::TransferReceiver& receiver) {
  RecordedRequest& record = requests_.emplace_back(RecordedRequest{.url = request.url, .started = timeline_.now()});
  const harness::TransferId id = inner_.start(std::move(request), *this);
  running_.emplace(id, Running{&record, &receiver});
  return id;
}

void RecordedTransport::cancel(harness::TransferId id) {
  inner_.cancel(id);
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  found->second.request->aborted = true;
  found->second.request->ended = timeline_.now();
  running_.erase(found);
}

void RecordedTransport::on_progress(harness::TransferId id, const harness::TransferProgress& progress) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  found->second.request->bytes = progress.received;
  found->second.request->first_byte = found->second.request->started + progress.ttfb;
  found->second.receiver->on_progress(id, progress);
}

harness::ProgressWish RecordedTransport::progress_wanted(harness::TransferId id) const {
  const auto found = running_.find(id);
  return found == running_.end() ? harness::ProgressWish{} : found->second.receiver->progress_wanted(id);
}

void RecordedTransport::on_outcome(harness::TransferId id, harness::TransportOutcome&& outcome) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const Running running = found->second;
  running_.erase(found);
  RecordedRequest& record = *running.request;
  record.bytes = outcome.bytes + outcome.cached;
  record.cached = outcome.cached.count() > 0 && !outcome.validated;
  record.status = outcome.status;
  record.failure = outcome.failure;
  if (outcome.status != 0) record.first_byte = record.started + outcome.ttfb;
  record.ended = record.started + outcome.took;
  running.receiver->on_outcome(id, std::move(outcome));
}

}  // namespace fidelity
