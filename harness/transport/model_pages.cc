#include "harness/transport/model_pages.h"

#include "base/gzip.h"
#include "server/web/assets.h"

namespace harness {

std::optional<ModelReply> ModelPages::find(std::string_view path, bool live) {
  constexpr std::string_view kStatic = "/static/";
  if (path.starts_with(kStatic)) return asset(path.substr(kStatic.size()));
  const server::PageStream stream{"main", live ? "/live/main/master.m3u8" : "/vod/main/master.m3u8"};
  if (path == "/watch/main") return ModelReply{.body = server::watch_page(stream)};
  if (path == "/embed/main") return ModelReply{.body = server::embed_page(stream, {"https://publisher.example"})};
  if (path == "/login") return ModelReply{.body = std::string{server::login_page()}};
  return std::nullopt;
}

// The control port, whose files are those of the login page, compresses nothing.
std::optional<ModelReply> ModelPages::asset(std::string_view name) {
  const auto known = sizes_.find(name);
  if (known != sizes_.end()) return ModelReply{.bytes = known->second};
  const auto found = server::find_asset(name);
  if (!found) return std::nullopt;
  const std::size_t bytes = name.starts_with("login.") ? found->bytes.size() : base::gzip(found->bytes).size();
  const auto size = base::ByteCount::bytes(static_cast<std::int64_t>(bytes));
  sizes_.emplace(name, size);
  return ModelReply{.bytes = size};
}

}  // namespace harness
