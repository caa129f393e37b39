// The ready file: what a script waits for before it uses the server. Written whole or not at all.
#pragma once

#include <optional>
#include <string>

#include "server/app/config.h"

namespace server {

struct Listening {
  std::string media, control, metrics;  // "http://127.0.0.1:41234"
  int srt_port = 0;
  std::optional<int> rtmp_port{}, http_port{};
  int pid = 0;
};

// "http://HOST:PORT" as a client on this machine would write it: a wildcard address becomes loopback.
std::string url_of(const std::string& host, int port);
std::string to_json_text(const Listening& listening);
// Writes beside it and renames. Throws RunFailed.
void write_ready_file(const std::string& file, const Listening& listening);

// One run's: what an earlier one left behind is taken away at once, its own when it is not ready any more. That of another server that runs
// stays until this one is ready, and then is this one's.
class ReadyFile {
 public:
  // `file`: empty: none is asked for. Throws RunFailed when there is one that cannot be taken away.
  explicit ReadyFile(std::string file);
  ~ReadyFile() { take_away(); }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;
  void write(const Listening& listening);
  // Where it is still the one that was written.
  void take_away();

 private:
  const std::string file_;
  std::string written_;
};

}  // namespace server
