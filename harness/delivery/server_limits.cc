#include "harness/delivery/server_limits.h"

namespace harness {
namespace {

// Nobody waits for bytes that long: viewers give up by themselves.
constexpr base::Duration kEndless = std::chrono::hours{24 * 365};

FluidQueue work_queue(const ServerLimits::Spec& spec) {
  const bool limited = spec.requests_per_s.has_value() || spec.connection_cpu > base::Duration{};
  return limited ? FluidQueue{1e9, spec.queue} : FluidQueue{};  // a nanosecond of work in each nanosecond
}

FluidQueue egress_queue(const ServerLimits::Spec& spec) {
  return spec.egress ? FluidQueue{static_cast<double>(spec.egress->bps()) / 8, kEndless} : FluidQueue{};
}

}  // namespace

ServerLimits::ServerLimits(const Spec& spec)
    : spec_{spec},
      request_nanoseconds_{spec.requests_per_s ? 1e9 / *spec.requests_per_s : 0},
      connection_nanoseconds_{static_cast<double>(spec.connection_cpu.count()) / spec.cores},
      work_{work_queue(spec)},
      egress_{egress_queue(spec)} {}

bool ServerLimits::connect(base::Instant now) {
  if (spec_.connections && open_ >= *spec_.connections) {
    meter_.exceeded(now, ServerLimit::kConnections, open_);
    meter_.refused();
    return false;
  }
  meter_.connected(++open_);
  return true;
}

std::optional<base::Duration> ServerLimits::admit(base::Instant now, bool connects, std::uint32_t weight) {
  meter_.requests(now, weight);
  const double requests = request_nanoseconds_ * weight, connection = connects ? connection_nanoseconds_ : 0;
  if (work_.backlog(now) == base::Duration{}) busy_ = {};
  const auto wait = work_.admit(now, requests + connection);
  if (!wait || *wait > kOverloaded)
    meter_.exceeded(now, busy_.connections > busy_.requests ? ServerLimit::kProcessor : ServerLimit::kRequests, open_);
  if (!wait) return meter_.refused(weight), std::nullopt;
  busy_.requests += requests, busy_.connections += connection;
  meter_.waited(*wait);
  return *wait + (connects ? spec_.connection_cpu : base::Duration{});
}

ServerLimits::Sending ServerLimits::send(base::Instant now, base::ByteCount bytes, std::uint32_t weight) {
  const auto amount = static_cast<double>(bytes.count());
  const base::Duration wait = egress_.admit(now, amount * weight).value_or(kEndless);
  if (wait > kOverloaded) meter_.exceeded(now, ServerLimit::kEgress, open_);
  meter_.waited(wait);
  meter_.sent(now, bytes * weight);
  return {wait, egress_.service(amount)};
}

void ServerLimits::begin(base::Instant now) {
  meter_.begin(now);
  meter_.connected(open_);
}

reports::DeliveryRow ServerLimits::row() const {
  reports::DeliveryRow row = meter_.row();
  row.requests_limit = spec_.requests_per_s;
  if (spec_.egress) row.egress_limit = static_cast<double>(spec_.egress->bps());
  if (spec_.connections) row.connections_limit = static_cast<double>(*spec_.connections);
  return row;
}

}  // namespace harness
