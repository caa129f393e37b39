// SharedValue<T>: an immutable value whose copies share it.
#pragma once

#include <memory>
#include <utility>

namespace base {

template <class T>
class SharedValue {
 public:
  SharedValue() : value_{std::make_shared<const T>()} {}
  SharedValue(T value) : value_{std::make_shared<const T>(std::move(value))} {}  // NOLINT(google-explicit-constructor): a T in another form

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace base
