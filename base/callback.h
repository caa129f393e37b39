// Callback: what a timeline calls. Moved, never copied. One that captures no more than two words which may be copied as they are (mostly
// an object and a number) lies in it: nothing is allocated for it, and moving it is a few stores. Others lie on the heap.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace base {

class Callback;
template <class F>
concept Callable = !std::same_as<std::remove_cvref_t<F>, Callback> && std::invocable<std::decay_t<F>&>;

class Callback {
 public:
  Callback() = default;
  template <Callable F>
  Callback(F&& call) : kind_{&kKind<std::decay_t<F>>} {  // NOLINT(google-explicit-constructor): as std::function
    using Call = std::decay_t<F>;
    if constexpr (kLiesInside<Call>)
      new (room_.data()) Call(std::forward<F>(call));
    else
      new (room_.data()) Call*(new Call(std::forward<F>(call)));
  }
  Callback(Callback&& other) noexcept : room_{other.room_}, kind_{std::exchange(other.kind_, nullptr)} {}
  Callback& operator=(Callback&& other) noexcept {
    if (this == &other) return *this;
    const Callback before{std::move(*this)};  // goes last: it may take others along
    room_ = other.room_;
    kind_ = std::exchange(other.kind_, nullptr);
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() {
    if (kind_ != nullptr && kind_->destroy != nullptr) kind_->destroy(room_.data());
  }

  explicit operator bool() const { return kind_ != nullptr; }
  // Requires: there is one.
  void operator()() const { kind_->call(room_.data()); }

 private:
  using Room = std::array<std::byte, 2 * sizeof(void*)>;
  template <class F>
  static constexpr bool kLiesInside = sizeof(F) <= sizeof(Room) && alignof(F) <= alignof(void*) && std::is_trivially_copyable_v<F>;
  struct Kind {
    void (*call)(std::byte* room);
    void (*destroy)(std::byte* room);  // null: there is nothing to do
  };
  template <class F>
  static void call_inside(std::byte* room) {
    (*std::launder(reinterpret_cast<F*>(room)))();
  }
  template <class F>
  static void call_outside(std::byte* room) {
    (**std::launder(reinterpret_cast<F**>(room)))();
  }
  template <class F>
  static void destroy_outside(std::byte* room) {
    const std::unique_ptr<F> last{*std::launder(reinterpret_cast<F**>(room))};
  }
  template <class F>
  static constexpr Kind kKind = kLiesInside<F> ? Kind{&call_inside<F>, nullptr} : Kind{&call_outside<F>, &destroy_outside<F>};

  alignas(void*) mutable Room room_{};  // what is called may have a state of its own
  const Kind* kind_ = nullptr;
};

}  // namespace base
