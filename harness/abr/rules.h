// The rules by name: Sabre's, and our own research rules in Sabre's model. A rule is one line in rules.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "harness/engine/sabre_rule.h"

namespace harness::abr {

using MakeRule = std::unique_ptr<sabre::Rule> (*)(const sabre::Film& film);

// The error lists the known ones.
base::Result<MakeRule> rule_named(std::string_view name);
// "throughput, bola, …"
std::string known_rules();

}  // namespace harness::abr
