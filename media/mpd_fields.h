// Typed reads of an MPD's attributes with one sticky problem: after the first, everything reads as its default and the caller
// drops the result. So reading code has no error branches. Private to media/.
#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/time.h"

namespace media {

class MpdFields {
 public:
  bool failed() const { return problem_.has_value(); }
  // Requires: failed().
  const std::string& problem() const { return *problem_; }
  // "MPD/Period[1]/AdaptationSet[2]@lang: text"; an empty attribute names the element itself.
  void fail(const pugi::xml_node& node, std::string_view attribute, std::string_view text);
  // "text (MPD/Period[1]@xlink:href): not supported".
  void refuse(const pugi::xml_node& node, std::string_view attribute, std::string_view text);

  // Reading an attribute searches the element's list, so an endless list would take endless time.
  void check_attribute_count(const pugi::xml_node& node);
  std::string text(const pugi::xml_node& node, const char* attribute);
  std::string required_text(const pugi::xml_node& node, const char* attribute);
  std::optional<std::int64_t> whole(const pugi::xml_node& node, const char* attribute);
  std::int64_t whole(const pugi::xml_node& node, const char* attribute, std::int64_t fallback) {
    return whole(node, attribute).value_or(fallback);
  }
  std::optional<base::Duration> duration(const pugi::xml_node& node, const char* attribute);
  std::optional<base::UtcTime> time(const pugi::xml_node& node, const char* attribute);

 private:
  std::optional<std::string> problem_;
};

}  // namespace media
