#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "media/dash.h"
#include "media/text_fields.h"

namespace media {
namespace {

constexpr std::int64_t kWidest = 64;

// What a number is printed as: "%05d" asks for at least five digits.
std::optional<std::string> printed(std::int64_t value, std::string_view format) {
  if (format.empty()) return fmt::format("{}", value);
  if (!format.starts_with("%0") || !format.ends_with('d')) return std::nullopt;
  const auto width = parse_whole(format.substr(2, format.size() - 3));
  if (!width) return std::nullopt;
  return fmt::format("{:0{}}", value, static_cast<int>(std::min(*width, kWidest)));
}

// `field` is what stands between two dollar signs; nullopt when it is no identifier of the standard.
std::optional<std::string> value_of(std::string_view field, const DashRepresentation& representation, std::int64_t number,
                                    std::int64_t time) {
  if (field.empty()) return "$";
  if (field == "RepresentationID") return representation.id;
  const auto percent = std::min(field.find('%'), field.size());
  const std::string_view name = field.substr(0, percent), format = field.substr(percent);
  if (name == "Number") return printed(number, format);
  if (name == "Time") return printed(time, format);
  if (name == "Bandwidth") return printed(representation.bandwidth.bps(), format);
  return std::nullopt;
}

}  // namespace

std::string fill_template(std::string_view pattern, const DashRepresentation& representation, std::int64_t number, std::int64_t time) {
  std::string out;
  while (!pattern.empty()) {
    const auto open = std::min(pattern.find('$'), pattern.size());
    out += pattern.substr(0, open);
    pattern.remove_prefix(open);
    const auto close = pattern.find('$', 1);
    if (close == std::string_view::npos) return out.append(pattern);
    const auto value = value_of(pattern.substr(1, close - 1), representation, number, time);
    out += value ? *value : std::string{pattern.substr(0, close)};
    pattern.remove_prefix(value ? close + 1 : close);  // the second dollar sign of an unknown field may open the next one
  }
  return out;
}

}  // namespace media
