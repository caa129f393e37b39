// ENSURE(condition): a broken invariant of ours is a bug; it prints the expression and its place and aborts, in release too.
// Never use it for bad input or for a misbehaving peer.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace base::detail {
[[noreturn]] inline void broken_invariant(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, expression);
  std::abort();
}
}  // namespace base::detail

#define ENSURE(condition) ((condition) ? static_cast<void>(0) : ::base::detail::broken_invariant(#condition, __FILE__, __LINE__))
