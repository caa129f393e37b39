// For the tests of this folder: bytes written as a literal, zeros included.
#pragma once

#include <string>

namespace server::rtmp {

template <std::size_t N>
std::string raw(const char (&text)[N]) {
  return {text, N - 1};
}

}  // namespace server::rtmp
