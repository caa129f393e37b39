#include "harness/transport/model_transport.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "base/tight.h"
#include "harness/transport/model_viewer.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using Phase = ModelTransfer::Phase;
constexpr base::Instant kNever = base::Instant::max();

}  // namespace

class ModelTransport::Impl {
 public:
  Impl(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of, ModelOptions options)
      : timeline_{timeline}, server_{server}, link_of_{std::move(link_of)}, options_{options} {}

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) {
    ENSURE(request.timeout > base::Duration{});
    const base::ViewerId id = request.viewer;
    const base::Instant now = timeline_.now();
    ModelViewer& viewer = arrive(id);
    viewer.come_back(now);
    const auto key = static_cast<std::uint32_t>(++last_key_ & kTransferKeys);
    ModelTransfer& transfer = *base::tight(viewer.transfers).emplace_back(transfers_.make());
    transfer.receiver = &receiver;
    transfer.started = now;
    transfer.deadline = now + request.timeout;
    transfer.key = key;
    const std::uint16_t origin = transfer.origin = origins_.number_of(request.url);
    transfer.origin_size = static_cast<std::uint16_t>(origins_[origin].name.size());
    transfer.request = std::move(request);
    assign(viewer, origin);
    arm(viewer);
    return transfer_id(id, key);
  }

  void cancel(TransferId id) {
    const auto found = viewers_.find(viewer_of(id));
    if (found == viewers_.end()) return;
    ModelViewer& viewer = found->second;
    const ModelTransfer* transfer = viewer.find(static_cast<std::uint32_t>(key_of(id)));
    if (transfer == nullptr) return;
    viewer.come_back(timeline_.now());
    if (transfer->phase == Phase::kRequesting) server_.withdraw(id);
    end(viewer, *transfer, false);
    arm(viewer);
  }

  void catch_up(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) found->second.tell_late(timeline_.now());
  }

  void look_again(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found == viewers_.end() || found->second.passed_to() == kNever) return;
    found->second.come_back(timeline_.now());
    arm(found->second);
  }

  const std::vector<base::ViewerId>& tell_bottlenecks() {
    std::sort(behind_bottlenecks_.begin(), behind_bottlenecks_.end());
    behind_bottlenecks_.erase(std::unique(behind_bottlenecks_.begin(), behind_bottlenecks_.end()), behind_bottlenecks_.end());
    std::erase_if(behind_bottlenecks_, [this](base::ViewerId id) {
      const auto found = viewers_.find(id);
      return found == viewers_.end() || !found->second.tell_bottleneck(timeline_.now());
    });
    return behind_bottlenecks_;
  }

  void come_up_to_now(base::ViewerId id) {
    ModelViewer& viewer = viewers_.at(id);
    viewer.come_back(timeline_.now());
    viewer.renew(timeline_.now());
  }

  void renew(base::ViewerId id) {
    ModelViewer& viewer = viewers_.at(id);
    viewer.renew(timeline_.now());
    arm(viewer);
  }

  void leave(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found == viewers_.end()) return;
    ENSURE(found->second.transfers.empty());
    if (waking_ == &found->second) waking_ = nullptr;
    viewers_.erase(found);
  }

 private:
  ModelViewer& arrive(base::ViewerId id) {
    if (waking_ != nullptr && waking_->id == id) return *waking_;  // mostly a request follows an answer
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) return found->second;
    const std::uint64_t seed = base::Random::stream(options_.seed, index_of(id)).next();
    return viewers_.try_emplace(id, id, link_of_(id), seed, options_, stock_).first->second;
  }

  // Gives connections to those who wait for one; their requests are on their way then.
  void assign(ModelViewer& viewer, std::uint16_t origin) {
    if (!viewer.assign(timeline_.now(), origin, origins_[origin].secure)) return;
    for (const auto& each : viewer.transfers) {
      if (each->phase != Phase::kRequesting || each->announced) continue;
      each->announced = true;
      each->next = server_.announce(viewer.id_of(*each), each->next, each->request, each->reply);
    }
  }

  // Who waits for a connection may have the one that is free now.
  void end(ModelViewer& viewer, const ModelTransfer& transfer, bool keep_connection) {
    const std::uint16_t origin = transfer.origin;
    viewer.drop(timeline_.now(), transfer.key, keep_connection);
    assign(viewer, origin);
  }

  // One alarm per viewer, which holds what a callback has room for, at whatever happens next. Who is awake still has questions of now, and
  // gets it before falling asleep.
  void arm(ModelViewer& viewer) {
    if (waking_ != &viewer) set_alarm(viewer, viewer.pass_over(timeline_.now()));
  }

  void set_alarm(ModelViewer& viewer, base::Instant next) {
    if (next == viewer.wakes_at) return;
    viewer.wakes_at = next;
    viewer.alarm = next == kNever ? base::Timer{} : timeline_.call_at(next, [this, &viewer] { wake(viewer); });
  }

  // Receivers may start, cancel and leave, so every transfer is looked up anew.
  void wake(ModelViewer& viewer) {
    viewer.wakes_at = kNever;
    if (viewer.passed_to() != kNever && viewer.passed_to() > timeline_.now()) return set_alarm(viewer, viewer.passed_to());
    viewer.arrive_at_event();
    viewer.tell_late(kNever);
    viewer.note_arrivals(timeline_.now());
    waking_ = &viewer;
    if (viewer.establish(timeline_.now()))
      for (std::size_t i = 0; i < viewer.transfers.size(); ++i)
        if (viewer.transfers[i]->phase == Phase::kWaiting) assign(viewer, viewer.transfers[i]->origin);
    keys_.clear();
    for (const auto& transfer : viewer.transfers) keys_.push_back(transfer->key);
    for (std::size_t i = 0; i < keys_.size() && waking_ != nullptr; ++i) step(viewer, keys_[i]);
    if (std::exchange(waking_, nullptr) != nullptr) arm(viewer);
  }

  void step(ModelViewer& viewer, std::uint32_t key) {
    ModelTransfer* transfer = viewer.find(key);
    if (transfer == nullptr) return;
    const base::Instant now = timeline_.now();
    const bool heard = transfer->phase == Phase::kRequesting && transfer->next <= now;
    if (heard) hear(viewer, *transfer);
    const bool begins = transfer->phase == Phase::kAnswered && transfer->next <= now;
    if (begins) begin_receiving(viewer, *transfer);
    const bool receiving = transfer->phase == Phase::kReceiving;
    if (receiving && (heard || begins || transfer->first_byte > now)) transfer->first_byte = viewer.first_byte(now, *transfer);
    if (receiving && viewer.is_complete(now, *transfer)) {
      finish(viewer, *transfer, std::string{transfer->reply.failure});
    } else if (transfer->deadline <= now) {
      finish(viewer, *transfer, "timeout");
    } else if (receiving && transfer->next <= now) {
      const base::Instant due = viewer.report_due(now, *transfer);
      transfer->next = due > now ? due : now + transfer->request.progress_every;
      if (due > now) return;
      report(viewer, *transfer);
    }
  }

  void report(ModelViewer& viewer, const ModelTransfer& transfer) {
    TransferReceiver& receiver = *transfer.receiver;
    const TransferId id = viewer.id_of(transfer);
    const std::uint32_t key = transfer.key;
    receiver.on_progress(id, viewer.progress_of(transfer, viewer.received(timeline_.now(), transfer)));
    ModelTransfer* running = waking_ != nullptr ? viewer.find(key) : nullptr;
    if (running == nullptr) return;
    running->is_reported = true;
    const ProgressWish wish = receiver.progress_wanted(id);
    running->wanted = wish.received;
    running->next = std::max({running->next, wish.from, viewer.earliest(timeline_.now(), *running, wish.received)});
  }

  void hear(ModelViewer& viewer, ModelTransfer& transfer) {
    server_.reply_to(timeline_.now(), transfer.request, transfer.reply);
    const auto body = base::ByteCount::bytes(static_cast<std::int64_t>(transfer.reply.body.size()));
    transfer.reply.bytes = std::max(transfer.reply.bytes, body);
    viewer.receive(timeline_.now(), transfer);
    if (transfer.phase == Phase::kReceiving) come_down(viewer, transfer);
  }

  void begin_receiving(ModelViewer& viewer, ModelTransfer& transfer) {
    viewer.begin_receiving(timeline_.now(), transfer);
    come_down(viewer, transfer);
  }

  // Something of it is on its way now.
  void come_down(const ModelViewer& viewer, ModelTransfer& transfer) {
    if (viewer.is_behind_bottleneck()) behind_bottlenecks_.push_back(viewer.id);
    transfer.next = wants_progress(transfer) ? transfer.first_byte : kNever;
  }

  void finish(ModelViewer& viewer, ModelTransfer& transfer, std::string failure) {
    const base::Instant now = timeline_.now();
    if (transfer.phase == Phase::kReceiving) transfer.first_byte = viewer.first_byte(now, transfer);
    TransportOutcome outcome{.failure = std::move(failure), .took = now - transfer.started, .opened = transfer.opened};
    const bool failed = !outcome.failure.empty();
    if (transfer.phase == Phase::kReceiving && transfer.first_byte <= now) {
      outcome.ttfb = transfer.first_byte - transfer.started;
      outcome.bytes = viewer.received(now, transfer);
      outcome.status = !failed || outcome.bytes > base::ByteCount{} ? transfer.reply.status : 0;
      outcome.retry_after = transfer.reply.retry_after;
      if (transfer.request.cache != CacheUse::kNone) outcome.caching = std::move(transfer.reply.caching);
    }
    if (!failed && transfer.request.keep_body) outcome.body = std::move(transfer.reply.body);
    TransferReceiver& receiver = *transfer.receiver;
    const TransferId of = viewer.id_of(transfer);
    if (transfer.phase == Phase::kRequesting) server_.withdraw(of);
    end(viewer, transfer, !failed);
    receiver.on_outcome(of, std::move(outcome));
  }

  base::Timeline& timeline_;
  ModelServer& server_;
  std::function<ModelLink(base::ViewerId)> link_of_;
  ModelOptions options_;
  ModelOrigins origins_;
  FluidLink::Stock stock_;
  base::Pool<ModelTransfer> transfers_;
  std::unordered_map<base::ViewerId, ModelViewer> viewers_;
  ModelViewer* waking_ = nullptr;    // null: none, or it has left meanwhile
  std::vector<std::uint32_t> keys_;  // of its transfers; reused
  std::uint64_t last_key_ = 0;
  std::vector<base::ViewerId> behind_bottlenecks_;  // who may have something on its way down; perhaps twice
};

ModelLink::ModelLink(const netem::Rate& down, const netem::Rate& up, base::Duration rtt) {
  spec.down.rate = down;
  spec.up.rate = up;
  spec.up.delay = rtt / 2;
  spec.down.delay = rtt - spec.up.delay;
}
ModelLink::ModelLink(netem::LinkSpec link, base::Instant begin, BottleneckShare* share)
    : spec{std::move(link)}, origin{begin}, bottleneck{share} {}

ModelTransport::ModelTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of,
                               ModelOptions options)
    : impl_{std::make_unique<Impl>(timeline, server, std::move(link_of), options)} {}
ModelTransport::~ModelTransport() = default;
TransferId ModelTransport::start(TransportRequest&& request, TransferReceiver& receiver) {
  return impl_->start(std::move(request), receiver);
}
void ModelTransport::cancel(TransferId id) { impl_->cancel(id); }
void ModelTransport::leave(base::ViewerId viewer) { impl_->leave(viewer); }
void ModelTransport::catch_up(base::ViewerId viewer) { impl_->catch_up(viewer); }
void ModelTransport::look_again(base::ViewerId viewer) { impl_->look_again(viewer); }
const std::vector<base::ViewerId>& ModelTransport::tell_bottlenecks() { return impl_->tell_bottlenecks(); }
void ModelTransport::come_up_to_now(base::ViewerId viewer) { impl_->come_up_to_now(viewer); }
void ModelTransport::renew(base::ViewerId viewer) { impl_->renew(viewer); }

}  // namespace harness
