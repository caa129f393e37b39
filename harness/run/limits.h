// How many sessions the limit on open files allows.
#pragma once

#include <cstdint>

namespace harness {

inline constexpr std::uint64_t kDescriptorsPerSession = 8;  // six connections to the pages' host, one to control, a curl handle's share
inline constexpr std::uint64_t kOwnDescriptors = 256;

constexpr std::uint64_t descriptors_for(std::uint64_t sessions) { return sessions * kDescriptorsPerSession + kOwnDescriptors; }
constexpr std::uint64_t most_sessions(std::uint64_t descriptors) {
  return descriptors < kOwnDescriptors ? 0 : (descriptors - kOwnDescriptors) / kDescriptorsPerSession;
}

}  // namespace harness
