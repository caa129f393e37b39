// "virtual.content": how the content of a simulation is cut and encoded.
#include <set>

#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

constexpr base::Duration kShortestSegment = 1s, kLongestSegment = 10s;
constexpr std::size_t kMostRungs = 32;
constexpr std::int64_t kLowestPicture = 16, kHighestPicture = 8640;
constexpr base::Bitrate kLeastBitrate = 1_kbps, kMostBitrate = 1'000_Mbps;
constexpr std::int64_t kLeastListed = 4;      // players begin three segments from the live edge
constexpr std::int64_t kMostListed = 10'000;  // every reload of a listing names them all

std::optional<base::Bitrate> rendition_bitrate(JsonObject& json, const char* name) {
  const auto value = json.optional<base::Bitrate>(name);
  if (!value || (*value >= kLeastBitrate && *value <= kMostBitrate)) return value;
  json.problem(name, fmt::format("must be between {} and {}, got {}; is the unit right?", base::to_text(kLeastBitrate),
                                 base::to_text(kMostBitrate), base::to_text(*value)));
  return std::nullopt;
}

// Sixteen to nine, and even, as encoders want it.
int usual_width(int height) { return (height * 16 / 9 + 1) / 2 * 2; }

ContentShape::Rung read_rung(JsonObject& json) {
  ContentShape::Rung rung;
  const auto lines = [&](const char* name, std::optional<std::int64_t> value) {
    return static_cast<int>(within(json, name, value, kLowestPicture, kHighestPicture).value_or(0));
  };
  rung.height = lines("height", required_field<std::int64_t>(json, "height", "720"));
  rung.width = json.has("width") ? lines("width", json.optional<std::int64_t>("width")) : usual_width(rung.height);
  if (!json.has("bitrate")) report_missing(json, "bitrate", "\"2.5mbit\"");
  rung.bitrate = rendition_bitrate(json, "bitrate").value_or(base::Bitrate{});
  json.finish();
  return rung;
}

void read_ladder(JsonObject& json, ContentShape& shape) {
  if (!json.has("ladder")) return;
  shape.ladder.clear();
  std::vector<JsonObject> rungs = json.objects("ladder");
  if (rungs.empty() || rungs.size() > kMostRungs)
    json.problem("ladder", fmt::format("must list between 1 and {} renditions, got {}", kMostRungs, rungs.size()));
  rungs.erase(rungs.begin() + static_cast<std::ptrdiff_t>(std::min(rungs.size(), kMostRungs)), rungs.end());
  std::set<base::Bitrate> seen;
  for (JsonObject& each : rungs) {
    const ContentShape::Rung rung = read_rung(each);
    if (rung.bitrate > base::Bitrate{} && !seen.insert(rung.bitrate).second)
      each.problem("bitrate", "is another rendition's, too: players tell renditions apart by it; change one, or remove it");
    shape.ladder.push_back(rung);
  }
}

// A DASH player takes audio from an adaptation set of its own.
void read_audio(JsonObject& parent, const Scenario& scenario, ContentShape& shape) {
  auto json = parent.object("audio");
  if (!json) return;
  shape.audio = rendition_bitrate(*json, "bitrate").value_or(shape.audio);
  shape.audio_muxed = json->optional<bool>("muxed", shape.audio_muxed);
  for (const Cohort& cohort : scenario.cohorts) {
    const auto device = scenario.devices.find(cohort.device);
    if (!shape.audio_muxed || device == scenario.devices.end() || device->second.protocol != StreamingProtocol::kDash) continue;
    json->problem("muxed", fmt::format("is for HLS: cohort {} plays DASH ({}), whose audio is apart; write false, or change its device",
                                       cohort.name, cohort.device));
    break;
  }
  json->finish();
}

// Records a problem and gives nothing unless it is whole milliseconds.
std::optional<base::Duration> whole_milliseconds(JsonObject& json, const char* name, std::optional<base::Duration> value) {
  if (!value || *value % 1ms == 0ns) return value;
  json.problem(name, fmt::format("must be whole milliseconds, got {}", base::to_text(*value)));
  return std::nullopt;
}

void read_segment(JsonObject& json, ContentShape& shape) {
  const auto segment = within(json, "segment", json.optional<base::Duration>("segment"), kShortestSegment, kLongestSegment);
  shape.segment = whole_milliseconds(json, "segment", segment).value_or(shape.segment);
}

// Nothing unless the field is this kind of content's and as long as so many segments.
std::optional<base::Duration> read_length(JsonObject& json, const char* name, const ContentShape& shape, std::int64_t least) {
  const auto length = whole_milliseconds(json, name, json.optional<base::Duration>(name));
  if (!length) return std::nullopt;
  const base::Duration shortest = shape.segment * least, longest = shape.segment * kMostListed;
  if (*length >= shortest && *length <= longest) return length;
  json.problem(name,
               fmt::format("must be between {} and {} with segments of {}, got {}; {}", base::to_text(shortest), base::to_text(longest),
                           base::to_text(shape.segment), base::to_text(*length),
                           *length < shortest ? "make it longer, or the segments shorter" : "make it shorter, or the segments longer"));
  return std::nullopt;
}

void refuse_other_kind(JsonObject& json, const char* name, const char* has, const char* instead) {
  if (json.take(name) != nullptr) json.problem(name, fmt::format("is not for {} content; give \"{}\" instead, or remove it", has, instead));
}

}  // namespace

std::optional<ContentShape> read_content_shape(JsonObject& virtual_world, const Scenario& scenario) {
  auto json = virtual_world.object("content");
  if (!json) return std::nullopt;
  ContentShape shape;
  read_segment(*json, shape);
  read_ladder(*json, shape);
  read_audio(*json, scenario, shape);
  if (scenario.content.kind == ContentKind::kLive) {
    refuse_other_kind(*json, "duration", "live", "window");
    shape.window = read_length(*json, "window", shape, kLeastListed);
    shape.blocking_reload = json->optional<bool>("blocking_reload", shape.blocking_reload);
  } else {
    refuse_other_kind(*json, "window", "vod", "duration");
    if (json->take("blocking_reload") != nullptr)
      json->problem("blocking_reload", "is not for vod content, whose playlists do not change; remove it");
    shape.duration = read_length(*json, "duration", shape, 1).value_or(shape.duration);
  }
  json->finish();
  return shape;
}

}  // namespace harness
