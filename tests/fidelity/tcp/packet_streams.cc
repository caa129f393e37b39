#include "tests/fidelity/tcp/packet_streams.h"

#include "base/ensure.h"
#include "harness/transport/h2_connection.h"

namespace fidelity {
namespace {

constexpr std::uint64_t kRequest = 50;  // bytes

}  // namespace

void PacketStreams::ask(std::int64_t body) {
  asked_ += kRequest;
  answers_.push_back({.body = body, .heard_at = asked_, .asked = lab_.now});
  lab_.ask(kRequest);
}

// At both ends, after whatever has happened.
void PacketStreams::look() {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    Answer& each = answers_[i];
    if (!each.is_ready && lab_.server.received() >= each.heard_at) {
      each.is_ready = true;
      const std::int64_t before = places_.end();
      places_.begin(i, harness::kH2AnswerHeaders, each.body, static_cast<std::int64_t>(lab_.server.sender().next_seq()));
      lab_.serve(static_cast<std::uint64_t>(places_.end() - before));
    }
    if (!each.is_ready || each.is_there || static_cast<std::int64_t>(lab_.client.received()) < places_.end_of(i)) continue;
    each.is_there = true;
    each.done = lab_.now;
    places_.forget(i);
  }
}

void PacketStreams::run_for(base::Duration time) {
  lab_.run_until([this] { return look(), false; }, time);
}

void PacketStreams::run_until_all_is_there() {
  const auto all = [this] {
    look();
    for (const Answer& each : answers_)
      if (!each.is_there) return false;
    return true;
  };
  ENSURE(lab_.run_until(all, std::chrono::hours{1}));
}

std::vector<double> PacketStreams::seconds() const {
  std::vector<double> out;
  for (const Answer& each : answers_)
    if (each.is_there) out.push_back(base::to_seconds(each.done - each.asked));
  return out;
}

}  // namespace fidelity
