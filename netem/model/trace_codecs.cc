#include "netem/model/trace_codecs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace netem::codecs {

std::string trace_name(const std::string& name) { return std::filesystem::path{name}.stem().string(); }

void check(const Trace& trace, const std::string& name, const std::function<std::string(const std::string& path)>& place_of) {
  std::vector<base::Problem> problems;
  for (const std::string& fault : faults_of(trace)) {
    const std::size_t colon = fault.find(": ");
    problems.push_back({place_of(fault.substr(0, colon)), fault.substr(colon + 2)});
  }
  if (!problems.empty()) throw base::InvalidInput(name, problems);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> words;
  for (std::size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
  return words;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 24;
  std::string out = "\"";
  for (const char c : text.substr(0, kLongest))
    out += c >= ' ' && c <= '~' ? std::string{c} : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out + (text.size() > kLongest ? "…\"" : "\"");
}

}  // namespace netem::codecs
