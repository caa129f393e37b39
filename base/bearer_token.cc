#include "base/bearer_token.h"

#include <algorithm>

namespace base {
namespace {

constexpr std::string_view kScheme = "bearer", kBlanks = " \t";

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto blank = authorization.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = authorization.substr(0, blank);
  if (!std::ranges::equal(scheme, kScheme, {}, lower)) return std::nullopt;
  const auto first = authorization.find_first_not_of(kBlanks, blank);
  if (first == std::string_view::npos) return "";
  return authorization.substr(first, authorization.find_last_not_of(kBlanks) + 1 - first);
}

}  // namespace base
