#include "harness/transport/reference_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <unordered_map>

#include "base/text.h"
#include "harness/scenario/scenario.h"
#include "harness/transport/model_pages.h"
#include "harness/transport/model_stream.h"
#include "harness/transport/model_tokens.h"
#include "media/url.h"

namespace harness {
namespace {

// As long as the server's: a session is a signed text of some 280 bytes.
const std::string kSession(280, 's');
const std::string kLoginReply = "{\n  \"session\": \"" + kSession + "\",\n  \"expires_in\": 43200.0\n}\n";
constexpr std::int64_t kHighestSequence = std::int64_t{1} << 31;  // beyond the latest instant of any run

struct Parts {
  std::array<std::string_view, 4> of{};
  std::size_t count = 0;  // 5: more than four
};

// "/a/b/c" -> {"a", "b", "c"}.
Parts split_path(std::string_view path) {
  Parts parts;
  for (; !path.empty() && parts.count <= parts.of.size(); ++parts.count) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (parts.count < parts.of.size()) parts.of[parts.count] = path.substr(0, slash);
    path.remove_prefix(slash);
  }
  return parts;
}

std::optional<std::string_view> bearer_of(const TransportRequest& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string* value = find_header(request, "Authorization");
  if (value == nullptr) return std::nullopt;
  return value->starts_with(kBearer) ? std::string_view{*value}.substr(kBearer.size()) : std::string_view{};
}

// What the server says of media: immutable, a year.
CacheFields for_a_year() { return {.max_age = std::chrono::hours{24 * 365}}; }

// Beyond the last segment that is listed.
constexpr std::int64_t kFarthestAhead = 2;

// That a playlist is to be held for; nothing: none.
std::optional<std::int64_t> wanted_sequence(std::string_view url) {
  const std::size_t query = url.find('?');
  if (query == std::string_view::npos || !url.substr(0, query).ends_with(".m3u8")) return std::nullopt;
  const auto text = media::query_field(url.substr(query + 1), media::kMediaSequenceField);
  std::int64_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{}) return std::nullopt;
  return number >= 0 && number < kHighestSequence ? std::optional{number} : std::nullopt;
}

// The hash in sixteen hexadecimal digits.
std::string etag_of(const base::SharedText& text) {
  std::string etag(18, '"');
  std::size_t hash = text.hash();
  for (std::size_t at = 16; at > 0; --at, hash >>= 4) etag[at] = "0123456789abcdef"[hash & 15];
  return etag;
}

}  // namespace

class ReferenceModel::Impl {
 public:
  explicit Impl(Options options) : options_{std::move(options)}, tokens_{options_.token_lifetime} {
    channels_.reserve(options_.channels);
    for (std::size_t i = 0; i < options_.channels; ++i) {
      Options own = options_;
      own.seed += i;
      Channel& channel = channels_.emplace_back(Channel{reference_stream(i), ModelStream{std::move(own)}, {}, {}, {}});
      channel.multivariant = document_of(0, channel.stream.multivariant());
    }
  }

  ModelReply reply(base::Instant now, const TransportRequest& request) {
    ModelReply reply = answer(now, request);
    const std::string* condition = find_header(request, "If-None-Match");
    if (condition != nullptr && *condition == reply.caching.etag) reply = {.status = 304, .caching = std::move(reply.caching)};
    reply.caching.date = std::chrono::floor<std::chrono::seconds>(options_.wall.utc_at(now));
    if (reply.think == base::Duration{}) reply.think = options_.think;
    return reply;
  }

  // All tracks list the same. What is too far ahead to be waited for is refused, and what is no playlist is not held (RFC
  // 8216bis, 6.2.5.2).
  base::Instant held_until(base::Instant arrival, const TransportRequest& request) const {
    if (!options_.live || !options_.blocking_reload) return arrival;
    const auto number = wanted_sequence(request.url);
    if (!number || is_too_far(arrival, *number)) return arrival;
    return std::max(arrival, channels_.front().stream.listed_from(*number));
  }

  // The streams are open; a token that is shown must be good.
  int access(base::Instant now, const TransportRequest& request) const {
    const std::optional<std::string_view> token = bearer_of(request);
    return token ? tokens_.check(now, *token) : 200;
  }

  template <class Change>
  void change_streams(const Change& change) {
    for (Channel& channel : channels_) {
      change(channel.stream);
      channel.playlist = channel.manifest = {};
    }
  }
  void expire_group(const std::string& group) { tokens_.expire_group(group); }

 private:
  struct Document {
    std::int64_t version = -1;
    base::SharedText text, etag;
  };
  static Document document_of(std::int64_t version, base::SharedText text) {
    const std::string etag = etag_of(text);
    return {version, std::move(text), etag};
  }
  struct Channel {
    std::string name;
    ModelStream stream;
    Document multivariant, playlist, manifest;
  };
  // What a media URL names.
  struct Place {
    enum class File { kNone, kMultivariant, kManifest, kPlaylist, kInit, kSegment };  // kNone: nothing of this channel
    Channel* channel = nullptr;
    const ModelStream::Track* track = nullptr;
    File file = File::kNone;
    std::int64_t number = 0;  // of the segment
  };
  static constexpr std::size_t kMostPlaces = 100'000;

  Channel* find_channel(std::string_view name) {
    const auto found = std::find_if(channels_.begin(), channels_.end(), [name](const Channel& each) { return each.name == name; });
    return found == channels_.end() ? nullptr : &*found;
  }

  ModelReply answer(base::Instant now, const TransportRequest& request) {
    if (request.method == "GET")
      if (const auto known = places_.find(request.url); known != places_.end()) return media_file(now, request, known->second);
    const base::Result<media::Url> url = media::parse_url(request.url);
    if (!url) return refusal(400);
    const std::optional<Place> place = request.method == "GET" ? place_of(url->path) : std::nullopt;
    if (!place) return route(now, request, url->path);
    if (places_.size() >= kMostPlaces) places_.clear();
    places_.emplace(request.url, *place);
    return media_file(now, request, *place);
  }

  ModelReply route(base::Instant now, const TransportRequest& request, std::string_view path) {
    const bool post = request.method == "POST";
    const auto has = [this](std::string_view name) { return find_channel(name) != nullptr; };
    if (path == "/v1/tokens") return post ? tokens_.issue(now, request.body, has) : refusal(405);
    if (path == "/v1/tokens/refresh") return post ? tokens_.refresh(now, request.body) : refusal(405);
    if (path == "/v1/login") return post ? ModelReply{.body = kLoginReply, .think = options_.login_think} : refusal(405);
    if (request.method != "GET") return refusal(405);
    if (path == "/v1/entitlements") return bearer_of(request) == kSession ? ModelReply{.body = entitlements()} : refusal(401);
    if (auto page = model_page(path, options_.live, has)) return *std::move(page);
    if (path == "/time") return {.body = base::to_iso8601(options_.wall.utc_at(now)), .caching = {.no_store = true}};
    return refusal(404);
  }

  std::optional<Place> place_of(std::string_view path) {
    const auto [parts, count] = split_path(path);
    const bool well_formed = count >= 3 && count <= 4 && parts[0] == (options_.live ? "live" : "vod");
    Channel* channel = well_formed ? find_channel(parts[1]) : nullptr;
    if (channel == nullptr) return std::nullopt;
    if (count == 3 && parts[2] == "master.m3u8") return Place{channel, nullptr, Place::File::kMultivariant};
    if (count == 3 && parts[2] == "manifest.mpd") return Place{channel, nullptr, Place::File::kManifest};
    const ModelStream::Track* track = count == 4 ? channel->stream.find_track(parts[2]) : nullptr;
    if (track == nullptr) return Place{channel};
    if (parts[3] == "playlist.m3u8") return Place{channel, track, Place::File::kPlaylist};
    if (parts[3] == "init.mp4") return Place{channel, track, Place::File::kInit};
    const auto number = channel->stream.number_of(*track, parts[3]);
    return number ? Place{channel, track, Place::File::kSegment, *number} : Place{channel};
  }

  ModelReply media_file(base::Instant now, const TransportRequest& request, const Place& place) {
    if (const int status = access(now, request); status != 200) return refusal(status);
    Channel& channel = *place.channel;
    if (!channel.stream.is_ready(now)) return {.status = 503, .retry_after = std::chrono::seconds{1}};
    switch (place.file) {
      case Place::File::kNone:
        return refusal(404);
      case Place::File::kMultivariant:
        return document(channel.multivariant);
      case Place::File::kManifest:
        return document(current(channel.stream, channel.manifest, &ModelStream::next_manifest, now));
      case Place::File::kPlaylist:
        if (const auto wanted = wanted_sequence(request.url); wanted && options_.blocking_reload && is_too_far(now, *wanted))
          return refusal(400);
        return document(current(channel.stream, channel.playlist, &ModelStream::next_media_playlist, now));
      case Place::File::kInit:
        return {.bytes = kInitSize, .caching = for_a_year()};
      case Place::File::kSegment:
        break;
    }
    const auto size = channel.stream.segment_size(now, *place.track, place.number);
    return size ? ModelReply{.bytes = *size, .caching = for_a_year()} : refusal(404);
  }

  // Every account may see every channel.
  std::string entitlements() const {
    std::string streams;
    for (const Channel& each : channels_) {
      if (!streams.empty()) streams += ",";
      streams += "\n    {\n      \"name\": \"" + each.name + "\",\n      \"kind\": \"" + (options_.live ? "live" : "vod") +
                 "\",\n      \"watch\": \"" + options_.media_url + "/watch/" + each.name + "\"\n    }";
    }
    return "{\n  \"user\": \"audience\",\n  \"streams\": [" + streams + "\n  ]\n}\n";
  }

  ModelReply document(const Document& document) const {
    const base::Duration fresh = documents_fresh_for(options_.live, options_.segment_duration);
    const bool brief = fresh == base::Duration{};
    CacheFields caching{.no_cache = brief, .etag = document.etag};
    if (!brief) caching.max_age = fresh;
    return {.body = document.text, .caching = std::move(caching)};
  }

  bool is_too_far(base::Instant now, std::int64_t number) const {
    return now < channels_.front().stream.listed_from(number - kFarthestAhead);
  }

  // Many viewers ask for the same one, so it is written once per segment.
  static const Document& current(ModelStream& stream, Document& document, std::string (ModelStream::*write)(base::Instant),
                                 base::Instant now) {
    if (document.version != stream.version(now)) document = document_of(stream.version(now), (stream.*write)(now));
    return document;
  }

  Options options_;
  std::vector<Channel> channels_;
  std::unordered_map<base::SharedText, Place> places_;  // by URL: viewers ask for the same ones again and again
  ModelTokens tokens_;
};

// Half a target duration at most, or viewers fall behind the live edge.
base::Duration ReferenceModel::documents_fresh_for(bool live, base::Duration segment) {
  if (!live) return std::chrono::seconds{300};
  return segment < std::chrono::seconds{2} ? base::Duration{} : std::chrono::seconds{1};
}

ReferenceModel::ReferenceModel(Options options) : impl_{std::make_unique<Impl>(std::move(options))} {}
ReferenceModel::~ReferenceModel() = default;
base::Instant ReferenceModel::announce(TransferId, base::Instant arrival, const TransportRequest& request, ModelReply&) {
  return held_until(arrival, request);
}
base::Instant ReferenceModel::held_until(base::Instant arrival, const TransportRequest& request) const {
  return impl_->held_until(arrival, request);
}
ModelReply ReferenceModel::reply(base::Instant now, const TransportRequest& request) { return impl_->reply(now, request); }
int ReferenceModel::access(base::Instant now, const TransportRequest& request) const { return impl_->access(now, request); }
void ReferenceModel::halt(base::Instant since, HaltEnd end) {
  impl_->change_streams([&](ModelStream& stream) { stream.halt(since, end); });
}
void ReferenceModel::lose(base::Instant since, base::Instant now) {
  impl_->change_streams([&](ModelStream& stream) { stream.lose(since, now); });
}
void ReferenceModel::resume(base::Instant now) {
  impl_->change_streams([&](ModelStream& stream) { stream.resume(now); });
}
void ReferenceModel::expire_group(const std::string& group) { impl_->expire_group(group); }

}  // namespace harness
