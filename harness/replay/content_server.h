// ContentServer: the origin of a recording as a transport model sees it. Files are those of content_manifests.h under any host; a live
// stream's playlists are under /live/, and its window slides as the clock goes. Sizes are those of the content table. A browser may keep
// everything but live playlists for an hour.
#pragma once

#include <optional>
#include <string>

#include "harness/replay/content_manifests.h"
#include "harness/transport/model_transport.h"

namespace harness {

class ContentServer final : public ModelServer {
 public:
  struct Options {
    bool live = false;
    // From the last byte of a request to the first byte of its answer: a file from memory. An assumption.
    base::Duration think = std::chrono::microseconds{300};
    std::size_t listed = 6;  // segments in a live playlist
  };
  // `content` must outlive the server.
  ContentServer(const ContentTable& content, Options options);

  ModelReply reply(base::Instant now, const TransportRequest& request) override;

 private:
  std::optional<ModelReply> document(base::Instant now, const std::string& name);
  ListedSegments listed(base::Instant now) const;

  const ContentTable& content_;
  Options options_;
  std::optional<base::Instant> zero_;  // of a live stream: when its multivariant playlist was first asked for
};

}  // namespace harness
