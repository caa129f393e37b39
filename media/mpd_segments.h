// SegmentTemplate and SegmentTimeline: inheritance from Period over AdaptationSet to Representation, and base URLs. Private to media/.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "media/dash.h"
#include "media/mpd_fields.h"

namespace media {

// What an element hands down to the elements in it.
struct MpdInherited {
  DashSegmentTemplate segments;
  std::string base_url;  // below the MPD level; empty: none
};

// Adds what `node` (a Period, AdaptationSet or Representation) says itself.
MpdInherited inherit(const MpdInherited& above, const pugi::xml_node& node, MpdFields& fields);

// The finished template of a representation: checked, with the base URL resolved into it.
DashSegmentTemplate resolved_template(const MpdInherited& inherited, const pugi::xml_node& representation, MpdFields& fields);

}  // namespace media
