#include "server/control/stream_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace server {
namespace {

using base::JsonObject;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestKey = 256;  // an SRT streamid holds 512 bytes
constexpr std::size_t kMostRungs = 8;
constexpr std::int64_t kLowest = 96, kHighest = 4320;  // lines
constexpr base::Bitrate kSlowest = base::Bitrate::bits_per_second(30'000), kFastest = base::Bitrate::bits_per_second(100'000'000);

// One of two words; the first is the default.
template <class T>
T choice(JsonObject& json, const char* name, std::pair<const char*, T> first, std::pair<const char*, T> second) {
  const auto word = json.optional<std::string>(name, first.first);
  if (word != first.first && word != second.first)
    json.problem(name, fmt::format("is \"{}\"; write \"{}\" or \"{}\"", word, first.first, second.first));
  return word == second.first ? second.second : first.second;
}

void read_source(JsonObject& json, StreamSpec& spec) {
  auto source = json.object("source");
  if (!source) {
    if (spec.kind == StreamKind::kVod) json.problem("source", "is required for video on demand: {\"file\": \"film.mp4\"}");
    return;
  }
  if (source->has("srt") == source->has("file")) source->problem("", "needs one of \"srt\" and \"file\"");
  if (source->has("file")) {
    spec.source = SourceKind::kFile;
    spec.file = source->required<std::string>("file");
    if (spec.file.empty()) source->problem("file", "is empty");
  }
  if (auto srt = source->object("srt")) {
    spec.publish_key = srt->optional<std::string>("publish_key", "");
    if (spec.publish_key.size() > kLongestKey) srt->problem("publish_key", fmt::format("is longer than {} bytes", kLongestKey));
    if (spec.publish_key.find_first_of(", \t\r\n") != std::string::npos)
      srt->problem("publish_key", "must hold no comma and no blank: it stands in an SRT streamid");
    if (spec.kind == StreamKind::kVod) srt->problem("", "is for live streams; video on demand needs \"file\"");
    srt->finish();
  }
  source->finish();
}

Rung read_rung(JsonObject json) {
  const auto height = json.required<std::int64_t>("height");
  const auto bitrate = json.required<base::Bitrate>("bitrate");
  if (json.has("height") && (height < kLowest || height > kHighest || height % 2 != 0))
    json.problem("height", fmt::format("is {}; write an even number of lines from {} to {}", height, kLowest, kHighest));
  if (bitrate.bps() != 0 && (bitrate < kSlowest || bitrate > kFastest)) json.problem("bitrate", "must be from 30kbit to 100mbit");
  json.finish();
  return {.height = static_cast<int>(std::clamp<std::int64_t>(height, 0, kHighest)), .bitrate = bitrate};
}

void read_ladder(JsonObject& json, StreamSpec& spec) {
  for (JsonObject& rung : json.objects("ladder")) {
    const Rung read = read_rung(rung);
    if (std::count(spec.ladder.begin(), spec.ladder.end(), read) > 0) rung.problem("", "is there twice");
    spec.ladder.push_back(read);
  }
  if (spec.ladder.size() > kMostRungs) json.problem("ladder", fmt::format("has {} rungs; {} are the most", spec.ladder.size(), kMostRungs));
}

base::Json source_json(const StreamSpec& spec) {
  if (spec.source == SourceKind::kFile) return {{"file", spec.file}};
  return {{"srt", {{"needs_key", !spec.publish_key.empty()}}}};
}

}  // namespace

bool is_stream_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), allowed);
}

StreamSpec read_stream_spec(JsonObject json) {
  StreamSpec spec;
  spec.name = json.required<std::string>("name");
  if (json.has("name") && !is_stream_name(spec.name)) json.problem("name", "must be 1 to 64 of a-z, 0-9 and '-'");
  spec.kind = choice<StreamKind>(json, "kind", {"live", StreamKind::kLive}, {"vod", StreamKind::kVod});
  spec.access = choice<AccessPolicy>(json, "access", {"open", AccessPolicy::kOpen}, {"token", AccessPolicy::kToken});
  read_source(json, spec);
  read_ladder(json, spec);
  json.finish();
  return spec;
}

base::Json to_json(const StreamStatus& status, const std::string& media_url) {
  const StreamSpec& spec = status.spec;
  const bool live = spec.kind == StreamKind::kLive;
  const std::string base = fmt::format("{}/{}/{}", media_url, live ? "live" : "vod", spec.name);
  base::Json json = {{"name", spec.name}, {"kind", live ? "live" : "vod"}, {"state", to_text(status.state)}};
  if (!status.reason.empty()) json["reason"] = status.reason;
  json["source"] = source_json(spec);
  json["access"] = spec.access == AccessPolicy::kToken ? "token" : "open";
  json["ladder"] = base::Json::array();
  for (const Rung& rung : spec.ladder) json["ladder"].push_back({{"height", rung.height}, {"bitrate", base::to_text(rung.bitrate)}});
  json["segments"] = status.segments;
  json["source_losses"] = status.source_losses;
  json["urls"] = {{"hls", base + "/master.m3u8"}, {"dash", base + "/manifest.mpd"}, {"watch", media_url + "/watch/" + spec.name}};
  return json;
}

}  // namespace server
