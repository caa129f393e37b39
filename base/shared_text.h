// SharedText: an immutable text whose copies share it, with its hash: what is written once, compared and looked up again and again, and
// kept in many places, such as URLs and listings. As a const std::string& wherever one is wanted. 8 bytes.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <concepts>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace base {

class SharedText {
 public:
  SharedText() = default;
  template <std::convertible_to<std::string> Text>
  requires(!std::same_as<std::remove_cvref_t<Text>, SharedText>)
      SharedText(Text&& text)  // NOLINT(google-explicit-constructor): a text in another form
      : SharedText{std::string{std::forward<Text>(text)}, Made{}} {}

  const std::string& operator*() const { return rep_ ? rep_->text : none().text; }
  const std::string* operator->() const { return &**this; }
  operator const std::string&() const { return **this; }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return **this; }    // NOLINT(google-explicit-constructor)
  bool empty() const { return !rep_; }
  std::size_t size() const { return rep_ ? rep_->text.size() : 0; }
  // std::hash of the text.
  std::size_t hash() const { return rep_ ? rep_->hash : none().hash; }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.rep_ == b.rep_ || (a.hash() == b.hash() && *a == *b); }
  template <std::convertible_to<std::string_view> Text>
  requires(!std::same_as<Text, SharedText>) friend bool operator==(const SharedText& a, const Text& b) { return *a == std::string_view{b}; }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << *text; }

 private:
  struct Made {};
  struct Rep : boost::intrusive_ref_counter<Rep, boost::thread_safe_counter> {
    explicit Rep(std::string written) : text{std::move(written)} {}
    std::string text;
    std::size_t hash = std::hash<std::string_view>{}(text);
  };
  SharedText(std::string text, Made) {
    if (!text.empty()) rep_ = new Rep{std::move(text)};
  }
  static const Rep& none() {
    static const Rep empty{std::string{}};
    return empty;
  }

  boost::intrusive_ptr<const Rep> rep_;  // null: empty
};

}  // namespace base

template <>
struct std::hash<base::SharedText> {
  std::size_t operator()(const base::SharedText& text) const noexcept { return text.hash(); }
};
