#include "harness/engine/dynamic_rule.h"

namespace harness {
namespace {

using namespace base::literals;

// dash.js 5.2.1: hybridSwitchBufferTime, and half of it on the way back.
constexpr base::Duration kSwitchToBuffer = 12s;
constexpr base::Duration kSwitchBack = 6s;

}  // namespace

std::size_t DynamicRule::choose(const AbrSnapshot& snapshot) {
  trusts_buffer_ = snapshot.buffer >= (trusts_buffer_ ? kSwitchBack : kSwitchToBuffer);
  return trusts_buffer_ ? by_buffer_.choose(snapshot) : by_throughput_.choose(snapshot);
}

}  // namespace harness
