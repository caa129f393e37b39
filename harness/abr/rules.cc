#include "harness/abr/rules.h"

#include <fmt/format.h>

#include <array>

#include "harness/abr/plain_rule.h"
#include "harness/engine/bola_rule.h"
#include "harness/engine/l2a_rule.h"
#include "harness/engine/robust_mpc_rule.h"
#include "harness/engine/sabre_dynamic.h"

namespace harness::abr {
namespace {

using sabre::Film;
using RulePtr = std::unique_ptr<sabre::Rule>;

constexpr double kSafetyFactor = 0.9;  // as Sabre's throughput rule

template <class Rule, auto... kOptions>
RulePtr make(const Film& film) {
  return std::make_unique<Rule>(film, kOptions...);
}
template <bool kBasic, bool kCalm>
RulePtr make_bola(const Film& film) {
  return std::make_unique<sabre::Bola>(film, sabre::Bola::Options{.basic = kBasic, .calm = kCalm});
}
RulePtr plain(const Film& film, std::unique_ptr<AbrRule> rule) { return std::make_unique<PlainRule>(film, std::move(rule)); }

struct NamedRule {
  std::string_view name;
  MakeRule make;
};
constexpr std::array<NamedRule, 11> kRules{{
    {"throughput", make<sabre::Throughput>},
    {"bola", make_bola<false, false>},
    {"bola-basic", make_bola<true, false>},
    {"bola-o", make_bola<false, true>},
    {"bolae", make<sabre::BolaE, false>},
    {"bolae-o", make<sabre::BolaE, true>},
    {"dynamic", make<sabre::Dynamic, true>},
    {"dynamicdash", make<sabre::DynamicDash>},
    {"bola-v4", [](const Film& film) { return plain(film, std::make_unique<BolaRule>(kSafetyFactor, BolaRule::Score::kDashJs4)); }},
    {"robust-mpc", [](const Film& film) { return plain(film, std::make_unique<RobustMpcRule>()); }},
    {"l2a", [](const Film& film) { return plain(film, std::make_unique<L2aRule>(kSafetyFactor)); }},
}};

}  // namespace

base::Result<MakeRule> rule_named(std::string_view name) {
  for (const NamedRule& rule : kRules)
    if (rule.name == name) return rule.make;
  return base::error(fmt::format("\"{}\" is not a rule; known: {}", name, known_rules()));
}

std::string known_rules() {
  std::string names;
  for (const NamedRule& rule : kRules) names += fmt::format("{}{}", names.empty() ? "" : ", ", rule.name);
  return names;
}

}  // namespace harness::abr
