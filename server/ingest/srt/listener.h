// SrtListener: one UDP port for all contributions over SRT. The streamid says which point a caller publishes to (streamid.h), the
// handshake refuses what the points refuse. Owns one thread, which never waits for a decoder.
#pragma once

#include <memory>
#include <string>

#include "server/ingest/publish_points.h"

namespace server {

class SrtListener {
 public:
  // Port 0: any free one. Throws base::RunFailed naming the address and the reason. Requires: `points` outlives the listener.
  SrtListener(const std::string& host, int port, PublishPoints& points);
  ~SrtListener();
  SrtListener(const SrtListener&) = delete;
  SrtListener& operator=(const SrtListener&) = delete;

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
