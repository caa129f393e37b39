// UriSet: the URIs of a playlist's segments in little memory. URIs that differ only in a counter (`seg-007.m4s`, `seg-008.m4s`, …)
// are kept as prefix, counter and suffix; any others are kept joined in one string.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harness {

class UriSet {
 public:
  UriSet() = default;
  explicit UriSet(std::span<const std::string_view> uris);

  std::size_t size() const { return size_; }
  bool is_counted() const { return counted_; }
  // Requires: i < size().
  std::string at(std::size_t i) const;

 private:
  bool try_counter(std::span<const std::string_view> uris);
  bool all_follow(std::span<const std::string_view> uris) const;
  std::string counted(std::uint64_t number) const;
  std::string text_;                 // counted: prefix and suffix; else all URIs joined
  std::vector<std::uint32_t> ends_;  // of each URI in text_; empty when counted
  std::size_t size_ = 0;
  std::size_t prefix_ = 0;  // length
  std::size_t width_ = 0;   // of a zero-padded counter; 0: not padded
  std::uint64_t first_ = 0;
  bool counted_ = false;
};

}  // namespace harness
