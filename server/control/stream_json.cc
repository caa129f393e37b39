#include "server/control/stream_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "server/control/health_json.h"
#include "server/package/stream_limits.h"

namespace server {
namespace {

using base::JsonObject;

constexpr std::size_t kLongestKey = 256;  // an SRT streamid holds 512 bytes
constexpr std::size_t kMostRungs = 8;

constexpr const char* kLiveOnly = "is for live streams; video on demand needs \"file\"";

// One of two words; the first is the default.
template <class T>
T choice(JsonObject& json, const char* name, std::pair<const char*, T> first, std::pair<const char*, T> second) {
  const auto word = json.optional<std::string>(name, first.first);
  if (word != first.first && word != second.first)
    json.problem(name, fmt::format("is \"{}\"; write \"{}\" or \"{}\"", word, first.first, second.first));
  return word == second.first ? second.second : first.second;
}

std::string read_key(JsonObject& json) {
  auto key = json.optional<std::string>("publish_key", "");
  if (key.size() > kLongestKey) json.problem("publish_key", fmt::format("is longer than {} bytes", kLongestKey));
  if (key.find_first_of(", \t\r\n") != std::string::npos)
    json.problem("publish_key", "must hold no comma and no blank: it stands in an SRT streamid, an RTMP stream name or a URL");
  return key;
}

std::string read_passphrase(JsonObject& json) {
  auto passphrase = json.optional<std::string>("passphrase", "");
  if (!is_passphrase(passphrase))
    json.problem("passphrase",
                 fmt::format("has {} characters; SRT wants {} to {}", passphrase.size(), kShortestPassphrase, kLongestPassphrase));
  return passphrase;
}

void read_playlist(JsonObject& source, StreamKind kind, SourceSpec& spec) {
  spec.kind = SourceKind::kPlaylist;
  const std::size_t before = source.problems().size();
  spec.files = source.texts("files");
  if (kind == StreamKind::kVod) source.problem("files", kLiveOnly);
  if (source.problems().size() != before) return;
  if (spec.files.empty() || spec.files.size() > kMostFiles)
    source.problem("files", fmt::format("has {} files; write 1 to {}", spec.files.size(), kMostFiles));
  for (std::size_t i = 0; i < spec.files.size(); ++i)
    if (spec.files[i].empty()) source.problem(fmt::format("files[{}]", i), "is empty");
}

SourceSpec read_source(JsonObject& source, StreamKind kind) {
  SourceSpec spec;
  constexpr std::array kWays{"srt", "srt_call", "rtmp", "http", "file", "files"};
  if (std::count_if(kWays.begin(), kWays.end(), [&](const char* way) { return source.has(way); }) != 1)
    source.problem("", "needs one of \"srt\", \"srt_call\", \"rtmp\", \"http\", \"file\" and \"files\"");
  if (source.has("file")) {
    spec.kind = SourceKind::kFile;
    spec.file = source.required<std::string>("file");
    if (spec.file.empty()) source.problem("file", "is empty");
  }
  if (source.has("files")) read_playlist(source, kind, spec);
  const auto live_only = [&](JsonObject& json) {
    if (kind == StreamKind::kVod) json.problem("", kLiveOnly);
  };
  if (auto srt = source.object("srt")) {
    spec.publish_key = read_key(*srt);
    spec.passphrase = read_passphrase(*srt);
    live_only(*srt);
    srt->finish();
  }
  if (auto call = source.object("srt_call")) {
    spec.kind = SourceKind::kSrtCall;
    spec.url = call->required<std::string>("url");
    spec.passphrase = read_passphrase(*call);
    live_only(*call);
    call->finish();
  }
  if (auto rtmp = source.object("rtmp")) {
    spec.kind = SourceKind::kRtmp;
    spec.publish_key = read_key(*rtmp);
    live_only(*rtmp);
    rtmp->finish();
  }
  if (auto http = source.object("http")) {
    spec.kind = SourceKind::kHttp;
    spec.publish_key = read_key(*http);
    live_only(*http);
    http->finish();
  }
  source.finish();
  return spec;
}

void read_sources(JsonObject& json, StreamSpec& spec) {
  if (auto source = json.object("source")) {
    spec.source = read_source(*source, spec.kind);
  } else if (spec.kind == StreamKind::kVod) {
    json.problem("source", "is required for video on demand: {\"file\": \"film.mp4\"}");
  }
  if (auto backup = json.object("backup")) {
    if (spec.kind == StreamKind::kVod) backup->problem("", "is for live streams");
    spec.backup = read_source(*backup, StreamKind::kLive);
  }
}

void read_failover(JsonObject& json, FailoverSpec& spec) {
  auto failover = json.object("failover");
  if (!failover) return;
  const auto within = [&](const char* field, base::Duration otherwise, base::Duration least, base::Duration most) {
    const auto value = failover->optional<base::Duration>(field, otherwise);
    if (value < least || value > most)
      failover->problem(field, fmt::format("is {}; write {} to {}", base::to_text(value), base::to_text(least), base::to_text(most)));
    return value;
  };
  spec.switch_after = within("switch_after", spec.switch_after, kLeastSwitchAfter, kMostSwitchAfter);
  spec.failback = failover->optional<bool>("failback", spec.failback);
  spec.failback_after = within("failback_after", spec.failback_after, {}, kMostWait);
  spec.dwell = within("dwell", spec.dwell, {}, kMostWait);
  failover->finish();
}

void read_slate(JsonObject& json, StreamSpec& spec) {
  auto slate = json.object("slate");
  if (!slate) return;
  if (spec.kind == StreamKind::kVod) slate->problem("", "is for live streams");
  spec.slate = SlateSpec{.image = slate->optional<std::string>("image", "")};
  spec.slate->tone = choice<bool>(*slate, "sound", {"silence", false}, {"tone", true});
  slate->finish();
}

void read_forwards(JsonObject& json, StreamSpec& spec) {
  for (JsonObject& entry : json.objects("forward")) {
    const ForwardSpec read = read_forward_spec(entry);
    if (spec.kind == StreamKind::kVod) entry.problem("", "is for live streams");
    if (read.what == ForwardWhat::kBackup && !spec.backup) entry.problem("what", "is \"backup\", and the stream has none");
    if (std::ranges::any_of(spec.forward, [&](const ForwardSpec& other) { return !read.name.empty() && other.name == read.name; }))
      entry.problem("name", fmt::format("\"{}\" is there twice", read.name));
    spec.forward.push_back(read);
  }
  if (spec.forward.size() > kMostForwards)
    json.problem("forward", fmt::format("has {} destinations; {} are the most", spec.forward.size(), kMostForwards));
}

Rung read_rung(JsonObject json) {
  const auto height = json.required<std::int64_t>("height");
  const auto bitrate = json.required<base::Bitrate>("bitrate");
  if (json.has("height") && (height < kLeastHeight || height > kMostHeight || height % 2 != 0))
    json.problem("height", fmt::format("is {}; write an even number of lines from {} to {}", height, kLeastHeight, kMostHeight));
  if (bitrate.bps() != 0 && (bitrate < kLeastRate || bitrate > kMostRate))
    json.problem("bitrate", fmt::format("must be from {} to {}", base::to_text(kLeastRate), base::to_text(kMostRate)));
  json.finish();
  return {.height = static_cast<int>(std::clamp<std::int64_t>(height, 0, kMostHeight)), .bitrate = bitrate};
}

void read_ladder(JsonObject& json, StreamSpec& spec) {
  for (JsonObject& rung : json.objects("ladder")) {
    const Rung read = read_rung(rung);
    if (std::count(spec.ladder.begin(), spec.ladder.end(), read) > 0) rung.problem("", "is there twice");
    spec.ladder.push_back(read);
  }
  if (spec.ladder.size() > kMostRungs) json.problem("ladder", fmt::format("has {} rungs; {} are the most", spec.ladder.size(), kMostRungs));
}

base::Json source_json(const SourceSpec& spec) {
  const base::Json keyed = {{"needs_key", !spec.publish_key.empty()}};
  switch (spec.kind) {
    case SourceKind::kFile:
      return {{"file", spec.file}};
    case SourceKind::kPlaylist:
      return {{"files", spec.files}};
    case SourceKind::kSrtCall:
      return {{"srt_call", {{"encrypted", !spec.passphrase.empty()}}}};  // the URL's streamid may hold a key
    case SourceKind::kRtmp:
      return {{"rtmp", keyed}};
    case SourceKind::kHttp:
      return {{"http", keyed}};
    case SourceKind::kSrt:
      return {{"srt", {{"needs_key", !spec.publish_key.empty()}, {"encrypted", !spec.passphrase.empty()}}}};
  }
  return {};
}

base::Json switch_json(const FeedSwitch& made) {
  return {{"at", base::to_iso8601(made.when)},
          {"from", to_text(made.from)},
          {"to", to_text(made.to)},
          {"reason", to_text(made.reason)},
          {"gap_ms", base::to_milliseconds(made.gap)},
          {"held_pictures", made.held_pictures}};
}

// What a live stream's sources are at.
void add_sources(const StreamStatus& status, base::Json& json) {
  const StreamSpec& spec = status.spec;
  if (spec.backup) json["backup"] = source_json(*spec.backup);
  json["failover"] = {{"switch_after", base::to_text(spec.failover.switch_after)},
                      {"failback", spec.failover.failback},
                      {"failback_after", base::to_text(spec.failover.failback_after)},
                      {"dwell", base::to_text(spec.failover.dwell)}};
  if (spec.slate) json["slate"] = {{"image", spec.slate->image}, {"sound", spec.slate->tone ? "tone" : "silence"}};
  json["on_air"] = to_text(status.on_air);
  json["pinned"] = status.pinned ? base::Json(to_text(*status.pinned)) : base::Json(nullptr);
  json["sources"] = base::Json::array();
  for (const SourceStatus& source : status.sources) json["sources"].push_back(to_json(source));
  json["switches"] = status.switches;
  json["forward"] = base::Json::array();
  for (const ForwardStatus& destination : status.forward) json["forward"].push_back(to_json(destination));
}

// What happened to them.
void add_history(const StreamStatus& status, base::Json& json) {
  json["switched"] = base::Json::array();
  for (const FeedSwitch& made : status.switched) json["switched"].push_back(switch_json(made));
  json["health"] = base::Json::array();
  for (const HealthEvent& event : status.health) json["health"].push_back(to_json(event));
  json["events"] = base::Json::array();
  for (const SourceEvent& event : status.events) json["events"].push_back(to_json(event));
}

}  // namespace

ForwardSpec read_forward_spec(JsonObject json) {
  ForwardSpec spec;
  spec.name = json.required<std::string>("name");
  if (json.has("name") && !is_stream_name(spec.name)) json.problem("name", "must be 1 to 64 of a-z, 0-9 and '-'");
  spec.url = json.required<std::string>("url");
  const auto url = parse_forward_url(spec.url);
  if (!spec.url.empty() && url.has_error()) json.problem("url", url.error().message);
  spec.passphrase = read_passphrase(json);
  if (!spec.passphrase.empty() && url.has_value() && url->protocol != ForwardProtocol::kSrt) json.problem("passphrase", "is for SRT");
  const auto what = json.optional<std::string>("what", to_text(ForwardWhat::kOutput));
  const std::array kAll{ForwardWhat::kOutput, ForwardWhat::kPrimary, ForwardWhat::kBackup};
  const auto found = std::ranges::find_if(kAll, [&](ForwardWhat each) { return what == to_text(each); });
  if (found == kAll.end()) json.problem("what", fmt::format("is \"{}\"; write \"output\", \"primary\" or \"backup\"", what));
  if (found != kAll.end()) spec.what = *found;
  spec.enabled = json.optional<bool>("enabled", true);
  json.finish();
  return spec;
}

base::Json to_json(const ForwardStatus& status) {
  const auto url = parse_forward_url(status.spec.url);
  base::Json json = {{"name", status.spec.name},
                     {"url", url.has_value() ? without_key(*url) : ""},
                     {"encrypted", !status.spec.passphrase.empty()},
                     {"what", to_text(status.spec.what)},
                     {"state", to_text(status.state)}};
  if (!status.reason.empty()) json["reason"] = status.reason;
  json["bytes"] = status.bytes;
  json["packets"] = status.packets;
  json["dropped"] = status.dropped;
  json["connects"] = status.connects;
  json["failures"] = status.failures;
  return json;
}

StreamSpec read_stream_spec(JsonObject json) {
  StreamSpec spec;
  spec.name = json.required<std::string>("name");
  if (json.has("name") && !is_stream_name(spec.name)) json.problem("name", "must be 1 to 64 of a-z, 0-9 and '-'");
  spec.kind = choice<StreamKind>(json, "kind", {"live", StreamKind::kLive}, {"vod", StreamKind::kVod});
  spec.access = choice<AccessPolicy>(json, "access", {"open", AccessPolicy::kOpen}, {"token", AccessPolicy::kToken});
  read_sources(json, spec);
  read_failover(json, spec.failover);
  read_slate(json, spec);
  if (auto health = json.object("health")) spec.health = read_health_thresholds(std::move(*health));
  read_forwards(json, spec);
  read_ladder(json, spec);
  json.finish();
  return spec;
}

base::Json to_json(const StreamStatus& status, const std::string& media_url) {
  base::Json json = to_brief_json(status, media_url);
  if (status.spec.kind == StreamKind::kLive) add_history(status, json);
  return json;
}

base::Json to_json(const RefusedPublisher& refused) {
  base::Json json = {{"at", base::to_iso8601(refused.when)}, {"protocol", refused.protocol}, {"peer", refused.peer}};
  if (!refused.point.empty()) json["stream"] = refused.point;
  json["refusal"] = refused.refusal;
  json["reason"] = refused.reason;
  json["times"] = refused.times;
  return json;
}

base::Json to_brief_json(const StreamStatus& status, const std::string& media_url) {
  const StreamSpec& spec = status.spec;
  const bool live = spec.kind == StreamKind::kLive;
  const std::string base = fmt::format("{}/{}/{}", media_url, live ? "live" : "vod", spec.name);
  base::Json json = {{"name", spec.name}, {"kind", live ? "live" : "vod"}, {"state", to_text(status.state)}};
  if (!status.reason.empty()) json["reason"] = status.reason;
  json["source"] = source_json(spec.source);
  if (live) add_sources(status, json);
  json["access"] = spec.access == AccessPolicy::kToken ? "token" : "open";
  json["ladder"] = base::Json::array();
  for (const Rung& rung : spec.ladder) json["ladder"].push_back({{"height", rung.height}, {"bitrate", base::to_text(rung.bitrate)}});
  json["segments"] = status.segments;
  json["source_losses"] = status.source_losses;
  json["late_pictures"] = status.late_pictures;
  json["urls"] = {{"hls", base + "/master.m3u8"}, {"dash", base + "/manifest.mpd"}, {"watch", media_url + "/watch/" + spec.name}};
  return json;
}

}  // namespace server
