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

constexpr std::int64_t kBareAck = 52;

bool comes_to_nothing(const ModelReply& reply) { return !reply.failure.empty() && reply.bytes == base::ByteCount{}; }

// A wish for all progress holds as long as it may be late.
bool may_be_late(const ModelTransfer& transfer, Instant at) { return at < transfer.late_until && transfer.wanted.count() == 0; }

// The probability of one or the other.
double either(double one, double other) { return 1 - (1 - one) * (1 - other); }

}  // namespace

bool wants_progress(const ModelTransfer& transfer) {
  return transfer.request.progress_every.count() > 0 && transfer.reply.status >= 200 && transfer.reply.status < 300;
}

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
      down_{link.spec.down, link.origin, base::Random::stream(seed, "down"), link.spec.up, stock, link.bottleneck},
      up_{link.spec.up.rate, link.origin},
      spec_up_delay_{link.spec.up.delay},
      loss_up_{netem::mean_loss(link.spec.up.loss)},
      loss_down_{netem::mean_loss(link.spec.down.loss)},
      chance_{base::Random::stream(seed, "up")},
      h2_{options.http2 ? std::make_unique<std::vector<H2Connection>>() : nullptr},
      initial_window_{static_cast<std::uint8_t>(options.initial_window)},
      connections_per_host_{static_cast<std::uint8_t>(options.connections_per_host & 0x7F)},
      uses_bbr_{options.congestion_control == CongestionControl::kBbr} {}

// Half of the round trip where a trace brings one.
Duration ModelViewer::up_delay(Instant now) const {
  const auto rtt = up_.rtt_at(now);
  return (rtt ? *rtt / 2 : spec_up_delay_) + wait_up();
}

Duration ModelViewer::wait_up() const {
  const BottleneckShare* bottleneck = down_.bottleneck();
  return bottleneck != nullptr ? bottleneck->up.wait : Duration{};
}

double ModelViewer::loss_up() const {
  const BottleneckShare* bottleneck = down_.bottleneck();
  return bottleneck != nullptr ? either(loss_up_, bottleneck->up.loss) : loss_up_;
}

double ModelViewer::loss_down() const {
  const BottleneckShare* bottleneck = down_.bottleneck();
  return bottleneck != nullptr ? either(loss_down_, bottleneck->down.loss * static_cast<double>(kSyn) / kFluidPacket) : loss_down_;
}

Duration ModelViewer::upload(Instant now, std::int64_t bytes) {
  if (BottleneckShare* bottleneck = down_.bottleneck()) bottleneck->came_up += static_cast<double>(bytes);
  return up_.finish(now, base::ByteCount::bytes(bytes)) - now;
}

bool ModelViewer::tell_bottleneck(Instant now) {
  down_.tell_bottleneck(now);
  return down_.is_carrying();
}

// What it costs that a packet may be lost: timeouts that double.
Duration ModelViewer::resends(Duration first, double lost) {
  Duration waited{};
  for (int i = 0; lost > 0 && i < 6 && chance_.chance(lost); ++i, first *= 2) waited += first;
  return waited;
}

bool ModelViewer::assign(Instant now, std::uint16_t origin, bool secure) {
  if (h2_ && secure) return assign_streams(now, origin);
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

bool ModelViewer::assign_streams(Instant now, std::uint16_t origin) {
  ModelConnection* connection = nullptr;
  for (ModelConnection& each : connections_)
    if (each.origin == origin) connection = &each;
  const bool is_open = connection != nullptr && connection->state != State::kConnecting;
  std::size_t running = is_open ? running_on(connection->serial) : 0;
  bool asked = false;
  for (const auto& each : transfers) {
    if (each->phase != Phase::kWaiting || each->origin != origin) continue;
    if (connection == nullptr) {
      connect(now, origin, true);
      h2_->emplace_back(last_connection_, connections_.back().tcp);
      return false;
    }
    if (!is_open || running == kH2Streams) break;
    ask(now, *connection, *each);
    ++running;
    asked = true;
  }
  return asked;
}

std::size_t ModelViewer::running_on(std::uint32_t serial) const {
  return static_cast<std::size_t>(
      std::count_if(transfers.begin(), transfers.end(), [serial](const auto& each) { return each->connection == serial; }));
}

H2Connection* ModelViewer::h2_of(std::uint32_t serial) {
  for (H2Connection& each : *h2_)
    if (each.serial() == serial) return &each;
  return nullptr;
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
  const Duration sending = upload(now, kSyn);
  const Duration answering = down_.transmission(now, base::ByteCount::bytes(kSyn)) + down_.queueing(now);
  const Instant heard = arrival_up(now + sending, up_delay(now));
  const Instant answered = arrival_down(heard + answering, down_.delay(now));
  const Duration more = secure ? up_delay(now) + sending + answering + down_.delay(now) : Duration{};
  base::tight(connections_)
      .push_back(ModelConnection{.tcp = FluidTcp{initial_window_, uses_bbr_ ? CongestionControl::kBbr : CongestionControl::kCubic},
                                 .since = answered + more + resends(kFirstTimeout, either(loss_up(), loss_down())),
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

// Of one packet that has left the queue at `sent`, unless it skips the delay.
Instant ModelViewer::arrival_up(Instant sent, Duration delay) {
  if (down_.overtaking_up() > 0 && chance_.chance(down_.overtaking_up())) return sent + wait_up();
  return down_.jitter_up().arrival(sent + delay, sent_up_, chance_);
}
Instant ModelViewer::arrival_down(Instant sent, Duration delay) {
  if (down_.overtaking() > 0 && chance_.chance(down_.overtaking())) return sent + down_.wait();
  return down_.jitter().arrival(sent + delay, sent_down_, chance_);
}

void ModelViewer::ask(Instant now, ModelConnection& connection, ModelTransfer& transfer) {
  const Duration trip = round_trip(now), rto = trip + kTcpLeastRto;
  auto size = static_cast<std::int64_t>(transfer.request.body.size());
  H2Connection* h2 = h2_ ? h2_of(connection.serial) : nullptr;
  if (h2 != nullptr) {
    if (connection.state == State::kIdle) h2->resume(now - connection.since, rto, initial_window_);
    size += h2_request_size(transfer.request, transfer.origin_size, h2->ask());
  } else {
    connection.tcp.resume(now - connection.since, rto, initial_window_);
    size += static_cast<std::int64_t>(request_size(transfer.request, transfer.origin_size));
  }
  connection.state = State::kBusy;
  transfer.opened = !connection.is_used;
  connection.is_used = true;
  transfer.connection = connection.serial;
  transfer.phase = Phase::kRequesting;
  const Duration uploading = upload(now, size + kBareAck);
  const Instant sent = now + uploading;
  if (connection.since == now) arrival_up(sent, up_delay(now));  // the last of the handshake
  transfer.next = std::max(arrival_up(sent, up_delay(now)), now) + resends(trip + rto, loss_up());
  if (h2 != nullptr) transfer.next = h2->arrival_of_request(transfer.next, uploading);
}

void ModelViewer::receive(Instant now, ModelTransfer& transfer) {
  const ModelReply& reply = transfer.reply;
  const Instant sent = now + reply.think;
  if (h2_of(transfer) != nullptr) {
    transfer.phase = Phase::kAnswered;
    transfer.next = sent + down_.delay(sent) - lead(sent);
    return;
  }
  const std::int64_t headers = comes_to_nothing(reply) ? 0 : static_cast<std::int64_t>(kAnswerHeaders);
  transfer.phase = Phase::kReceiving;
  const ModelConnection& connection = *connection_of(transfer.connection);
  transfer.first_byte = down_.add(now, sent + down_.delay(sent),
                                  {.key = transfer.key,
                                   .payload = base::ByteCount::bytes(headers) + reply.bytes,
                                   .up_delay = up_delay(now),
                                   .tcp = connection.tcp,
                                   .order = connection.order});
}

// By how much a packet that jitter does not delay may be early.
Duration ModelViewer::lead(Instant now) const { return std::min(base::from_seconds(down_.jitter().lead()), down_.delay(now)); }

void ModelViewer::begin_receiving(Instant now, ModelTransfer& transfer) {
  const ModelReply& reply = transfer.reply;
  transfer.phase = Phase::kReceiving;
  transfer.first_byte = h2_of(transfer)->begin(
      down_, now, now + lead(now), up_delay(now),
      {.key = transfer.key, .headers = comes_to_nothing(reply) ? kH2Reset : kH2AnswerHeaders, .body = reply.bytes.count()});
}

void ModelViewer::note_h2_arrivals(Instant now) {
  for (H2Connection& each : *h2_) each.note(down_, now, chance_);
  for (const auto& each : transfers) {
    if (each->phase != Phase::kReceiving || each->first_byte != Instant::max() || h2_of(*each) == nullptr) continue;
    each->first_byte = first_byte(now, *each);
    if (wants_progress(*each)) each->next = each->first_byte;
  }
}

base::ByteCount ModelViewer::received(Instant now, const ModelTransfer& transfer) {
  if (const H2Connection* h2 = h2_of(transfer)) return h2->received(down_, now, transfer.key);
  const base::ByteCount all = down_.received(now, transfer.key), headers = base::ByteCount::bytes(kAnswerHeaders);
  return all > headers ? all - headers : base::ByteCount{};
}

Instant ModelViewer::earliest(Instant now, const ModelTransfer& transfer, base::ByteCount body) {
  if (body.count() == 0) return now;
  if (const H2Connection* h2 = h2_of(transfer)) return h2->earliest(down_, now, transfer.key, body);
  return down_.earliest(now, transfer.key, body + base::ByteCount::bytes(kAnswerHeaders));
}

Instant ModelViewer::report_due(Instant now, const ModelTransfer& transfer) {
  const bool waits = transfer.first_byte == Instant::max();  // behind others in the queue
  const Instant first = waits ? now + transfer.request.progress_every : transfer.first_byte;
  return std::max(first, earliest(now, transfer, transfer.wanted));
}

bool ModelViewer::is_complete(Instant now, const ModelTransfer& transfer) {
  if (const H2Connection* h2 = h2_of(transfer)) return h2->is_complete(now, transfer.key);
  return down_.is_complete(now, transfer.key);
}

void ModelViewer::drop(Instant now, std::uint32_t key, bool keep) {
  const auto transfer = std::find_if(transfers.begin(), transfers.end(), [key](const auto& each) { return each->key == key; });
  ModelConnection* connection = connection_of((*transfer)->connection);
  if (H2Connection* h2 = h2_of(**transfer)) {
    // What is refused is the connection, all else a stream.
    keep = (*transfer)->reply.failure != "refused";
    if ((*transfer)->phase == Phase::kReceiving) h2->end(down_, now, key, round_trip(now));
  } else if ((*transfer)->phase == Phase::kReceiving) {
    const FluidLink::Kept kept = down_.remove(now, key);
    connection->tcp = kept.tcp;
    connection->order = kept.order;
  }
  transfers.erase(transfer);
  std::erase_if(late_, [key](const Late& each) { return each.key == key; });
  if (transfers.empty() && late_.capacity() > 0) late_.shrink_to_fit();  // none are there for most of the time
  if (connection == nullptr || (h2_ && running_on(connection->serial) > 0)) return;
  connection->state = State::kIdle;
  connection->since = now;
  if (!keep) close(now, *connection);
}

void ModelViewer::close(Instant now, const ModelConnection& connection) {
  if (h2_) {
    if (H2Connection* h2 = h2_of(connection.serial)) {
      h2->close(down_, now);
      h2_->erase(h2_->begin() + (h2 - h2_->data()));
    }
  }
  connections_.erase(connections_.begin() + (&connection - connections_.data()));
}

Instant ModelViewer::next_look() const {
  Instant next = Instant::max();
  for (const auto& each : transfers)
    if (each->phase == Phase::kReceiving) next = std::min(next, each->next);
  return next;
}

ModelViewer::Next ModelViewer::upcoming(Instant now) {
  Next next;
  for (const auto& each : transfers) {
    next.happening = std::min(next.happening, each->deadline);
    Instant& of_its_kind = each->phase == Phase::kReceiving ? next.look : next.happening;
    of_its_kind = std::min(of_its_kind, each->next);
  }
  if (connecting_ > 0)
    for (const ModelConnection& each : connections_)
      if (each.state == State::kConnecting) next.happening = std::min(next.happening, each.since);
  if (const auto completion = down_.next_completion(next.happening, h2_ || next.look < Instant::max()))
    next.happening = std::min(next.happening, *completion);
  if (h2_) next.happening = std::min(next.happening, next_arrival(now));
  return next;
}

Instant ModelViewer::next_arrival(Instant now) {
  Instant next = Instant::max();
  for (const H2Connection& each : *h2_) next = std::min(next, each.next_event(down_, now));
  return next;
}

// Looks from `look` on, as far as they come of nothing or of what may be told late, and are before `until`. Returns: the last of them;
// nothing where the first one is not of that kind.
std::optional<Instant> ModelViewer::passes(Instant look, Instant until, bool is_new) {
  bool all_flow = true;
  for (const auto& each : transfers) {
    if (each->phase != Phase::kReceiving) continue;
    if (each->first_byte > look) each->first_byte = first_byte(look, *each);
    if (is_complete(look, *each)) return std::nullopt;
    all_flow = all_flow && each->first_byte <= look;
  }
  bool was_told = false;  // time has to pass before there is more to tell
  Instant last = look;
  for (const auto& each : transfers) {
    if (each->phase != Phase::kReceiving || each->next > look) continue;
    const Instant free = all_flow ? free_until(*each, until) : look;
    if (const Instant passed = approach(look, free, *each); each->next > look) {
      last = std::max(last, passed);
      continue;
    }
    if (std::exchange(was_told, true) || !may_be_late(*each, look)) return std::nullopt;
    last = std::max(last, pass_late(look, std::min(free, each->late_until), *each, is_new));
  }
  return last;
}

// What the others do before then is passed over by itself. Requires: all that is received has begun to come.
Instant ModelViewer::free_until(const ModelTransfer& transfer, Instant until) const {
  const Duration every = transfer.request.progress_every;
  for (const auto& each : transfers) {
    if (each.get() == &transfer || each->phase != Phase::kReceiving || each->next >= until) continue;
    const bool never_meets = each->request.progress_every == every && (each->next - transfer.next) % every != Duration{};
    until = never_meets && may_be_late(*each, each->next) ? std::min(until, each->late_until) : each->next;
  }
  return until;
}

// Returns: the last look that comes of nothing; its next one is at or after `free`, or has something to tell.
Instant ModelViewer::approach(Instant look, Instant free, ModelTransfer& transfer) {
  if (transfer.wanted.count() == 0 || transfer.first_byte > look) {
    transfer.next = std::max(transfer.next, report_due(look, transfer));
    return look;
  }
  const base::ByteCount payload = transfer.wanted + base::ByteCount::bytes(kAnswerHeaders);
  const H2Connection* h2 = h2_of(transfer);
  const FluidLink::Approach going =
      h2 != nullptr ? h2->approach(down_, look, free, transfer.key, transfer.wanted) : down_.approach(look, free, transfer.key, payload);
  transfer.next = going.next;
  return going.last;
}

// Returns: the last report of those from `look` on that are before `until`; at least that one is.
Instant ModelViewer::pass_late(Instant look, Instant until, ModelTransfer& transfer, bool is_new) {
  const Duration every = transfer.request.progress_every;
  const auto more = until > look ? (until - look - Duration{1}) / every : 0;
  if (is_new && !transfer.is_reported) add_late(transfer, look, 1);
  const bool was_reported = std::exchange(transfer.is_reported, true);
  if (const auto reports = more + (was_reported ? 1 : 0); is_new && reports > 0)
    add_late(transfer, was_reported ? look : look + every, static_cast<std::uint32_t>(reports));
  transfer.next = look + (more + 1) * every;
  return look + more * every;
}

// The first that tells of as many bytes as the last does not stand for it.
void ModelViewer::add_late(const ModelTransfer& transfer, Instant first, std::uint32_t reports) {
  const Duration every = transfer.request.progress_every;
  Instant at = first + (reports - 1) * every;
  const base::ByteCount most = received(at, transfer);
  std::uint32_t of_as_many = 1;
  while (of_as_many < reports && received(at - of_as_many * every, transfer) == most) ++of_as_many;
  if (of_as_many > 1) {
    late_.push_back({.at = at, .received = most, .key = transfer.key, .reports = of_as_many - 1});
    at -= (of_as_many - 1) * every;
    reports -= of_as_many - 1;
  }
  late_.push_back({.at = at, .received = most, .key = transfer.key, .reports = reports});
}

// So that none stands for some before and some from then on.
void ModelViewer::split_late(Instant when) {
  for (std::size_t i = 0, count = late_.size(); i < count; ++i) {
    const Late late = late_[i];
    const ModelTransfer& transfer = *find(late.key);
    const Duration every = transfer.request.progress_every;
    const Instant first = late.at - (late.reports - 1) * every;
    if (late.at < when || first >= when) continue;
    const auto before = static_cast<std::uint32_t>((when - first - Duration{1}) / every + 1);
    late_[i].reports -= before;
    add_late(transfer, first, before);
  }
}

Instant ModelViewer::pass_over(Instant now) {
  auto [look, happening] = upcoming(now);
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
    each->marked_is_reported = each->is_reported;
  }
  for (; look < happening; look = next_look()) {
    const auto passed = passes(look, happening, true);
    if (!passed) break;
    last = last == Instant::max() ? *passed : std::max(last, *passed);
  }
  passed_to_ = std::min(look, happening);
  return std::min(last, passed_to_);
}

void ModelViewer::come_back(Instant now) {
  if (passed_to_ == Instant::max()) return;
  passed_to_ = Instant::max();
  split_late(now);
  std::erase_if(late_, [now](const Late& each) { return each.at >= now; });
  for (const auto& each : transfers) {
    each->next = each->marked_next;
    each->first_byte = each->marked_first_byte;
    each->is_reported = each->marked_is_reported;
  }
  for (Instant look = next_look(); look < now; look = next_look()) passes(look, now, false);
}

void ModelViewer::tell_late(Instant when) {
  if (late_.empty()) return;
  if (passed_to_ != Instant::max()) split_late(when);
  std::sort(late_.begin(), late_.end(), [](const Late& a, const Late& b) { return a.at < b.at; });
  std::size_t told = 0;
  for (; told < late_.size() && late_[told].at < when; ++told) {
    const Late& late = late_[told];
    const ModelTransfer& transfer = *find(late.key);
    TransferProgress progress = progress_of(transfer, late.received);
    progress.reports = late.reports;
    transfer.receiver->on_late_progress(id_of(transfer), late.at, progress);
  }
  late_.erase(late_.begin(), late_.begin() + static_cast<std::ptrdiff_t>(told));
}

ModelTransfer* ModelViewer::find(std::uint32_t key) {
  for (const auto& each : transfers)
    if (each->key == key) return each.get();
  return nullptr;
}

}  // namespace harness
