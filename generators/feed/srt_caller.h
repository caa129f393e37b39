// One outgoing SRT connection in live mode. Nothing here blocks: the connection is being made when the object exists, its state
// is asked for, and destroying it drops the connection at once.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/time.h"
#include "generators/feed/feed.h"

namespace generators {

// libsrt's global state, counted by libsrt itself: alive while one of these is.
class SrtLibrary {
 public:
  SrtLibrary();
  ~SrtLibrary();
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

struct SrtTarget {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::string name;  // "127.0.0.1:9000", for messages
};
// Looks the host up. Throws base::RunFailed naming the option of the feed that is wrong.
SrtTarget srt_target(const Feed::Options& options);

class SrtCaller {
 public:
  enum class State { kConnecting, kConnected, kLost };
  // Requires: a SrtLibrary. Throws base::RunFailed when there is no socket to be had.
  SrtCaller(const SrtTarget& target, const Feed::Options& options);
  ~SrtCaller();
  SrtCaller(const SrtCaller&) = delete;
  SrtCaller& operator=(const SrtCaller&) = delete;

  State state() const;
  // Why it is lost: refused, not answered, or broken off.
  std::string reason() const;
  // False when the payload could not be queued (the peer does not keep up, or the connection is lost).
  bool send(std::span<const std::uint8_t> payload);

 private:
  void set_options(const Feed::Options& options);
  int socket_;
  std::string name_;
  mutable bool was_connected_ = false;
};

}  // namespace generators
