// A check for options that take a whole number without a sign: CLI11 would take -1 for the largest one.
#pragma once

#include <string>

namespace harness {

inline std::string no_sign(const std::string& text) { return text.starts_with('-') ? text + " is not a whole number, 0 or more" : ""; }

}  // namespace harness
