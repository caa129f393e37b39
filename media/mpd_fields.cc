#include "media/mpd_fields.h"

#include <fmt/format.h>

#include "media/dash.h"
#include "media/text_fields.h"
#include "media/unsupported.h"

namespace media {
namespace {

// What gets copied into every representation that inherits it stays small.
constexpr std::size_t kLongestText = 2'048;
constexpr int kMostAttributes = 64;

int position_among_siblings(const pugi::xml_node& node) {
  int position = 1;
  for (auto before = node.previous_sibling(node.name()); before; before = before.previous_sibling(node.name())) ++position;
  return position;
}

std::string path_of(const pugi::xml_node& node) {
  if (!node.parent() || node.parent().type() == pugi::node_document) return node.name();
  return fmt::format("{}/{}[{}]", path_of(node.parent()), node.name(), position_among_siblings(node));
}

}  // namespace

void MpdFields::fail(const pugi::xml_node& node, std::string_view attribute, std::string_view text) {
  if (!problem_) problem_ = fmt::format("{}{}{}: {}", path_of(node), attribute.empty() ? "" : "@", attribute, text);
}

void MpdFields::refuse(const pugi::xml_node& node, std::string_view attribute, std::string_view text) {
  if (!problem_) problem_ = unsupported_text(fmt::format("{} ({}{}{})", text, path_of(node), attribute.empty() ? "" : "@", attribute));
}

void MpdFields::check_attribute_count(const pugi::xml_node& node) {
  int count = 0;
  for (auto attribute = node.first_attribute(); attribute && count <= kMostAttributes; attribute = attribute.next_attribute()) ++count;
  if (count > kMostAttributes) fail(node, "", fmt::format("more than {} attributes", kMostAttributes));
}

std::string MpdFields::text(const pugi::xml_node& node, const char* attribute) {
  const std::string_view value = node.attribute(attribute).value();
  if (value.size() > kLongestText) fail(node, attribute, fmt::format("longer than {} characters", kLongestText));
  return failed() ? std::string{} : std::string{value};
}

std::string MpdFields::required_text(const pugi::xml_node& node, const char* attribute) {
  if (*node.attribute(attribute).value() == '\0') fail(node, attribute, "is missing");
  return text(node, attribute);
}

std::optional<std::int64_t> MpdFields::whole(const pugi::xml_node& node, const char* attribute) {
  const std::string value = text(node, attribute);
  if (!node.attribute(attribute) || failed()) return std::nullopt;
  const auto number = parse_whole(trimmed(value));
  if (!number) fail(node, attribute, fmt::format("\"{}\" is not a whole number, 0 or more", value));
  return number;
}

std::optional<base::Duration> MpdFields::duration(const pugi::xml_node& node, const char* attribute) {
  const std::string value = text(node, attribute);
  if (!node.attribute(attribute) || failed()) return std::nullopt;
  const auto parsed = parse_iso8601_duration(trimmed(value));
  if (parsed.has_value()) return *parsed;
  fail(node, attribute, parsed.error().message);
  return std::nullopt;
}

std::optional<base::UtcTime> MpdFields::time(const pugi::xml_node& node, const char* attribute) {
  const std::string value = text(node, attribute);
  if (!node.attribute(attribute) || failed()) return std::nullopt;
  const auto parsed = parse_utc(trimmed(value));
  if (parsed.has_value()) return *parsed;
  fail(node, attribute, parsed.error().message);
  return std::nullopt;
}

}  // namespace media
