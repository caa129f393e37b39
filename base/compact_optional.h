// CompactOptional<T>: an optional that takes no more room than its value, for what there are millions of: instants, durations and indexes.
// One value of T, which none of them ever has, stands for nothing. Converts from and to std::optional.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace base {

// The value that stands for nothing: the least time, the largest index.
template <class T>
constexpr T nothing_of() {
  if constexpr (std::unsigned_integral<T>)
    return std::numeric_limits<T>::max();
  else
    return T::min();
}

template <class T>
class CompactOptional {
 public:
  constexpr CompactOptional() = default;
  constexpr CompactOptional(std::nullopt_t) {}  // NOLINT(google-explicit-constructor): as std::optional, and those below
  template <std::convertible_to<T> U>
  constexpr CompactOptional(U&& value) : value_{T(std::forward<U>(value))} {}  // NOLINT(google-explicit-constructor)
  constexpr CompactOptional(const std::optional<T>& value)
      : value_{value.value_or(nothing_of<T>())} {}  // NOLINT(google-explicit-constructor)
  constexpr operator std::optional<T>() const {     // NOLINT(google-explicit-constructor)
    return has_value() ? std::optional{value_} : std::nullopt;
  }

  constexpr explicit operator bool() const { return has_value(); }
  constexpr bool has_value() const { return value_ != nothing_of<T>(); }
  // Requires: there is a value.
  constexpr const T& operator*() const { return value_; }
  constexpr const T* operator->() const { return &value_; }
  constexpr T value_or(T otherwise) const { return has_value() ? value_ : otherwise; }
  constexpr void reset() { value_ = nothing_of<T>(); }

  friend constexpr bool operator==(const CompactOptional&, const CompactOptional&) = default;

 private:
  T value_ = nothing_of<T>();
};

}  // namespace base
