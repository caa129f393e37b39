#include "harness/transport/kept_manifest.h"

#include <string_view>

#include "base/ensure.h"

namespace harness {

void KeptManifest::keep(std::vector<std::int64_t> shape, const std::string& text, const Instant& now) {
  shape_ = std::move(shape);
  pieces_.clear();
  std::size_t at = 0;
  const auto cut = [&](std::string_view before, const std::string& value) {
    const std::size_t found = text.find(before, at);
    ENSURE(found != std::string::npos && text.compare(found + before.size(), value.size(), value) == 0);
    pieces_.push_back(text.substr(at, found + before.size() - at));
    at = found + before.size() + value.size();
  };
  cut(" publishTime=\"", now.published);
  for (const std::int64_t time : now.times) cut("<S t=\"", std::to_string(time));
  pieces_.push_back(text.substr(at));
}

std::string KeptManifest::text(const Instant& now) const {
  ENSURE(pieces_.size() == now.times.size() + 2);
  constexpr std::size_t kLongestNumber = 20;  // of 64 bits
  std::size_t length = now.published.size() + now.times.size() * kLongestNumber;
  for (const std::string& piece : pieces_) length += piece.size();
  std::string text;
  text.reserve(length);
  (text += pieces_[0]) += now.published;
  for (std::size_t i = 0; i < now.times.size(); ++i) (text += pieces_[i + 1]) += std::to_string(now.times[i]);
  text += pieces_.back();
  return text;
}

}  // namespace harness
