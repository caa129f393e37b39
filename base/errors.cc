#include "base/errors.h"

#include <cerrno>
#include <system_error>

namespace base {

std::string InvalidInput::text(const std::string& file, const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) {
    if (!out.empty()) out += '\n';
    out += file + ": " + (problem.path.empty() ? "" : problem.path + ": ") + problem.message;
  }
  return out;
}

std::int64_t checked(const std::string& attempt, std::int64_t result) {
  if (result < 0) throw std::system_error(errno, std::system_category(), attempt);
  return result;
}

}  // namespace base
