#include "harness/transport/curl_transport.h"

#include <unordered_map>
#include <vector>

#include "base/ensure.h"
#include "harness/transport/curl_shard.h"
#include "harness/transport/curl_viewer.h"
#include "harness/transport/transfer_names.h"

namespace harness {

class CurlTransport::Impl {
 public:
  Impl(boost::asio::io_context& io, base::SteadyTimeline& timeline, Options options)
      : options_{std::move(options)}, timeline_{timeline}, loop_{io, timeline, [this] { tell_receivers(); }} {}

  ~Impl() {
    for (auto& [id, transfer] : running_) transfer->shard().remove(*transfer);
  }

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) {
    ENSURE(request.timeout > base::Duration{});
    const TransferId id{++last_id_};
    const base::ViewerId viewer_id = request.viewer;
    CurlViewer& viewer = arrive(viewer_id);
    const std::size_t place = viewer.take(origin_of(request.url));
    std::unique_ptr<CurlTransfer> transfer = viewer.shard().take_idle(options_.user_agent);
    transfer->begin(id, std::move(request), receiver, {.source_address = source_of(viewer_id), .pool = viewer.pool(place), .place = place});
    viewer.shard().add(*transfer);
    running_.emplace(id, std::move(transfer));
    return id;
  }

  void cancel(TransferId id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    const bool whole = found->second->finished;  // and its outcome not told yet
    if (!whole) found->second->shard().remove(*found->second);
    release(found, whole);
  }

  void leave(base::ViewerId viewer_id) {
    const auto found = viewers_.find(viewer_id);
    if (found == viewers_.end()) return;
    ENSURE(!found->second.is_busy());
    CurlShard& shard = found->second.shard();
    if (found->second.is_bound()) shard.shut_down_connections(viewer_id);
    viewers_.erase(found);
    if (--shard.viewers == 0) std::erase_if(shards_, [&shard](const auto& each) { return each.get() == &shard; });
  }

 private:
  using Transfers = std::unordered_map<TransferId, std::unique_ptr<CurlTransfer>>;

  std::string source_of(base::ViewerId viewer) const { return options_.source_address ? options_.source_address(viewer) : std::string{}; }

  CurlViewer& arrive(base::ViewerId id) {
    const auto known = viewers_.find(id);
    if (known != viewers_.end()) return known->second;
    CurlShard& shard = shard_with_room();
    ++shard.viewers;
    return viewers_.emplace(id, CurlViewer{shard, !source_of(id).empty()}).first->second;
  }

  // The last shard first: arrivals fill it, and those who left earlier shards are few.
  CurlShard& shard_with_room() {
    for (auto shard = shards_.rbegin(); shard != shards_.rend(); ++shard)
      if ((*shard)->viewers < CurlShard::kViewers) return **shard;
    return *shards_.emplace_back(std::make_unique<CurlShard>(loop_, news_, options_.sockets));
  }

  // Receivers may start, cancel and leave; each id is looked up anew. Each hears its outcome at an instant of its own: players that
  // start playing at the same instant would ask for every segment at the same instant, and the loop would be late for most of them.
  void tell_receivers() {
    const CurlNews news = std::exchange(news_, {});
    for (const TransferId id : news.progressed) tell_progress(id);
    for (const auto& [id, code] : news.finished) tell_outcome(id, code);
  }

  void tell_progress(TransferId id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    CurlTransfer& transfer = *found->second;
    transfer.progress_pending = false;
    if (transfer.finished) return;
    TransferReceiver& receiver = transfer.receiver();
    receiver.on_progress(id, transfer.progress());
    if (const auto still = running_.find(id); still != running_.end()) still->second->spare_progress(receiver.progress_wanted(id).from);
  }

  void tell_outcome(TransferId id, CURLcode code) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    TransferReceiver& receiver = found->second->receiver();
    TransportOutcome outcome = found->second->end(code);
    release(found, code == CURLE_OK);
    timeline_.refresh();
    receiver.on_outcome(id, std::move(outcome));
  }

  // `whole`: the answer came to its end, and its connection stays.
  void release(Transfers::iterator at, bool whole) {
    std::unique_ptr<CurlTransfer> transfer = std::move(at->second);
    running_.erase(at);
    viewers_.at(transfer->viewer()).give_back(transfer->place(), whole);
    CurlShard& shard = transfer->shard();
    shard.keep_idle(std::move(transfer));
  }

  CurlGlobal global_;
  Options options_;
  base::SteadyTimeline& timeline_;
  CurlNews news_;
  CurlLoop loop_;
  std::vector<std::unique_ptr<CurlShard>> shards_;
  std::unordered_map<base::ViewerId, CurlViewer> viewers_;
  Transfers running_;
  std::uint64_t last_id_ = 0;
};

CurlTransport::CurlTransport(boost::asio::io_context& io, base::SteadyTimeline& timeline, Options options)
    : impl_{std::make_unique<Impl>(io, timeline, std::move(options))} {}
CurlTransport::~CurlTransport() = default;
TransferId CurlTransport::start(TransportRequest&& request, TransferReceiver& receiver) {
  return impl_->start(std::move(request), receiver);
}
void CurlTransport::cancel(TransferId id) { impl_->cancel(id); }
void CurlTransport::leave(base::ViewerId viewer) { impl_->leave(viewer); }

}  // namespace harness
