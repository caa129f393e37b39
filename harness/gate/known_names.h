// Sentences for a name that is not known: what was given, the nearest known one, and the whole list. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harness {

// "a, b, c".
std::string joined(const std::vector<std::string>& names);
// The known name with the fewest edits to `name`, or "" when none is near enough to be a slip of the fingers.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);
// `"fiber" is not a known network; did you mean fibre? Known: 3g, 4g, fibre`. `kind` is what the names name.
std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known);

}  // namespace harness
