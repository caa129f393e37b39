#include "harness/player/uri_set.h"

#include <algorithm>
#include <charconv>

#include "base/ensure.h"

namespace harness {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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
    if (counted(first_ + i) != uris[i]) return false;
  }
  return true;
}

std::string UriSet::counted(std::uint64_t number) const {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  std::string uri;
  uri.reserve(text_.size() + std::max(length, width_));
  uri.append(text_, 0, prefix_);
  if (length < width_) uri.append(width_ - length, '0');
  uri.append(digits, length);
  uri.append(text_, prefix_);
  return uri;
}

}  // namespace harness
