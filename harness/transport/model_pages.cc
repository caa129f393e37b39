#include "harness/transport/model_pages.h"

#include <map>
#include <mutex>

#include "base/gzip.h"
#include "server/web/assets.h"

namespace harness {
namespace {

// As it crosses the wire. Compressed once in this process, whoever asks first; thread-safe.
base::ByteCount compressed_size(std::string_view name, std::string_view bytes) {
  static std::mutex mutex;
  static std::map<std::string, base::ByteCount, std::less<>> sizes;
  const std::lock_guard lock{mutex};
  const auto known = sizes.find(name);
  if (known != sizes.end()) return known->second;
  return sizes.emplace(name, base::ByteCount::bytes(static_cast<std::int64_t>(base::gzip(bytes).size()))).first->second;
}

// The control port, whose files are those of the login page, compresses nothing and lets nothing be kept.
std::optional<ModelReply> page_asset(std::string_view name) {
  const bool of_login = name.starts_with("login.");
  CacheFields caching{.no_store = of_login};
  if (!of_login) caching.max_age = std::chrono::hours{1};
  const auto found = server::find_asset(name);
  if (!found) return std::nullopt;
  const auto plain = base::ByteCount::bytes(static_cast<std::int64_t>(found->bytes.size()));
  const base::ByteCount size = of_login ? plain : compressed_size(name, found->bytes);
  return ModelReply{.bytes = size, .caching = std::move(caching)};
}

}  // namespace

std::optional<ModelReply> model_page(std::string_view path, bool live, const std::function<bool(std::string_view)>& has) {
  constexpr std::string_view kStatic = "/static/", kWatch = "/watch/", kEmbed = "/embed/";
  if (path.starts_with(kStatic)) return page_asset(path.substr(kStatic.size()));
  if (path == "/login") return ModelReply{.body = std::string{server::login_page()}, .caching = {.no_store = true}};
  const bool embed = path.starts_with(kEmbed);
  if (!embed && !path.starts_with(kWatch)) return std::nullopt;
  const std::string name{path.substr(embed ? kEmbed.size() : kWatch.size())};
  if (!has(name)) return std::nullopt;
  const std::string multivariant = (live ? "/live/" : "/vod/") + name + "/master.m3u8";
  const server::PageStream stream{name, multivariant};
  return ModelReply{.body = embed ? server::embed_page(stream, {"https://publisher.example"}) : server::watch_page(stream),
                    .caching = {.no_cache = true}};
}

}  // namespace harness
