// Whole files as text, and why one cannot be read: "is a directory, not a file", "cannot be read: Permission denied". Such words stand
// behind the name of the file.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace base {

// Up to 64 MiB, also of what does not tell its size before (a pipe).
Result<std::string> read_file(const std::string& file);
// Of a file of any size: it is opened and not read.
std::optional<Error> why_unreadable(const std::string& file);

}  // namespace base
