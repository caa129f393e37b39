// For tests: bytes written as a literal, zeros included.
#pragma once

#include <string>

namespace media::rtmp {

template <std::size_t N>
std::string raw(const char (&text)[N]) {
  return {text, N - 1};
}

}  // namespace media::rtmp
