#include "harness/transport/curl_transport.h"

#include <map>
#include <unordered_map>
#include <vector>

#include "base/ensure.h"
#include "harness/transport/curl_outcome.h"
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
    for (auto& [id, viewer] : viewers_) viewer.close_unused();
  }

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) {
    ENSURE(request.timeout > base::Duration{});
    const TransferId id{++last_id_};
    CurlViewer& viewer = arrive(request.viewer);
    const std::string_view origin = origin_of(request.url);
    const auto idle = viewer.idle(origin);
    if (!idle && viewer.has_any(origin) && peers_.contains(origin))
      wait(viewer, id, std::move(request), receiver);
    else
      begin(viewer, idle ? *idle : viewer.vacant(), id, std::move(request), receiver, {});
    return id;
  }

  void cancel(TransferId id) {
    if (give_up_waiting(id)) return;
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
    found->second.close_unused();
    if (found->second.is_bound()) shard.shut_down_connections(viewer_id);
    viewers_.erase(found);
    if (--shard.viewers == 0) std::erase_if(shards_, [&shard](const auto& each) { return each.get() == &shard; });
  }

 private:
  using Transfers = std::unordered_map<TransferId, std::unique_ptr<CurlTransfer>>;

  void begin(CurlViewer& viewer, std::size_t place, TransferId id, TransportRequest&& request, TransferReceiver& receiver,
             base::Duration waited) {
    const base::ViewerId viewer_id = request.viewer;
    const int fd = viewer.take(place, origin_of(request.url));
    std::unique_ptr<CurlTransfer> transfer = viewer.shard().take_idle(options_.user_agent);
    transfer->begin(id, std::move(request), receiver,
                    {.source_address = source_of(viewer_id), .pool = viewer.pool(place), .place = place, .fd = fd, .waited = waited});
    viewer.shard().add(*transfer);
    running_.emplace(id, std::move(transfer));
  }

  // For the first connection that is free.
  void wait(CurlViewer& viewer, TransferId id, TransportRequest&& request, TransferReceiver& receiver) {
    const base::Instant now = timeline_.now();
    const std::string origin{origin_of(request.url)};
    base::Timer expiry = timeline_.call_at(now + request.timeout, [this, id] { expire(id); });
    waiting_.emplace(id, request.viewer);
    viewer.wait({.id = id, .request = std::move(request), .receiver = &receiver, .since = now, .expiry = std::move(expiry)});
    open_for_waiting(viewer, origin);
  }

  void open_for_waiting(CurlViewer& viewer, const std::string& origin) {
    for (std::size_t lacking = viewer.lacking(origin); lacking > 0; --lacking) {
      const base::ViewerId viewer_id = viewer.first_waiting(origin)->request.viewer;
      const std::size_t place = viewer.vacant();
      const int fd = viewer.shard().connect(viewer_id, place, peers_.find(origin)->second, source_of(viewer_id));
      if (fd < 0) return begin_waiting(viewer, place, origin);  // which says why
      viewer.connects(place, origin, fd);
    }
  }

  void begin_waiting(CurlViewer& viewer, std::size_t place, std::string_view origin) {
    const CurlWaiting* first = viewer.first_waiting(origin);
    if (first == nullptr) return;
    CurlWaiting taken = viewer.stop_waiting(first->id);
    waiting_.erase(taken.id);
    begin(viewer, place, taken.id, std::move(taken.request), *taken.receiver, timeline_.now() - taken.since);
  }

  // Something has changed about the viewer's connections.
  void assign(CurlViewer& viewer, const std::string& origin) {
    while (viewer.first_waiting(origin) != nullptr) {
      const auto place = viewer.idle(origin);
      if (!place) return open_for_waiting(viewer, origin);
      begin_waiting(viewer, *place, origin);
    }
  }

  std::optional<CurlWaiting> give_up_waiting(TransferId id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return std::nullopt;
    CurlViewer& viewer = viewers_.at(found->second);
    waiting_.erase(found);
    return viewer.stop_waiting(id);
  }

  void expire(TransferId id) {
    const auto expired = give_up_waiting(id);
    if (!expired) return;
    expired->receiver->on_outcome(id, {.failure = failure_of(CURLE_OPERATION_TIMEDOUT), .took = timeline_.now() - expired->since});
  }

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
    for (const CurlNews::Connected& each : news.connected) note_connected(each);
    for (const TransferId id : news.progressed) tell_progress(id);
    for (const auto& [id, code] : news.finished) tell_outcome(id, code);
  }

  void note_connected(const CurlNews::Connected& news) {
    const auto found = viewers_.find(news.viewer);
    if (found == viewers_.end()) return;
    CurlViewer& viewer = found->second;
    const auto origin = viewer.connected(news.place, news.fd);
    if (!origin) return;
    news.fd >= 0 ? assign(viewer, *origin) : begin_waiting(viewer, news.place, *origin);
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
    CurlViewer& viewer = viewers_.at(transfer->viewer());
    viewer.give_back(transfer->place(), whole);
    const std::string_view origin = origin_of(transfer->url());
    if (const CurlPeer* peer = whole && origin.starts_with("http:") ? transfer->opened() : nullptr)
      peers_.insert_or_assign(std::string{origin}, *peer);
    const std::string waited_for{viewer.anyone_waits() ? origin : std::string_view{}};
    viewer.shard().keep_idle(std::move(transfer));
    if (!waited_for.empty()) assign(viewer, waited_for);
  }

  CurlGlobal global_;
  Options options_;
  base::SteadyTimeline& timeline_;
  CurlNews news_;
  CurlLoop loop_;
  std::vector<std::unique_ptr<CurlShard>> shards_;
  std::unordered_map<base::ViewerId, CurlViewer> viewers_;
  Transfers running_;
  std::unordered_map<TransferId, base::ViewerId> waiting_;
  std::map<std::string, CurlPeer, std::less<>>
      peers_;  // where libcurl's last connection to an origin led; a handshake of TLS is libcurl's to make
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
