// RenderCache: playlists and manifests as bytes, rendered and compressed once per version of a stream, however many viewers ask.
// Holds no snapshot alive, so a removed stream's segments are freed. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/package/presentation.h"

namespace server {

struct Rendered {
  Bytes plain, gzipped;
  std::string etag, gzipped_etag;  // with quotes
};
using RenderedPtr = std::shared_ptr<const Rendered>;

RenderedPtr make_rendered(std::string text);

class RenderCache {
 public:
  // `key`: which document of the stream. `render` runs at most once per snapshot and key, under the stream's lock.
  RenderedPtr get(const SnapshotPtr& stream, const std::string& key, const std::function<std::string()>& render);

 private:
  struct Entry {
    std::mutex mutex;
    std::weak_ptr<const Snapshot> of;
    std::map<std::string, RenderedPtr> documents;
  };
  std::shared_ptr<Entry> entry_of(const std::string& name);
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace server
