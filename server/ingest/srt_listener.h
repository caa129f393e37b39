// SrtListener: one UDP port for all contributions over SRT. The streamid says which stream a caller publishes (streamid.h), the
// handshake refuses what admission.h refuses. Owns one thread, which never waits for a decoder.
#pragma once

#include <memory>
#include <string>

#include "server/ingest/byte_queue.h"

namespace server {

// Who takes a stream's connections. Called on the listener's thread; must return at once and not call the listener.
class ConnectionTaker {
 public:
  // The MPEG-TS bytes of a new publisher; the queue of the one before has been closed.
  virtual void take(std::shared_ptr<ByteQueue> mpeg_ts) = 0;

 protected:
  ~ConnectionTaker() = default;
};

class SrtListener {
 public:
  // Port 0: any free one. Throws base::RunFailed naming the address and the reason.
  SrtListener(const std::string& host, int port);
  ~SrtListener();
  SrtListener(const SrtListener&) = delete;
  SrtListener& operator=(const SrtListener&) = delete;

  int port() const;
  // `key`: what the streamid's user must be; empty: any publisher. Requires: no point of that name is open; `taker` outlives the point.
  void open_point(const std::string& name, std::string key, ConnectionTaker& taker);
  // Its publisher is disconnected; the taker is not called any more.
  void close_point(const std::string& name);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
