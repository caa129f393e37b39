// Segment addressing (SegmentTemplate, SegmentList, SegmentBase, SegmentTimeline) and base URLs: inheritance from Period over
// AdaptationSet to Representation. Private to media/.
#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "media/dash.h"
#include "media/mpd_fields.h"

namespace media {

// What an element hands down to the elements in it.
struct MpdInherited {
  DashSegmentTemplate segments;
  std::vector<std::string> base_urls;  // below the MPD level; empty: none
  pugi::xml_node timeline{};           // where the segments' timeline stands
};

// More than any presentation needs, after inheritance; and entries of lists.
inline constexpr std::size_t kMostTimelineEntries = 1'000'000;

// Where the entry after `last` starts unless it says so itself.
std::optional<std::int64_t> end_of(const DashTimelineEntry& last);

// Adds what `node` (a Period, AdaptationSet or Representation) says itself.
MpdInherited inherit(const MpdInherited& above, const pugi::xml_node& node, MpdFields& fields);

// Each of the element's own base URLs on each of those above, as far as they are worth keeping; `above` where it has none.
std::vector<std::string> base_urls_of(const pugi::xml_node& node, const std::vector<std::string>& above, MpdFields& fields);

// Whether a representation's segments can be found by what it has inherited.
void check_addressing(const DashSegmentTemplate& segments, const pugi::xml_node& representation, MpdFields& fields);

}  // namespace media
