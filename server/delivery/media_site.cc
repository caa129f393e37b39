#include "server/delivery/media_site.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/bearer_token.h"
#include "base/text.h"
#include "server/delivery/header_fields.h"
#include "server/web/assets.h"

namespace server {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kNoStore = "no-store";
constexpr std::string_view kBriefly = "public, max-age=1";  // 404: the next segment is about to appear
constexpr std::string_view kHls = "application/vnd.apple.mpegurl";
constexpr std::string_view kDash = "application/dash+xml";
constexpr std::string_view kVaryEncoding = "Vary: Accept-Encoding\r\n";
constexpr std::string_view kVaryAccess = "Vary: Authorization, Cookie\r\n";
// No referrer: the page's address may hold a token.
constexpr std::string_view kPagePolicy =
    "default-src 'self'; script-src 'self' blob:; worker-src 'self' blob:; connect-src *; media-src * blob:; "
    "img-src data:";

Response not_found(std::string_view reason, std::string_view detail) { return problem_response(404, reason, detail, kBriefly); }

Response as(Resource resource, Response response) {
  response.resource = resource;
  return response;
}

Response preflight() {
  Response response{.status = 204};
  response.fields =
      "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: Authorization, Range, If-None-Match, "
      "Content-Type, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status\r\n"
      "Access-Control-Max-Age: 86400\r\nAllow: GET, HEAD, OPTIONS\r\n";
  return response;
}

// A shared cache must not hand a protected stream to the next viewer unchecked.
bool is_shared(const StreamStatus& status) { return status.spec.access == AccessPolicy::kOpen; }

std::string_view playlist_caching(const StreamStatus& status) {
  const Snapshot& snapshot = *status.snapshot;
  if (!snapshot.live || snapshot.ended) return is_shared(status) ? "public, max-age=300" : "private, max-age=300";
  // Half a target duration at most, or viewers fall behind the live edge.
  if (snapshot.segment_duration < 2s) return "no-cache";
  return is_shared(status) ? kBriefly : "private, max-age=1";
}

std::string_view media_caching(const StreamStatus& status) {
  return is_shared(status) ? "public, max-age=31536000, immutable" : "private, max-age=31536000, immutable";
}

Response document(const Request& request, const Rendered& rendered, std::string_view content_type, std::string_view caching) {
  const bool zipped = accepts_gzip(request.accept_encoding);
  Response response{.content_type = content_type, .cache_control = caching};
  const std::string& etag = zipped ? rendered.gzipped_etag : rendered.etag;
  response.fields = std::string{kVaryEncoding} + field_line("ETag", etag);
  if (matches_etag(request.if_none_match, etag)) {
    response.status = 304;
    return response;
  }
  if (zipped) response.fields += "Content-Encoding: gzip\r\n";
  response.owner = zipped ? rendered.gzipped : rendered.plain;
  response.body = *response.owner;
  return response;
}

Response media_bytes(const Request& request, Bytes bytes, std::string_view content_type, std::string_view caching) {
  Response response{.content_type = content_type, .cache_control = caching, .fields = "Accept-Ranges: bytes\r\n"};
  response.owner = std::move(bytes);
  response.body = *response.owner;
  // Media carries no validator, so a conditional range is answered whole.
  if (request.range.empty() || !request.if_range.empty()) return response;
  const RangeChoice choice = choose_range(request.range, response.body.size());
  if (const auto* part = std::get_if<BytesOf>(&choice)) {
    response.status = 206;
    response.fields +=
        field_line("Content-Range", fmt::format("bytes {}-{}/{}", part->first, part->first + part->count - 1, response.body.size()));
    response.body = response.body.substr(part->first, part->count);
  } else if (std::holds_alternative<OutOfRange>(choice)) {
    Response refusal = problem_response(416, "range", "The range starts behind the end", kNoStore);
    refusal.fields = field_line("Content-Range", fmt::format("bytes */{}", response.body.size()));
    return refusal;
  }
  return response;
}

std::string_view media_type_of(const TrackInfo& info) { return info.kind == media::TrackKind::kAudio ? "audio/mp4" : "video/mp4"; }

std::string_view detail_of(const AccessDecision& decision) {
  const std::string& r = decision.reason;
  if (r == "missing") return "This stream needs a token: Authorization: Bearer TOKEN, ?token=TOKEN or the cookie";
  if (r == "expired") return "The token has expired; get a new one at POST /v1/tokens/refresh";
  if (r == "malformed") return "The token is not a token of this server";
  if (r == "bad-signature") return "The token's signature is wrong";
  if (r == "not-yet-valid") return "The token is not valid yet; compare the clocks";
  if (r == "revoked") return "The token was revoked";
  return "The token is for another stream";
}

Response not_ready(const StreamStatus& status) {
  Response response =
      problem_response(503, to_text(status.state), status.reason.empty() ? "The stream is starting" : status.reason, kNoStore);
  response.fields = status.state == StreamState::kFailed ? "Retry-After: 5\r\n" : "Retry-After: 1\r\n";
  return response;
}

// Of a path below a stream or one of its tracks, whatever the answer will be.
Resource resource_of(const Target& target) {
  const std::string& file = target.path.back();
  if (target.path.size() == 3)
    return file == "master.m3u8" ? Resource::kMultivariant : file == "manifest.mpd" ? Resource::kManifest : Resource::kOther;
  if (file == "playlist.m3u8") return Resource::kPlaylist;
  if (file == "init.mp4") return Resource::kInit;
  return file.ends_with(".m4s") ? Resource::kSegment : Resource::kOther;
}

bool is_plain_host(std::string_view host) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' ||
           c == ']';
  };
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), allowed);
}

}  // namespace

// One request for a stream that exists.
struct MediaSite::Visit {
  const Request& request;
  const Target& target;
  const StreamStatus& status;
  const AccessDecision& decision;
  const std::optional<std::string>& query_token;  // the one that was checked; nothing: it did not come in the query
  base::UtcTime now;
  const std::string& file() const { return target.path.back(); }
};

Response MediaSite::answer(const Request& request, base::UtcTime now) {
  if (request.method == Method::kOptions) return preflight();
  if (request.method == Method::kOther) {
    Response response =
        problem_response(405, "method", "GET, HEAD and OPTIONS are served here; the control API is on its own port", kNoStore);
    response.fields = "Allow: GET, HEAD, OPTIONS\r\n";
    return response;
  }
  const auto target = parse_target(request.target);
  if (!target) return problem_response(400, "target", "The request target is malformed", kNoStore);
  return route(request, *target, now);
}

Response MediaSite::route(const Request& request, const Target& target, base::UtcTime now) {
  const std::string& first = target.path.front();
  const std::size_t depth = target.path.size();
  if ((first == "live" || first == "vod") && (depth == 3 || depth == 4)) return as(resource_of(target), stream(request, target, now));
  if ((first == "watch" || first == "embed") && depth == 2) return as(Resource::kPage, page(target));
  if (first == "static" && depth == 2) return as(Resource::kStatic, asset(request, target));
  if (first == "time" && depth == 1) return as(Resource::kClock, text_response(200, "text/plain", kNoStore, base::to_iso8601(now)));
  if (first == "health" && depth == 1) return text_response(200, "application/json", kNoStore, "{\"status\":\"ok\"}\n");
  return not_found(
      "no-page",
      "Streams are at /live/NAME/master.m3u8, /live/NAME/manifest.mpd and the same under /vod; pages at /watch/NAME and /embed/NAME");
}

void MediaSite::finished(const Response& response, base::ByteCount sent, base::Duration took) {
  metrics_.request(response, sent, took);
  if (!response.cmcd) return;
  const auto head = static_cast<std::int64_t>(response.head_size);
  cmcd_.add(response.cmcd, base::ByteCount::bytes(std::max<std::int64_t>(sent.count() - head, 0)));
}

// Null: nothing that can be used, which is never a reason to refuse.
CmcdReportPtr MediaSite::said_with(const Request& request, const Target& target, base::UtcTime now) {
  const auto parameter = cmcd_parameter(target.query);
  if (!parameter && request.cmcd[0].empty()) return nullptr;
  auto report = std::make_shared<CmcdReport>();
  report->asked_at = now;
  if (parameter) {
    auto text = decode_cmcd_parameter(*parameter);
    if (!text || !read_cmcd(*text, *report)) return cmcd_.malformed(), nullptr;
    keep_as_received(*report, "CMCD", *text);
  }
  for (std::size_t i = 0; i < kCmcdFields.size(); ++i) {
    if (request.cmcd[i].empty()) continue;
    if (!read_cmcd(request.cmcd[i], *report)) return cmcd_.malformed(), nullptr;
    keep_as_received(*report, kCmcdFields[i], request.cmcd[i]);
  }
  if (report->session.empty()) return cmcd_.anonymous(), nullptr;
  return report;
}

Response MediaSite::stream(const Request& request, const Target& target, base::UtcTime now) {
  const auto status = streams_.find(target.path[1]);
  const StreamKind kind = target.path[0] == "live" ? StreamKind::kLive : StreamKind::kVod;
  if (!status || status->spec.kind != kind) return not_found("no-stream", "There is no such stream");
  std::optional<std::string> query_token;
  // The header field first: it is what a player that knows how to refresh sends.
  std::optional<std::string_view> token = base::bearer_token(request.authorization);
  if (!token) query_token = query_value(target.query, "token");
  if (query_token) token = *query_token;
  if (!token) token = cookie_value(request.cookie, kTokenCookie);
  const AccessDecision decision = tokens_.check(token, status->spec.name, status->spec.access, now);
  metrics_.access(decision.reason);
  const Visit visit{request, target, *status, decision, query_token, now};
  if (decision.status != 200) return refuse(visit);
  Response response = !status->snapshot ? not_ready(*status) : target.path.size() == 3 ? file_of_stream(visit) : file_of_track(visit);
  response.cmcd = said_with(request, target, now);  // not of the refused: they would displace who watches
  return response;
}

Response MediaSite::refuse(const Visit& visit) const {
  const AccessDecision& decision = visit.decision;
  audit_.write({.time = visit.now,
                .event = "access",
                .decision = "refused",
                .status = decision.status,
                .reason = decision.reason,
                .session = decision.session,
                .subject = decision.subject,
                .stream = visit.status.spec.name,
                .path = std::string{visit.target.path_text.substr(0, 512)},
                .peer = std::string{visit.request.peer}});
  const std::string_view detail = detail_of(decision);
  Response response = problem_response(decision.status, decision.reason, detail, kNoStore);
  if (decision.status == 401)
    response.fields = field_line(
        "WWW-Authenticate", fmt::format("Bearer realm=\"rehearsal\", error=\"invalid_token\", error_description=\"{}\"", decision.reason));
  return response;
}

Response MediaSite::file_of_stream(const Visit& visit) {
  const bool hls = visit.file() == "master.m3u8";
  if (!hls && visit.file() != "manifest.mpd") return not_found("no-file", "A stream has master.m3u8 and manifest.mpd");
  Response response = hls ? multivariant(visit) : manifest(visit);
  if (!is_shared(visit.status)) response.fields += kVaryAccess;
  // Players that cannot set headers on the requests that follow carry the cookie instead.
  if (visit.query_token && !visit.decision.session.empty()) {
    const auto lifetime = std::chrono::ceil<std::chrono::seconds>(visit.decision.remaining).count();
    response.fields += field_line("Set-Cookie", fmt::format("{}={}; Path=/{}/{}; Max-Age={}; HttpOnly; SameSite=Lax", kTokenCookie,
                                                            *visit.query_token, visit.target.path[0], visit.status.spec.name, lifetime));
    response.cache_control = "private, no-cache";
  }
  return response;
}

Response MediaSite::multivariant(const Visit& visit) {
  const SnapshotPtr& snapshot = visit.status.snapshot;
  const auto rendered = rendered_.get(snapshot, "multivariant", [&] { return hls_multivariant(*snapshot); });
  return document(visit.request, *rendered, kHls, playlist_caching(visit.status));
}

Response MediaSite::manifest(const Visit& visit) {
  const SnapshotPtr& snapshot = visit.status.snapshot;
  const bool needs_clock = snapshot->live && !snapshot->ended && is_plain_host(visit.request.host);
  const char* scheme = visit.request.forwarded_proto == "https" ? "https" : "http";
  const std::string clock = needs_clock ? fmt::format("{}://{}/time", scheme, visit.request.host) : "";
  const auto rendered = rendered_.get(snapshot, "manifest " + clock, [&] { return dash_manifest(*snapshot, clock); });
  return document(visit.request, *rendered, kDash, playlist_caching(visit.status));
}

Response MediaSite::file_of_track(const Visit& visit) {
  const SnapshotPtr& snapshot = visit.status.snapshot;
  const auto track = std::find_if(snapshot->tracks.begin(), snapshot->tracks.end(),
                                  [&](const TrackSnapshot& t) { return t.info.name == visit.target.path[2]; });
  if (track == snapshot->tracks.end()) return not_found("no-track", "The stream has no such track");
  const Request& request = visit.request;
  if (visit.file() == "playlist.m3u8") {
    const auto rendered = rendered_.get(snapshot, "playlist " + track->info.name, [&] { return hls_media_playlist(*snapshot, *track); });
    return document(request, *rendered, kHls, playlist_caching(visit.status));
  }
  const std::string_view type = media_type_of(track->info), caching = media_caching(visit.status);
  if (visit.file() == "init.mp4" && track->info.init) return media_bytes(request, track->info.init, type, caching);
  const Segment* segment = find_segment(*track, visit.file());
  if (segment == nullptr) return not_found("no-segment", "The segment is not there: not yet, no longer, or a gap");
  return media_bytes(request, segment->bytes, type, caching);
}

// The watch page, or the embed page, which only allowed pages may frame.
Response MediaSite::page(const Target& target) const {
  const auto status = streams_.find(target.path[1]);
  const bool embed = target.path[0] == "embed";
  const std::string path =
      status ? fmt::format("/{}/{}/master.m3u8", status->spec.kind == StreamKind::kLive ? "live" : "vod", status->spec.name) : "";
  const PageStream stream{status ? std::string_view{status->spec.name} : "No such stream", path};
  Response response = text_response(status ? 200 : 404, "text/html; charset=utf-8", status ? "no-cache" : kBriefly,
                                    embed ? embed_page(stream, embed_origins_) : watch_page(stream));
  const std::string ancestors = embed ? fmt::format("; frame-ancestors 'self' {}", fmt::join(embed_origins_, " ")) : "";
  response.fields = field_line("Content-Security-Policy", std::string{kPagePolicy} + ancestors) + "Referrer-Policy: no-referrer\r\n";
  return response;
}

Response MediaSite::asset(const Request& request, const Target& target) {
  const auto found = find_asset(target.path[1]);
  if (!found) return not_found("no-file", "There is no such file");
  const std::lock_guard lock{assets_mutex_};
  RenderedPtr& rendered = assets_[target.path[1]];
  if (!rendered) rendered = make_rendered(std::string{found->bytes});
  return document(request, *rendered, found->content_type, "public, max-age=3600");
}

}  // namespace server
