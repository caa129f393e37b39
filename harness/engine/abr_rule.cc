#include "harness/engine/abr_rule.h"

#include "harness/engine/bola_rule.h"
#include "harness/engine/dynamic_rule.h"
#include "harness/engine/throughput_rule.h"

namespace harness {

std::unique_ptr<AbrRule> make_abr_rule(const Device& device) {
  switch (device.abr) {
    case AbrKind::kThroughput:
      return std::make_unique<ThroughputRule>(device.safety_factor);
    case AbrKind::kBola:
      return std::make_unique<BolaRule>(device.safety_factor);
    case AbrKind::kDynamic:
      return std::make_unique<DynamicRule>(device.safety_factor);
  }
  return nullptr;
}

}  // namespace harness
