#include "harness/transport/bottleneck.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace harness {
namespace {

constexpr double kLeastLoss = 1e-3, kLossStep = 1.25;

double room_of(const netem::ImpairmentSpec& spec, double bytes_per_second) {
  const netem::QueueLimit limit = netem::queue_limit_of(spec);
  if (const auto* bytes = std::get_if<base::ByteCount>(&limit)) return static_cast<double>(bytes->count());
  return base::to_seconds(std::get<base::Duration>(limit)) * bytes_per_second;
}

double stepped(double loss) {
  if (loss < kLeastLoss) return 0;
  return kLeastLoss * std::pow(kLossStep, std::round(std::log(loss / kLeastLoss) / std::log(kLossStep)));
}

}  // namespace

Bottleneck::Bottleneck(const netem::ImpairmentSpec& spec) {
  ENSURE(!std::holds_alternative<std::shared_ptr<const netem::Trace>>(spec.rate));
  if (const auto* rate = std::get_if<base::Bitrate>(&spec.rate)) {
    bytes_per_second_ = static_cast<double>(rate->bps()) / 8;
    room_ = room_of(spec, bytes_per_second_);
  }
}

Toll Bottleneck::pass(base::Duration took, double bytes) {
  if (bytes_per_second_ <= 0) return {};
  backlog_ = std::max(backlog_ + bytes - bytes_per_second_ * base::to_seconds(took), 0.0);
  const double over = std::max(backlog_ - room_, 0.0);
  const double most = std::min(kUsualLoss * std::max(over / room_, 1.0), kMostLoss);
  const double milliseconds = std::floor(std::min(backlog_, room_) / bytes_per_second_ * 1e3);
  return {.wait = std::chrono::milliseconds{static_cast<std::int64_t>(milliseconds)},
          .loss = over > 0 ? stepped(std::min(over / std::max(bytes, over), most)) : 0};
}

}  // namespace harness
