#include "netem/model/link_model.h"

#include <algorithm>

#include "netem/model/delay_process.h"
#include "netem/model/loss_process.h"
#include "netem/model/queued_bytes.h"
#include "netem/model/rate_schedule.h"

namespace netem {
namespace {

using base::ByteCount;
using base::Duration;
using base::Instant;

struct InFlight {
  Instant due;
  std::uint64_t sequence;  // of acceptance: decides between equal instants
  PacketId id;
};
// For heaps with the earliest on top.
bool later(const InFlight& a, const InFlight& b) { return std::pair{a.due, a.sequence} > std::pair{b.due, b.sequence}; }

}  // namespace

LinkCounters& LinkCounters::operator+=(const LinkCounters& other) {
  offered += other.offered;
  lost += other.lost;
  overflowed += other.overflowed;
  duplicated += other.duplicated;
  delivered += other.delivered;
  bytes_offered += other.bytes_offered;
  bytes_delivered += other.bytes_delivered;
  return *this;
}

class LinkModel::Impl {
 public:
  Impl(const ImpairmentSpec& spec, Instant origin, base::Random random)
      : schedule_{spec.rate, origin},
        unlimited_{schedule_.is_unlimited()},
        queue_{queue_limit_of(spec)},
        loss_{spec.loss},
        delays_{spec},
        duplicate_{spec.duplicate},
        spec_delay_{spec.delay},
        random_{random} {}

  Fate judge(Instant now, ByteCount size) {
    ++counters_.offered;
    counters_.bytes_offered += size;
    if (loss_.loses_next(random_)) {
      ++counters_.lost;
      return {.kind = Fate::Kind::kLost};
    }
    const bool twice = duplicate_ > 0 && random_.chance(duplicate_);
    const std::optional<Instant> first = pass(now, size);
    if (!twice) return fate_of(first, std::nullopt);
    ++counters_.duplicated;
    return fate_of(first, pass(now, size));
  }

  ByteCount backlog(Instant now) { return std::holds_alternative<ByteCount>(queue_) ? queued_.at(now) : schedule_.waiting(now); }

  void keep(Instant due, PacketId id) {
    waiting_.push_back({due, sequence_++, id});
    std::push_heap(waiting_.begin(), waiting_.end(), later);
  }
  PacketId take() {
    std::pop_heap(waiting_.begin(), waiting_.end(), later);
    const PacketId id = waiting_.back().id;
    waiting_.pop_back();
    return id;
  }
  std::optional<Instant> next_due() const { return waiting_.empty() ? std::nullopt : std::optional{waiting_.front().due}; }

  LinkCounters counters_;

 private:
  static Fate fate_of(std::optional<Instant> first, std::optional<Instant> second) {
    if (!first) return {.kind = Fate::Kind::kQueueFull};  // a second one fares no better: nothing drains in between
    return {.due = *first, .again_at = second};
  }

  // Queue, rate and delay; nothing when the queue is full.
  std::optional<Instant> pass(Instant now, ByteCount size) {
    Instant sent = now;
    if (!unlimited_) {
      if (!has_room(now, size)) {
        ++counters_.overflowed;
        return std::nullopt;
      }
      sent = last_sent_ = schedule_.finish(std::max(now, last_sent_), size);
      if (std::holds_alternative<ByteCount>(queue_)) queued_.add(sent, size);
    }
    ++counters_.delivered;
    counters_.bytes_delivered += size;
    return delays_.arrival(sent, delay_at(sent), random_);
  }

  bool has_room(Instant now, ByteCount size) {
    const ByteCount waiting = backlog(now);
    if (last_sent_ <= now) return true;
    const auto* bytes = std::get_if<ByteCount>(&queue_);
    return waiting + size <= (bytes != nullptr ? *bytes : schedule_.capacity(now, now + std::get<Duration>(queue_)));
  }

  // The trace is asked again only when a step with another round trip may have begun; `sent` never goes back.
  Duration delay_at(Instant sent) {
    if (sent < delay_until_) return delay_;
    const std::optional<Duration> rtt = schedule_.rtt_at(sent);
    delay_ = rtt ? *rtt / 2 : spec_delay_;
    delay_until_ = schedule_.next_change(sent).value_or(Instant::max());
    return delay_;
  }

  RateSchedule schedule_;
  bool unlimited_;
  QueueLimit queue_;
  QueuedBytes queued_;  // where the limit is in bytes
  LossProcess loss_;
  DelayProcess delays_;
  double duplicate_;
  Duration spec_delay_;
  base::Random random_;
  Instant last_sent_ = Instant::min();
  Instant delay_until_ = Instant::min();
  Duration delay_{};
  std::vector<InFlight> waiting_;  // a heap
  std::uint64_t sequence_ = 0;
};

LinkModel::LinkModel(const ImpairmentSpec& spec, Instant origin, base::Random random)
    : impl_{std::make_unique<Impl>(spec, origin, random)} {}
LinkModel::~LinkModel() = default;
LinkModel::LinkModel(LinkModel&&) noexcept = default;
LinkModel& LinkModel::operator=(LinkModel&&) noexcept = default;

Fate LinkModel::judge(Instant now, ByteCount size) { return impl_->judge(now, size); }

Fate LinkModel::accept(Instant now, PacketId id, ByteCount size) {
  const Fate fate = impl_->judge(now, size);
  if (fate.kind != Fate::Kind::kDelivered) return fate;
  impl_->keep(fate.due, id);
  if (fate.again_at) impl_->keep(*fate.again_at, id);
  return fate;
}

std::vector<PacketId> LinkModel::due(Instant now) {
  std::vector<PacketId> out;
  for (auto next = impl_->next_due(); next && *next <= now; next = impl_->next_due()) out.push_back(impl_->take());
  return out;
}

std::optional<Instant> LinkModel::next_due() const { return impl_->next_due(); }
ByteCount LinkModel::backlog(Instant now) { return impl_->backlog(now); }
const LinkCounters& LinkModel::counters() const { return impl_->counters_; }

}  // namespace netem
