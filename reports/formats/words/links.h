// The figures of a cohort's link, configured beside measured, as text. Pure.
#pragma once

#include <optional>
#include <string>

#include "reports/record/rows.h"

namespace reports {

// Share of the packets that the loss model dropped; nothing when none were counted.
std::optional<double> measured_loss_down(const LinkRow& link);
std::optional<double> measured_loss_up(const LinkRow& link);
// What the downlink would have carried while the viewers were loading; where that was not measured, what it was configured to carry.
std::optional<double> link_rate(const LinkRow& link);
// Packets were counted.
bool has_packets(const LinkRow& link);
// Anything at all was measured.
bool is_measured(const LinkRow& link);

// "20.4 ms".
std::string milliseconds(std::optional<double> ms);

}  // namespace reports
