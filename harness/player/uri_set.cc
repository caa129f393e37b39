#include "harness/player/uri_set.h"

#include <algorithm>
#include <charconv>

#include "base/ensure.h"

namespace harness {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Digits {
 public:
  // `width`: zeros before it make it as long.
  explicit Digits(std::uint64_t number, std::size_t width = 0) {
    char written[kMost];
    const auto length = static_cast<std::size_t>(std::to_chars(written, written + kMost, number).ptr - written);
    begin_ = kMost - std::max(length, std::min(width, kMost));
    std::fill(text_ + begin_, text_ + kMost - length, '0');
    std::copy(written, written + length, text_ + kMost - length);
  }
  std::string_view view() const { return {text_ + begin_, kMost - begin_}; }
  // Counts on by one.
  void operator++() {
    std::size_t at = kMost;
    while (at > begin_ && text_[at - 1] == '9') text_[--at] = '0';
    if (at > begin_) {
      ++text_[at - 1];
    } else {
      text_[--begin_] = '1';
    }
  }

 private:
  static constexpr std::size_t kMost = 24;  // more than any number and any counter has
  char text_[kMost];
  std::size_t begin_;
};

// The part of `a` that differs from `b`, widened to whole numbers: [first, last).
struct Differing {
  std::size_t first, last;
};
Differing differing_number(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t first = 0;
  while (first < shorter && a[first] == b[first]) ++first;
  std::size_t tail = 0;
  while (tail < shorter - first && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  std::size_t last = a.size() - tail;
  while (first > 0 && is_digit(a[first - 1])) --first;
  while (last < a.size() && is_digit(a[last])) ++last;
  return {first, last};
}

}  // namespace

UriSet::UriSet(std::span<const std::string_view> uris) : size_{uris.size()} {
  counted_ = try_counter(uris);
  if (counted_) return;
  text_.clear();
  ends_.reserve(uris.size());
  for (const std::string_view uri : uris) {
    text_ += uri;
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  }
  text_.shrink_to_fit();
}

std::string UriSet::at(std::size_t i) const {
  ENSURE(i < size_);
  if (counted_) return counted(first_ + i);
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return text_.substr(begin, ends_[i] - begin);
}

bool UriSet::try_counter(std::span<const std::string_view> uris) {
  if (uris.size() < 2) return false;
  const std::string_view sample = uris[0];
  const auto [first, last] = differing_number(sample, uris[1]);
  if (last <= first || last - first > 18) return false;
  const auto parsed = std::from_chars(sample.data() + first, sample.data() + last, first_);
  if (parsed.ec != std::errc{} || parsed.ptr != sample.data() + last) return false;
  prefix_ = first;
  width_ = sample[first] == '0' && last - first > 1 ? last - first : 0;
  text_ = sample.substr(0, first);
  text_ += sample.substr(last);
  return all_follow(uris);
}

// Whether each is what counted() makes of its number.
bool UriSet::all_follow(std::span<const std::string_view> uris) const {
  const std::string_view before = std::string_view{text_}.substr(0, prefix_), behind = std::string_view{text_}.substr(prefix_);
  Digits digits{first_, width_};
  for (const std::string_view uri : uris) {
    const std::string_view counter = digits.view();
    if (uri.size() != text_.size() + counter.size() || !uri.ends_with(behind) || uri.substr(prefix_, counter.size()) != counter ||
        !uri.starts_with(before))
      return false;
    ++digits;
  }
  return true;
}

std::string UriSet::counted(std::uint64_t number) const {
  const Digits digits{number, width_};
  const std::string_view written = digits.view();
  std::string uri;
  uri.reserve(text_.size() + written.size());
  uri.append(text_, 0, prefix_);
  uri.append(written);
  uri.append(text_, prefix_);
  return uri;
}

}  // namespace harness
