#include "server/delivery/render_cache.h"

#include <fmt/format.h>

#include <utility>

#include "base/gzip.h"

namespace server {
namespace {

constexpr std::size_t kMostStreams = 1024;
constexpr std::size_t kMostDocuments = 256;  // of one version; manifests differ by the host they were asked for

// FNV-1a, 64 bit.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

}  // namespace

RenderedPtr make_rendered(std::string text) {
  auto rendered = std::make_shared<Rendered>();
  const std::uint64_t hash = hash_of(text);
  rendered->etag = fmt::format("\"{:016x}\"", hash);
  rendered->gzipped_etag = fmt::format("\"{:016x}-gz\"", hash);
  rendered->gzipped = std::make_shared<const std::string>(base::gzip(text));
  rendered->plain = std::make_shared<const std::string>(std::move(text));
  return rendered;
}

RenderedPtr RenderCache::get(const SnapshotPtr& stream, const std::string& key, const std::function<std::string()>& render) {
  const std::shared_ptr<Entry> entry = entry_of(stream->name);
  const std::lock_guard lock{entry->mutex};
  if (entry->of.lock() != stream) {
    entry->of = stream;
    entry->documents.clear();
  }
  if (const auto at = entry->documents.find(key); at != entry->documents.end()) return at->second;
  if (entry->documents.size() >= kMostDocuments) entry->documents.clear();
  return entry->documents[key] = make_rendered(render());
}

std::shared_ptr<RenderCache::Entry> RenderCache::entry_of(const std::string& name) {
  const std::lock_guard lock{mutex_};
  if (const auto at = entries_.find(name); at != entries_.end()) return at->second;
  if (entries_.size() >= kMostStreams) entries_.clear();
  return entries_[name] = std::make_shared<Entry>();
}

}  // namespace server
