// Result<T>: usable, or one reason. For failures that are data (a corrupt manifest, a refused token); failures of our own
// environment are exceptions, see errors.h.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace base {

// Made by error() only: a one-argument constructor would make a Result<std::string> ambiguous.
class Error {
 public:
  struct Tag {};
  Error() = default;
  Error(Tag, std::string text) : message{std::move(text)} {}
  std::string message;
  friend bool operator==(const Error&, const Error&) = default;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(std::string message) { return Error{Error::Tag{}, std::move(message)}; }

}  // namespace base
