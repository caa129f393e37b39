// A Transport with a scripted server behind it, over loopback and in virtual time (script_server.h says what it answers).
#pragma once

#include <memory>
#include <string>

#include "harness/scenario/congestion_control.h"
#include "harness/transport/transport.h"
#include "tests/contract/timeline_worlds.h"

namespace contract {

class TransportWorld {
 public:
  virtual ~TransportWorld() = default;
  virtual TimelineWorld& time() = 0;
  virtual harness::Transport& transport() = 0;
  virtual std::string url(const std::string& path) const = 0;
  // An address at which nobody listens.
  virtual std::string dead_url() const = 0;
  // Runs until the viewer's connections are closed, as its server sees it. Returns: whether they were.
  virtual bool sees_connections_closed(base::ViewerId viewer) = 0;
};

enum class Addresses { kOwn, kShared };  // whether each viewer has a source address of its own
std::unique_ptr<TransportWorld> make_curl_world(Addresses addresses);
std::unique_ptr<TransportWorld> make_model_world(harness::CongestionControl control);
std::unique_ptr<TransportWorld> make_http2_model_world();
std::unique_ptr<TransportWorld> make_packet_world(harness::CongestionControl control);

}  // namespace contract
