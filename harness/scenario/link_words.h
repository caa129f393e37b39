// What a network's link is, in words and figures for reports. Pure.
#pragma once

#include <string>

#include "harness/scenario/scenario.h"
#include "reports/record/rows.h"

namespace harness {

// "30 Mbit/s, 3 ms jitter, 0.1 % loss"; "trace train, 2.4 Mbit/s on average (0 to 12 Mbit/s)". Delays are told as the round trip.
std::string in_words(const netem::ImpairmentSpec& direction);

// The configured half of a cohort's row; nothing is measured yet. `backend`: "tun", "kernel", "none", "model".
reports::LinkRow configured_link(const Cohort& cohort, const Network& network, const std::string& backend, std::uint32_t sessions);

}  // namespace harness
