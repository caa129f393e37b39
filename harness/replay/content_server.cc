#include "harness/replay/content_server.h"

#include <algorithm>

#include "harness/replay/content_manifests.h"
#include "media/url.h"

namespace harness {
namespace {

// The date of a live stream's first segment; nothing follows from it.
constexpr base::UtcTime kLiveZero{std::chrono::seconds{1'700'000'000}};

constexpr base::Duration kKept = std::chrono::hours{1};  // by a browser: what the recordings' server said

std::string file_name(const std::string& url) {
  const auto parsed = media::parse_url(url);
  return parsed.has_value() ? parsed->path.substr(parsed->path.rfind('/') + 1) : std::string{};
}

bool is_manifest(const std::string& name) { return name.ends_with(".m3u8") || name.ends_with(".mpd"); }

base::ByteCount size_of(const ContentTable& content, const ContentFile& file) {
  const ContentTable::Track& track = file.track < content.video.size() ? content.video[file.track].track : content.audio;
  return file.kind == RequestKind::kInit ? track.init : track.segments.at(file.segment - 1);
}

}  // namespace

ContentServer::ContentServer(const ContentTable& content, Options options) : content_{content}, options_{options} {}

// As many as the window holds are out when the stream begins, and one more after each segment's duration.
ListedSegments ContentServer::listed(base::Instant now) const {
  const auto passed = static_cast<std::size_t>(std::max<std::int64_t>((now - zero_.value_or(now)) / content_.segment_duration, 0));
  const std::size_t end = std::min(passed + options_.listed, content_.segment_count());
  return {.first = std::min(passed, end), .end = end};
}

std::optional<ModelReply> ContentServer::document(base::Instant now, const std::string& name) {
  const auto file = find_file(content_, name);
  if (!file || (file->kind != RequestKind::kManifest && file->kind != RequestKind::kPlaylist)) return std::nullopt;
  ModelReply reply;
  if (file->kind == RequestKind::kPlaylist)
    reply.body =
        options_.live ? write_live_playlist(content_, file->track, listed(now), kLiveZero) : write_vod_playlist(content_, file->track);
  else
    reply.body = name.ends_with(".mpd") ? write_manifest(content_) : write_multivariant(content_);
  if (options_.live && file->kind == RequestKind::kManifest && !zero_) zero_ = now;
  const auto size = content_.file_sizes.find(name);
  const bool as_listed = size != content_.file_sizes.end() && !(options_.live && file->kind == RequestKind::kPlaylist);
  if (as_listed) reply.bytes = size->second;
  return reply;
}

ModelReply ContentServer::reply(base::Instant now, const TransportRequest& request) {
  const std::string name = file_name(request.url);
  ModelReply reply{.status = 404};
  if (auto found = document(now, name))
    reply = std::move(*found);
  else if (const auto file = find_file(content_, name); file && request.method == "GET")
    reply = {.bytes = size_of(content_, *file)};
  if (options_.live && is_manifest(name))
    reply.caching.no_store = true;
  else
    reply.caching.max_age = kKept;
  reply.think = options_.think;
  return reply;
}

}  // namespace harness
