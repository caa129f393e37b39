// RecordedTransport: passes every request on to another transport and keeps what became of it, aborted ones included. For recordings.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/timeline.h"
#include "harness/transport/transport.h"

namespace fidelity {

struct RecordedRequest {
  std::string url;
  base::Instant started{};
  std::optional<base::Instant> first_byte{}, ended{};
  base::ByteCount bytes{};
  int status = 0;
  bool aborted = false;
  bool cached = false;  // the browser's cache answered: no traffic
  std::string failure{};
};

class RecordedTransport final : public harness::Transport, private harness::TransferReceiver {
 public:
  // Both must outlive it.
  RecordedTransport(harness::Transport& inner, const base::Timeline& timeline) : inner_{inner}, timeline_{timeline} {}

  harness::TransferId start(harness::TransportRequest&& request, harness::TransferReceiver& receiver) override;
  void cancel(harness::TransferId id) override;
  void leave(base::ViewerId viewer) override { inner_.leave(viewer); }

  // In the order in which they were started. One without an end is still running.
  const std::deque<RecordedRequest>& requests() const { return requests_; }

 private:
  struct Running {
    RecordedRequest* request;
    harness::TransferReceiver* receiver;
  };
  void on_progress(harness::TransferId id, const harness::TransferProgress& progress) override;
  harness::ProgressWish progress_wanted(harness::TransferId id) const override;
  void on_outcome(harness::TransferId id, harness::TransportOutcome&& outcome) override;

  harness::Transport& inner_;
  const base::Timeline& timeline_;
  std::deque<RecordedRequest> requests_;
  std::map<harness::TransferId, Running> running_;
};

}  // namespace fidelity
