#include "harness/player/uri_set.h"

#include <algorithm>
#include <charconv>

#include "base/ensure.h"

namespace harness {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Digits {
 public:
  explicit Digits(std::uint64_t number) : end_{std::to_chars(text_, text_ + sizeof text_, number).ptr} {}
  std::string_view view() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
  char text_[24];
  char* end_;
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

bool UriSet::all_follow(std::span<const std::string_view> uris) const {
  for (std::size_t i = 0; i < uris.size(); ++i) {
    if (!is_counted_as(uris[i], first_ + i)) return false;
  }
  return true;
}

// Whether it is counted(number).
bool UriSet::is_counted_as(std::string_view uri, std::uint64_t number) const {
  const Digits digits{number};
  const std::string_view written = digits.view(), known = text_;
  const std::size_t padded = std::max(written.size(), width_);
  if (uri.size() != known.size() + padded || !uri.starts_with(known.substr(0, prefix_)) || !uri.ends_with(known.substr(prefix_)))
    return false;
  const std::string_view counter = uri.substr(prefix_, padded), zeros = counter.substr(0, padded - written.size());
  return counter.ends_with(written) && zeros.find_first_not_of('0') == std::string_view::npos;
}

std::string UriSet::counted(std::uint64_t number) const {
  const Digits digits{number};
  const std::string_view written = digits.view();
  std::string uri;
  uri.reserve(text_.size() + std::max(written.size(), width_));
  uri.append(text_, 0, prefix_);
  if (written.size() < width_) uri.append(width_ - written.size(), '0');
  uri.append(written);
  uri.append(text_, prefix_);
  return uri;
}

}  // namespace harness
