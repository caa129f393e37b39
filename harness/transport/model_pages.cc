#include "harness/transport/model_pages.h"

#include "base/gzip.h"
#include "server/web/assets.h"

namespace harness {

std::optional<ModelReply> ModelPages::find(std::string_view path, bool live, const std::function<bool(std::string_view)>& has) {
  constexpr std::string_view kStatic = "/static/", kWatch = "/watch/", kEmbed = "/embed/";
  if (path.starts_with(kStatic)) return asset(path.substr(kStatic.size()));
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

// The control port, whose files are those of the login page, compresses nothing and lets nothing be kept.
std::optional<ModelReply> ModelPages::asset(std::string_view name) {
  const bool of_login = name.starts_with("login.");
  CacheFields caching{.no_store = of_login};
  if (!of_login) caching.max_age = std::chrono::hours{1};
  const auto known = sizes_.find(name);
  if (known != sizes_.end()) return ModelReply{.bytes = known->second, .caching = std::move(caching)};
  const auto found = server::find_asset(name);
  if (!found) return std::nullopt;
  const std::size_t bytes = of_login ? found->bytes.size() : base::gzip(found->bytes).size();
  const auto size = base::ByteCount::bytes(static_cast<std::int64_t>(bytes));
  sizes_.emplace(name, size);
  return ModelReply{.bytes = size, .caching = std::move(caching)};
}

}  // namespace harness
