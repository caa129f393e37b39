#include "harness/transport/model_transport.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/ensure.h"
#include "harness/transport/shared_link.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

constexpr base::Instant kNever = base::Instant::max();

// A request on its way up, a server that thinks, bytes on their way down.
struct Transfer {
  enum class Phase { kRequesting, kThinking, kReceiving };
  std::uint64_t key = 0;
  TransportRequest request;
  TransferReceiver* receiver = nullptr;
  base::Instant started{};
  base::Instant deadline{};
  base::Instant next{};  // end of the phase; while receiving: the next report of progress
  Phase phase = Phase::kRequesting;
  base::Duration ttfb{};
  ModelReply reply;
};

struct Viewer {
  explicit Viewer(const ModelLink& link) : spec{link.spec}, up{link.spec.up.rate, link.origin}, down{link.spec.down.rate, link.origin} {}
  netem::LinkSpec spec;
  netem::RateSchedule up;
  SharedLink down;
  std::vector<std::string> connected{};  // origins
  std::vector<Transfer> transfers{};     // in the order of start()
  base::Instant wakes_at = kNever;
  base::Timer alarm{};
};

// One way; half of the round trip where a trace brings one.
base::Duration delay_up(const Viewer& viewer, base::Instant now) {
  const auto rtt = viewer.up.rtt_at(now);
  return rtt ? *rtt / 2 : viewer.spec.up.delay;
}
base::Duration delay_down(const Viewer& viewer, base::Instant now) {
  const auto rtt = viewer.down.schedule().rtt_at(now);
  return rtt ? *rtt / 2 : viewer.spec.down.delay;
}

TransferId id_of(const Transfer& transfer) { return transfer_id(transfer.request.viewer, transfer.key); }

base::Duration upload_time(Viewer& viewer, base::Instant now, const TransportRequest& request) {
  if (request.body.empty()) return {};
  return viewer.up.finish(now, base::ByteCount::bytes(static_cast<std::int64_t>(request.body.size()))) - now;
}

}  // namespace

class ModelTransport::Impl {
 public:
  Impl(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of)
      : timeline_{timeline}, server_{server}, link_of_{std::move(link_of)} {}

  TransferId start(TransportRequest request, TransferReceiver& receiver) {
    ENSURE(request.timeout > base::Duration{});
    const base::ViewerId id = request.viewer;
    Viewer& viewer = arrive(id);
    const base::Instant now = timeline_.now();
    Transfer transfer{.key = ++last_key_, .receiver = &receiver, .started = now, .deadline = now + request.timeout};
    transfer.next = now + connect_time(viewer, now, request.url) + delay_up(viewer, now) + upload_time(viewer, now, request);
    transfer.request = std::move(request);
    viewer.transfers.push_back(std::move(transfer));
    arm(id, viewer);
    return id_of(viewer.transfers.back());
  }

  void cancel(TransferId id) {
    const auto [viewer, transfer] = find(id);
    if (transfer == nullptr) return;
    drop(*viewer, *transfer);
    arm(viewer_of(id), *viewer);
  }

  void leave(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found == viewers_.end()) return;
    ENSURE(found->second.transfers.empty());
    viewers_.erase(found);
  }

 private:
  Viewer& arrive(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) return found->second;
    return viewers_.try_emplace(id, link_of_(id)).first->second;
  }

  static base::Duration connect_time(Viewer& viewer, base::Instant now, std::string_view url) {
    const std::string_view origin = origin_of(url);
    if (std::find(viewer.connected.begin(), viewer.connected.end(), origin) != viewer.connected.end()) return {};
    viewer.connected.emplace_back(origin);
    return delay_up(viewer, now) + delay_down(viewer, now);
  }

  std::pair<Viewer*, Transfer*> find(TransferId id) {
    const auto viewer = viewers_.find(viewer_of(id));
    if (viewer == viewers_.end()) return {nullptr, nullptr};
    for (Transfer& transfer : viewer->second.transfers)
      if (id_of(transfer) == id) return {&viewer->second, &transfer};
    return {&viewer->second, nullptr};
  }

  void drop(Viewer& viewer, const Transfer& transfer) {
    if (transfer.phase == Transfer::Phase::kReceiving) viewer.down.remove(timeline_.now(), transfer.key);
    std::erase_if(viewer.transfers, [key = transfer.key](const Transfer& each) { return each.key == key; });
  }

  // One alarm per viewer, at whatever happens next to any of its transfers.
  void arm(base::ViewerId id, Viewer& viewer) {
    base::Instant next = kNever;
    for (const Transfer& transfer : viewer.transfers) next = std::min({next, transfer.next, transfer.deadline});
    if (const auto completion = viewer.down.next_completion()) next = std::min(next, *completion);
    if (next == viewer.wakes_at) return;
    viewer.wakes_at = next;
    viewer.alarm = next == kNever ? base::Timer{} : timeline_.call_at(next, [this, id] { wake(id); });
  }

  // Receivers may start, cancel and leave, so every transfer is looked up anew.
  void wake(base::ViewerId id) {
    Viewer& viewer = viewers_.at(id);
    viewer.wakes_at = kNever;
    std::vector<TransferId> ids;
    ids.reserve(viewer.transfers.size());
    for (const Transfer& transfer : viewer.transfers) ids.push_back(id_of(transfer));
    for (const TransferId each : ids) step(each);
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) arm(id, found->second);
  }

  void step(TransferId id) {
    const auto [viewer, transfer] = find(id);
    if (transfer == nullptr) return;
    const base::Instant now = timeline_.now();
    if (transfer->phase == Transfer::Phase::kRequesting && transfer->next <= now) hear(*viewer, *transfer);
    if (transfer->phase == Transfer::Phase::kThinking && transfer->next <= now) receive_from_now(*viewer, *transfer);
    const bool receiving = transfer->phase == Transfer::Phase::kReceiving;
    if (receiving && viewer->down.is_complete(now, transfer->key)) return finish(*viewer, *transfer, transfer->reply.failure);
    if (transfer->deadline <= now) return finish(*viewer, *transfer, "timeout");
    if (!receiving || transfer->next > now) return;
    transfer->next = now + transfer->request.progress_every;
    transfer->receiver->on_progress(
        id, {.received = viewer->down.received(now, transfer->key), .expected = transfer->reply.bytes, .ttfb = transfer->ttfb});
  }

  void hear(const Viewer& viewer, Transfer& transfer) {
    transfer.reply = server_.reply(timeline_.now(), transfer.request);
    const auto body = base::ByteCount::bytes(static_cast<std::int64_t>(transfer.reply.body.size()));
    transfer.reply.bytes = std::max(transfer.reply.bytes, body);
    transfer.phase = Transfer::Phase::kThinking;
    transfer.next += transfer.reply.think + delay_down(viewer, timeline_.now());
  }

  void receive_from_now(Viewer& viewer, Transfer& transfer) {
    const base::Instant now = timeline_.now();
    transfer.phase = Transfer::Phase::kReceiving;
    transfer.ttfb = now - transfer.started;
    const bool wanted = transfer.request.progress_every.count() > 0 && transfer.reply.status >= 200 && transfer.reply.status < 300;
    transfer.next = wanted ? now : kNever;
    viewer.down.add(now, transfer.key, transfer.reply.bytes);
  }

  void finish(Viewer& viewer, Transfer& transfer, std::string failure) {
    const base::Instant now = timeline_.now();
    const bool answered = transfer.phase == Transfer::Phase::kReceiving;
    TransportOutcome outcome{.failure = std::move(failure), .ttfb = transfer.ttfb, .took = now - transfer.started};
    if (answered) {
      outcome.bytes = viewer.down.received(now, transfer.key);
      outcome.status = transfer.reply.failure.empty() || outcome.bytes > base::ByteCount{} ? transfer.reply.status : 0;
      outcome.retry_after = transfer.reply.retry_after;
      if (transfer.request.cache != CacheUse::kNone) outcome.caching = std::move(transfer.reply.caching);
    }
    if (outcome.failure.empty() && transfer.request.keep_body) outcome.body = std::move(transfer.reply.body);
    const TransferId id = id_of(transfer);
    TransferReceiver& receiver = *transfer.receiver;
    drop(viewer, transfer);
    receiver.on_outcome(id, std::move(outcome));
  }

  base::Timeline& timeline_;
  ModelServer& server_;
  std::function<ModelLink(base::ViewerId)> link_of_;
  std::unordered_map<base::ViewerId, Viewer> viewers_;
  std::uint64_t last_key_ = 0;
};

ModelLink::ModelLink(const netem::Rate& down, const netem::Rate& up, base::Duration rtt) {
  spec.down.rate = down;
  spec.up.rate = up;
  spec.up.delay = rtt / 2;
  spec.down.delay = rtt - spec.up.delay;
}
ModelLink::ModelLink(netem::LinkSpec link, base::Instant begin) : spec{std::move(link)}, origin{begin} {}

ModelTransport::ModelTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of)
    : impl_{std::make_unique<Impl>(timeline, server, std::move(link_of))} {}
ModelTransport::~ModelTransport() = default;
TransferId ModelTransport::start(TransportRequest request, TransferReceiver& receiver) {
  return impl_->start(std::move(request), receiver);
}
void ModelTransport::cancel(TransferId id) { impl_->cancel(id); }
void ModelTransport::leave(base::ViewerId viewer) { impl_->leave(viewer); }

}  // namespace harness
