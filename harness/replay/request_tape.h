// RequestTape: a decorator of Transport that writes down every request of one viewer as a recording would.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "base/timeline.h"
#include "harness/replay/session_record.h"
#include "harness/transport/transport.h"

namespace harness {

class RequestTape final : public Transport, private TransferReceiver {
 public:
  // `describe` fills in what the tape cannot know of a request that starts now: kind, rung, segment, whether it is cached.
  using Describe = std::function<RequestRecord(const TransportRequest& request)>;
  RequestTape(Transport& below, base::Timeline& timeline, base::Instant t0, Describe describe);
  ~RequestTape() override;

  const std::vector<RequestRecord>& requests() const { return requests_; }

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override { below_.leave(viewer); }
  // Whatever runs from now on belongs to the ending of the session and is left open.
  void stop() { stopped_ = true; }

 private:
  struct Running {
    TransferReceiver* receiver;
    std::size_t index;  // in requests_
  };
  void on_progress(TransferId id, const TransferProgress& progress) override;
  ProgressWish progress_wanted(TransferId id) const override { return running_.at(id).receiver->progress_wanted(id); }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override;

  Transport& below_;
  base::Timeline& timeline_;
  base::Instant t0_;
  Describe describe_;
  std::vector<RequestRecord> requests_;
  std::map<TransferId, Running> running_;
  bool stopped_ = false;
};

}  // namespace harness
