#include "harness/transport/model_viewer.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/tight.h"
#include "harness/transport/tcp_rtt.h"
#include "harness/transport/tcp_viewer.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using base::Duration;
using base::Instant;
using Phase = ModelTransfer::Phase;
using State = ModelConnection::State;

constexpr std::int64_t kSyn = 60;  // bytes (tcp_segment.h)
constexpr std::int64_t kBareAck = 52;
constexpr Duration kFirstTimeout = std::chrono::seconds{1};  // of a handshake (RFC 6298, 2.1)

// A wish for all progress holds as long as it may be late.
bool may_be_late(const ModelTransfer& transfer, Instant at) { return at < transfer.late_until && transfer.wanted.count() == 0; }

}  // namespace

std::uint16_t ModelOrigins::number_of(std::string_view url) {
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    const std::string& known = origins_[i].name;
    if (url.starts_with(known) && (url.size() == known.size() || url[known.size()] == '/')) return static_cast<std::uint16_t>(i);
  }
  const std::string_view name = origin_of(url);
  ENSURE(origins_.size() < 65'536);
  origins_.push_back({.name = std::string{name}, .secure = name.starts_with("https:")});
  return static_cast<std::uint16_t>(origins_.size() - 1);
}

ModelViewer::ModelViewer(base::ViewerId viewer, const ModelLink& link, std::uint64_t seed, const ModelOptions& options,
                         FluidLink::Stock& stock)
    : id{viewer},
      down_{link.spec.down, link.origin, base::Random::stream(seed, "down"), {link.spec.up.jitter, link.spec.up.delay}, stock},
      up_{link.spec.up.rate, link.origin},
      spec_up_delay_{link.spec.up.delay},
      loss_up_{netem::mean_loss(link.spec.up.loss)},
      loss_down_{netem::mean_loss(link.spec.down.loss)},
      chance_{base::Random::stream(seed, "up")},
      initial_window_{static_cast<std::uint8_t>(options.initial_window)},
      connections_per_host_{static_cast<std::uint8_t>(options.connections_per_host)} {}

// Half of the round trip where a trace brings one.
Duration ModelViewer::up_delay(Instant now) const {
  const auto rtt = up_.rtt_at(now);
  return rtt ? *rtt / 2 : spec_up_delay_;
}

Duration ModelViewer::upload(Instant now, std::int64_t bytes) { return up_.finish(now, base::ByteCount::bytes(bytes)) - now; }

// What it costs that a packet may be lost: timeouts that double.
Duration ModelViewer::resends(Duration first, double lost) {
  Duration waited{};
  for (int i = 0; lost > 0 && i < 6 && chance_.chance(lost); ++i, first *= 2) waited += first;
  return waited;
}

bool ModelViewer::assign(Instant now, std::uint16_t origin, bool secure) {
  bool asked = false;
  int waiting = 0;
  for (const auto& each : transfers) {
    if (each->phase != Phase::kWaiting || each->origin != origin) continue;
    if (ModelConnection* idle = latest_idle(origin)) {
      ask(now, *idle, *each);
      asked = true;
    } else {
      ++waiting;
    }
  }
  if (waiting == 0) return asked;
  int connecting = 0, open = 0;
  for (const ModelConnection& each : connections_) {
    if (each.origin != origin) continue;
    ++open;
    if (each.state == State::kConnecting) ++connecting;
  }
  for (; connecting < waiting && open < connections_per_host_; ++connecting, ++open) connect(now, origin, secure);
  return asked;
}

ModelConnection* ModelViewer::latest_idle(std::uint16_t origin) {
  ModelConnection* latest = nullptr;
  for (ModelConnection& each : connections_)
    if (each.origin == origin && each.state == State::kIdle && (latest == nullptr || each.since > latest->since)) latest = &each;
  return latest;
}

ModelConnection* ModelViewer::connection_of(std::uint32_t serial) {
  for (ModelConnection& each : connections_)
    if (each.serial == serial) return &each;
  return nullptr;
}

// TCP's handshake takes a round trip, that of TLS 1.3 another (RFC 8446, 2).
void ModelViewer::connect(Instant now, std::uint16_t origin, bool secure) {
  const Instant heard = down_.jitter_up().arrival(now + up_delay(now) + upload(now, kSyn), sent_up_, chance_);
  const Duration back = down_.delay(now) + down_.transmission(now, base::ByteCount::bytes(kSyn)) + down_.queueing(now);
  const Instant answered = down_.jitter().arrival(heard + back, sent_down_, chance_);
  const Duration more = secure ? up_delay(now) + upload(now, kSyn) + back : Duration{};
  base::tight(connections_)
      .push_back({.tcp = FluidTcp{initial_window_},
                  .since = answered + more + resends(kFirstTimeout, 1 - (1 - loss_up_) * (1 - loss_down_)),
                  .serial = ++last_connection_,
                  .origin = origin});
  ++connecting_;
}

bool ModelViewer::establish(Instant now) {
  if (connecting_ == 0) return false;
  const std::uint16_t before = connecting_;
  for (ModelConnection& each : connections_) {
    if (each.state != State::kConnecting || each.since > now) continue;
    each.state = State::kIdle;
    --connecting_;
  }
  return connecting_ < before;
}

void ModelViewer::ask(Instant now, ModelConnection& connection, ModelTransfer& transfer) {
  const Duration trip = round_trip(now);
  connection.tcp.resume(now - connection.since, trip + kTcpLeastRto, initial_window_);
  connection.state = State::kBusy;
  transfer.connection = connection.serial;
  transfer.phase = Phase::kRequesting;
  const std::size_t size = request_size(transfer.request, transfer.origin_size) + transfer.request.body.size();
  const Instant due = now + up_delay(now) + upload(now, static_cast<std::int64_t>(size) + kBareAck);
  if (connection.since == now) down_.jitter_up().arrival(due, sent_up_, chance_);  // the last of the handshake
  transfer.next = std::max(down_.jitter_up().arrival(due, sent_up_, chance_), now) + resends(2 * trip + kTcpLeastRto, loss_up_);
}

void ModelViewer::receive(Instant now, ModelTransfer& transfer) {
  const ModelReply& reply = transfer.reply;
  const bool resets = !reply.failure.empty() && reply.bytes == base::ByteCount{};
  const std::int64_t headers = resets ? 0 : static_cast<std::int64_t>(kAnswerHeaders);
  const Instant sent = now + reply.think;
  transfer.phase = Phase::kReceiving;
  transfer.first_byte = down_.add(now, sent + down_.delay(sent),
                                  {.key = transfer.key,
                                   .payload = base::ByteCount::bytes(headers) + reply.bytes,
                                   .up_delay = up_delay(now),
                                   .tcp = connection_of(transfer.connection)->tcp});
}

base::ByteCount ModelViewer::received(Instant now, const ModelTransfer& transfer) {
  const base::ByteCount all = down_.received(now, transfer.key), headers = base::ByteCount::bytes(kAnswerHeaders);
  return all > headers ? all - headers : base::ByteCount{};
}

Instant ModelViewer::earliest(Instant now, const ModelTransfer& transfer, base::ByteCount body) {
  return body.count() == 0 ? now : down_.earliest(now, transfer.key, body + base::ByteCount::bytes(kAnswerHeaders));
}

Instant ModelViewer::report_due(Instant now, const ModelTransfer& transfer) {
  const bool waits = transfer.first_byte == Instant::max();  // behind others in the queue
  const Instant first = waits ? now + transfer.request.progress_every : transfer.first_byte;
  return std::max(first, earliest(now, transfer, transfer.wanted));
}

bool ModelViewer::is_complete(Instant now, const ModelTransfer& transfer) { return down_.is_complete(now, transfer.key); }

void ModelViewer::drop(Instant now, std::uint32_t key, bool keep) {
  const auto transfer = std::find_if(transfers.begin(), transfers.end(), [key](const auto& each) { return each->key == key; });
  ModelConnection* connection = connection_of((*transfer)->connection);
  if ((*transfer)->phase == Phase::kReceiving) connection->tcp = down_.remove(now, key);
  transfers.erase(transfer);
  std::erase_if(late_, [key](const Late& each) { return each.key == key; });
  if (transfers.empty() && late_.capacity() > 0) late_.shrink_to_fit();  // none are there for most of the time
  if (connection == nullptr) return;
  connection->state = State::kIdle;
  connection->since = now;
  if (!keep) connections_.erase(connections_.begin() + (connection - connections_.data()));
}

Instant ModelViewer::next_look() const {
  Instant next = Instant::max();
  for (const auto& each : transfers)
    if (each->phase == Phase::kReceiving) next = std::min(next, each->next);
  return next;
}

ModelViewer::Next ModelViewer::upcoming() {
  Next next;
  for (const auto& each : transfers) {
    next.happening = std::min(next.happening, each->deadline);
    Instant& of_its_kind = each->phase == Phase::kReceiving ? next.look : next.happening;
    of_its_kind = std::min(of_its_kind, each->next);
  }
  if (connecting_ > 0)
    for (const ModelConnection& each : connections_)
      if (each.state == State::kConnecting) next.happening = std::min(next.happening, each.since);
  if (const auto completion = down_.next_completion(next.happening, next.look < Instant::max()))
    next.happening = std::min(next.happening, *completion);
  return next;
}

// Returns: whether that look comes of nothing, or of what may be told late. If not, nothing is changed.
bool ModelViewer::passes(Instant look, bool is_new) {
  bool was_told = false;  // time has to pass before there is more to tell
  for (const auto& each : transfers) {
    if (each->phase != Phase::kReceiving) continue;
    if (each->first_byte > look) each->first_byte = first_byte(look, *each);
    if (is_complete(look, *each)) return false;
    if (each->next > look) continue;
    if (const Instant due = report_due(look, *each); due > look) {
      each->next = due;
      continue;
    }
    if (std::exchange(was_told, true) || !may_be_late(*each, look)) return false;
    each->next = look + each->request.progress_every;
    if (is_new) late_.push_back({.at = look, .received = received(look, *each), .key = each->key});
  }
  return true;
}

Instant ModelViewer::pass_over(Instant now) {
  auto [look, happening] = upcoming();
  Instant last = Instant::max();
  if (look >= happening || look <= now) return std::min(look, happening);
  for (const auto& each : transfers)
    if (each->phase == Phase::kReceiving && each->next < happening) each->late_until = each->receiver->takes_late_until(id_of(*each));
  const bool tells = std::any_of(transfers.begin(), transfers.end(), [look = look](const auto& each) {
    const bool is_due = each->phase == Phase::kReceiving && each->next == look && each->first_byte <= look && each->wanted.count() == 0;
    return is_due && !may_be_late(*each, look);
  });
  if (tells) return look;
  for (const auto& each : transfers) {
    each->marked_next = each->next;
    each->marked_first_byte = each->first_byte;
  }
  for (; look < happening && passes(look, true); look = next_look()) last = look;
  passed_to_ = std::min(look, happening);
  return std::min(last, passed_to_);
}

void ModelViewer::come_back(Instant now) {
  if (passed_to_ == Instant::max()) return;
  passed_to_ = Instant::max();
  std::erase_if(late_, [now](const Late& each) { return each.at >= now; });
  for (const auto& each : transfers) {
    each->next = each->marked_next;
    each->first_byte = each->marked_first_byte;
  }
  for (Instant look = next_look(); look < now; look = next_look()) passes(look, false);
}

void ModelViewer::tell_late(Instant when) {
  std::size_t told = 0;
  for (; told < late_.size() && late_[told].at < when; ++told) {
    const ModelTransfer& transfer = *find(late_[told].key);
    transfer.receiver->on_late_progress(id_of(transfer), late_[told].at, progress_of(transfer, late_[told].received));
  }
  late_.erase(late_.begin(), late_.begin() + static_cast<std::ptrdiff_t>(told));
}

ModelTransfer* ModelViewer::find(std::uint32_t key) {
  for (const auto& each : transfers)
    if (each->key == key) return each.get();
  return nullptr;
}

}  // namespace harness
