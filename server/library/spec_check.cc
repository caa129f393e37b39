#include "server/library/spec_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace server {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr int kLeastHeight = 90, kMostHeight = 2160;
constexpr std::int64_t kLeastRate = 50'000, kMostRate = 50'000'000;

bool is_name(const std::string& text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, allowed);
}

base::Result<void> check_file(const std::string& file) {
  if (file.empty()) return base::error("file: a file source needs one");
  std::error_code code;
  if (std::filesystem::is_regular_file(file, code)) return {};
  return base::error(fmt::format("file: '{}' {}", file, std::filesystem::exists(file, code) ? "is not a regular file" : "does not exist"));
}

base::Result<void> check_ladder(const std::vector<Rung>& ladder) {
  std::set<int> heights;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const auto [height, rate] = ladder[i];
    if (height < kLeastHeight || height > kMostHeight || height % 2 != 0) {
      return base::error(fmt::format("ladder[{}].height: {} is not an even number from {} to {}", i, height, kLeastHeight, kMostHeight));
    }
    if (rate.bps() < kLeastRate || rate.bps() > kMostRate) {
      return base::error(fmt::format("ladder[{}].bitrate: {} bit/s is not within 50 kbit/s and 50 Mbit/s", i, rate.bps()));
    }
    if (!heights.insert(height).second) return base::error(fmt::format("ladder[{}].height: {} stands there twice", i, height));
  }
  return {};
}

}  // namespace

base::Result<void> check_spec(const StreamSpec& spec) {
  if (!is_name(spec.name)) return base::error(fmt::format("name: '{}' is not 1 to 64 of the characters a-z, 0-9 and -", spec.name));
  if (spec.kind == StreamKind::kVod && spec.source != SourceKind::kFile) return base::error("source: video on demand needs a file");
  if (spec.source == SourceKind::kFile) {
    if (const base::Result<void> file = check_file(spec.file); file.has_error()) return file;
  }
  if (spec.publish_key.find(',') != std::string::npos) return base::error("publish_key: a comma cannot stand in an SRT streamid's value");
  return check_ladder(spec.ladder);
}

}  // namespace server
