// BrowserCache: the HTTP cache that stands between a player in a browser and the network: what was delivered whole once is answered
// again from here. A decorator of Transport for one viewer, without limits of size or age; both are beyond a session's reach.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/timeline.h"
#include "harness/transport/transport.h"

namespace harness {

class BrowserCache final : public Transport, private TransferReceiver {
 public:
  // `may_keep`: whether the server lets a browser keep this URL's answer.
  BrowserCache(Transport& network, base::Timeline& timeline, std::function<bool(const std::string& url)> may_keep);
  ~BrowserCache() override;

  bool holds(const std::string& url) const { return kept_.contains(url); }

  TransferId start(TransportRequest request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override { network_.leave(viewer); }

 private:
  struct Passing {  // through to the network
    TransferReceiver* receiver;
    std::string url;
    TransferId mine;
  };
  struct Recalled {  // from the cache
    TransferReceiver* receiver;
    TransportOutcome outcome;
    base::Timer alarm;
  };
  TransferId recall(const std::string& url, TransferReceiver& receiver);
  void deliver(TransferId id);
  void on_progress(TransferId id, const TransferProgress& progress) override;
  void on_outcome(TransferId id, TransportOutcome outcome) override;

  Transport& network_;
  base::Timeline& timeline_;
  std::function<bool(const std::string&)> may_keep_;
  std::map<std::string, TransportOutcome> kept_;
  std::map<TransferId, Passing> passing_;         // by the network's id
  std::map<TransferId, TransferId> network_ids_;  // by ours
  std::map<TransferId, Recalled> recalled_;
  std::uint64_t last_ = 0;
};

}  // namespace harness
