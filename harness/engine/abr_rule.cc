#include "harness/engine/abr_rule.h"

#include "harness/engine/bola_rule.h"
#include "harness/engine/dynamic_rule.h"
#include "harness/engine/l2a_rule.h"
#include "harness/engine/robust_mpc_rule.h"
#include "harness/engine/sabre_abr_rule.h"
#include "harness/engine/sabre_bola.h"
#include "harness/engine/sabre_bola_e.h"
#include "harness/engine/sabre_throughput.h"
#include "harness/engine/throughput_rule.h"

namespace harness {
namespace {

using sabre::Film;

template <class Make>
std::unique_ptr<AbrRule> play(Make make) {
  return std::make_unique<SabreAbrRule>(std::move(make));
}

}  // namespace

std::unique_ptr<AbrRule> make_abr_rule(const Device& device) {
  switch (device.abr) {
    case AbrKind::kThroughput:
      return std::make_unique<ThroughputRule>(device.safety_factor);
    case AbrKind::kBola:
      return std::make_unique<BolaRule>(device.safety_factor);
    case AbrKind::kDynamic:
      return std::make_unique<DynamicRule>(device.safety_factor);
    case AbrKind::kThroughputIbr:
      return play([factor = device.safety_factor](const Film& film) { return std::make_unique<sabre::Throughput>(film, factor); });
    case AbrKind::kBolaBasic:
      return play([](const Film& film) { return std::make_unique<sabre::Bola>(film, sabre::Bola::Options{.basic = true}); });
    case AbrKind::kBolaO:
      return play([](const Film& film) { return std::make_unique<sabre::Bola>(film, sabre::Bola::Options{.calm = true}); });
    case AbrKind::kBolaE:
      return play([](const Film& film) { return std::make_unique<sabre::BolaE>(film); });
    case AbrKind::kBolaV4:
      return std::make_unique<BolaRule>(device.safety_factor, BolaRule::Score::kDashJs4);
    case AbrKind::kRobustMpc:
      return std::make_unique<RobustMpcRule>();
    case AbrKind::kL2a:
      return std::make_unique<L2aRule>(device.safety_factor);
  }
  return nullptr;
}

}  // namespace harness
