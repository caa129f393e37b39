// CurlTransport: HTTP/1.1 with keep-alive by libcurl multi on an Asio loop. Viewers are sharded over multi handles (CurlShard::kViewers
// each: one shared multi collapses at 5,000 connections), and no connection is ever another viewer's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/steady_timeline.h"
#include "harness/transport/curl_socket.h"
#include "harness/transport/transport.h"

namespace harness {

class CurlTransport final : public Transport {
 public:
  struct Options {
    // Source address of a viewer, empty: the system's choice. For loopback targets 127.1.x.y gives each viewer its own.
    std::function<std::string(base::ViewerId)> source_address;
    CurlSocketHooks sockets{};
    std::string user_agent = "rehearse";
  };
  CurlTransport(boost::asio::io_context& io, base::SteadyTimeline& timeline, Options options);
  ~CurlTransport() override;
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness
