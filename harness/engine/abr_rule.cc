#include "harness/engine/abr_rule.h"

#include "harness/engine/bola_e_rule.h"
#include "harness/engine/bola_original_rule.h"
#include "harness/engine/bola_rule.h"
#include "harness/engine/bola_v4_rule.h"
#include "harness/engine/dynamic_rule.h"
#include "harness/engine/l2a_rule.h"
#include "harness/engine/robust_mpc_rule.h"
#include "harness/engine/throughput_ibr_rule.h"
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
    case AbrKind::kThroughputIbr:
      return std::make_unique<ThroughputIbrRule>(device.safety_factor);
    case AbrKind::kBolaBasic:
      return std::make_unique<BolaOriginalRule>(BolaOriginalRule::Kind::kBasic);
    case AbrKind::kBolaO:
      return std::make_unique<BolaOriginalRule>(BolaOriginalRule::Kind::kO);
    case AbrKind::kBolaE:
      return std::make_unique<BolaERule>();
    case AbrKind::kBolaV4:
      return std::make_unique<BolaV4Rule>(device.safety_factor);
    case AbrKind::kRobustMpc:
      return std::make_unique<RobustMpcRule>();
    case AbrKind::kL2a:
      return std::make_unique<L2aRule>(device.safety_factor);
  }
  return nullptr;
}

}  // namespace harness
