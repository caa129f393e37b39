// SharedValue<T>: an immutable value whose copies share it.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

namespace base {

template <class T>
class SharedValue {
 public:
  SharedValue() : value_{std::make_shared<const T>()} {}
  template <std::convertible_to<T> U>
  SharedValue(U&& value)
      : value_{std::make_shared<const T>(std::forward<U>(value))} {}  // NOLINT(google-explicit-constructor): a T in another form
  // Requires: there is a value.
  explicit SharedValue(std::shared_ptr<const T> value) : value_{std::move(value)} {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace base
