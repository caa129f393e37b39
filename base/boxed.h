// Boxed<T>: an optional that lies on the heap, so that where there is mostly nothing it takes the room of a pointer.
#pragma once

#include <memory>
#include <utility>

namespace base {

template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(T value) : value_{std::make_unique<T>(std::move(value))} {}  // NOLINT(google-explicit-constructor): as std::optional
  Boxed(const Boxed& other) : value_{other.value_ ? std::make_unique<T>(*other.value_) : nullptr} {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) { return *this = Boxed{other}; }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }
  // Requires: there is a value.
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

  void reset() { value_.reset(); }
  // What is there, or else one made of nothing.
  T& filled() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace base
