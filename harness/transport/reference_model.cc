#include "harness/transport/reference_model.h"

#include <algorithm>

#include "base/text.h"
#include "harness/transport/model_pages.h"
#include "harness/transport/model_stream.h"
#include "harness/transport/model_tokens.h"
#include "media/url.h"

namespace harness {
namespace {

constexpr std::string_view kStream = "main";
// Every account may see the stream. As long as the server's: a session is a signed text of some 280 bytes.
const std::string kSession(280, 's');
const std::string kLoginReply = "{\n  \"session\": \"" + kSession + "\",\n  \"expires_in\": 43200.0\n}\n";
constexpr const char* kEntitlementsReply = R"({
  "user": "audience",
  "streams": [
    {
      "name": "main",
      "kind": "live",
      "watch": "http://model/watch/main"
    }
  ]
}
)";
constexpr base::ByteCount kInitSize = base::ByteCount::bytes(800);

// "/a/b/c" -> {"a", "b", "c"}.
std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return parts;
}

std::optional<std::string_view> bearer_of(const TransportRequest& request) {
  constexpr std::string_view kBearer = "Bearer ";
  for (const auto& [name, value] : request.headers)
    if (name == "Authorization" || name == "authorization")
      return value.starts_with(kBearer) ? std::string_view{value}.substr(kBearer.size()) : std::string_view{};
  return std::nullopt;
}

}  // namespace

class ReferenceModel::Impl {
 public:
  explicit Impl(Options options) : options_{options}, stream_{std::move(options)}, tokens_{options_.token_lifetime} {}

  ModelReply reply(base::Instant now, const TransportRequest& request) {
    const base::Result<media::Url> url = media::parse_url(request.url);
    ModelReply reply = url ? route(now, request, url->path) : refusal(400);
    reply.think = options_.think;
    return reply;
  }

  void set_feed(base::Instant now, bool alive) {
    stream_.set_feed(now, alive);
    playlist_ = manifest_ = {};
  }
  void expire_group(const std::string& group) { tokens_.expire_group(group); }

 private:
  ModelReply route(base::Instant now, const TransportRequest& request, std::string_view path) {
    const bool post = request.method == "POST";
    if (path == "/v1/tokens") return post ? tokens_.issue(now, request.body, kStream) : refusal(405);
    if (path == "/v1/tokens/refresh") return post ? tokens_.refresh(now, request.body) : refusal(405);
    if (path == "/v1/login") return post ? ModelReply{.body = kLoginReply} : refusal(405);
    if (request.method != "GET") return refusal(405);
    if (path == "/v1/entitlements") return bearer_of(request) == kSession ? ModelReply{.body = kEntitlementsReply} : refusal(401);
    if (auto page = pages_.find(path, options_.live)) return *std::move(page);
    if (path == "/time") return {.body = base::to_iso8601(options_.wall.utc_at(now))};
    const std::vector<std::string_view> parts = split_path(path);
    const bool known = parts.size() >= 3 && parts.size() <= 4 && parts[0] == (options_.live ? "live" : "vod") && parts[1] == kStream;
    if (!known) return refusal(404);
    const std::optional<std::string_view> token = bearer_of(request);
    const int access = token ? tokens_.check(now, *token) : 200;  // the stream is open; a token that is shown must be good
    if (access != 200) return refusal(access);
    if (!stream_.is_ready(now)) return {.status = 503, .retry_after = std::chrono::seconds{1}};
    return parts.size() == 3 ? stream_file(now, parts[2]) : track_file(now, parts[2], parts[3]);
  }

  ModelReply stream_file(base::Instant now, std::string_view file) {
    if (file == "master.m3u8") return {.body = stream_.multivariant()};
    if (file != "manifest.mpd") return refusal(404);
    return {.body = current(manifest_, &ModelStream::manifest, now)};
  }

  ModelReply track_file(base::Instant now, std::string_view track_name, std::string_view file) {
    const ModelStream::Track* track = stream_.find_track(track_name);
    if (track == nullptr) return refusal(404);
    if (file == "playlist.m3u8") return {.body = current(playlist_, &ModelStream::media_playlist, now)};
    if (file == "init.mp4") return {.bytes = kInitSize};
    const auto number = stream_.number_of(*track, file);
    const auto size = number ? stream_.segment_size(now, *track, *number) : std::nullopt;
    return size ? ModelReply{.bytes = *size} : refusal(404);
  }

  struct Document {
    std::int64_t version = -1;
    std::string text;
  };

  // Many viewers ask for the same one, so it is written once per segment.
  const std::string& current(Document& document, std::string (ModelStream::*write)(base::Instant) const, base::Instant now) {
    if (document.version != stream_.version(now)) document = {stream_.version(now), (stream_.*write)(now)};
    return document.text;
  }

  Options options_;
  ModelStream stream_;
  ModelTokens tokens_;
  ModelPages pages_;
  Document playlist_, manifest_;
};

ReferenceModel::ReferenceModel(Options options) : impl_{std::make_unique<Impl>(std::move(options))} {}
ReferenceModel::~ReferenceModel() = default;
ModelReply ReferenceModel::reply(base::Instant now, const TransportRequest& request) { return impl_->reply(now, request); }
void ReferenceModel::set_feed(base::Instant now, bool alive) { impl_->set_feed(now, alive); }
void ReferenceModel::expire_group(const std::string& group) { impl_->expire_group(group); }

}  // namespace harness
