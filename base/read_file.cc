#include "base/read_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace base {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;
constexpr std::size_t kPart = std::size_t{64} << 10;

Error last_failure() { return error(fmt::format("cannot be read: {}", std::generic_category().message(errno))); }

std::optional<Error> failure_to_open(const std::string& file, std::ifstream& in) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return error("is a directory, not a file");
  errno = 0;
  in.open(file, std::ios::binary);
  return in.is_open() ? std::nullopt : std::optional{last_failure()};
}

}  // namespace

Result<std::string> read_file(const std::string& file) {
  std::ifstream in;
  if (const auto failure = failure_to_open(file, in)) return *failure;
  std::string text;
  for (std::array<char, kPart> part; in.read(part.data(), kPart), in.gcount() > 0;) {
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestFile) return error("is larger than 64 MiB");
  }
  if (in.bad()) return last_failure();
  return text;
}

std::optional<Error> why_unreadable(const std::string& file) {
  std::ifstream in;
  return failure_to_open(file, in);
}

}  // namespace base
