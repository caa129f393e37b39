// Streams: the server's live channels and its video on demand, and the ports that all contributions share: SRT, and RTMP
// and HTTP where they are asked for. Thread-safe.
#pragma once

#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "server/ingest/http/listener.h"
#include "server/ingest/rtmp/listener.h"
#include "server/ingest/srt/listener.h"
#include "server/library/channel.h"
#include "server/library/open_points.h"
#include "server/library/refused_publishers.h"
#include "server/package/streams.h"

namespace server {

class Streams final : public StreamDirectory {
 public:
  struct Options {
    std::string srt_listen_host = "0.0.0.0";
    int srt_port = 0;                             // 0: any free one
    std::optional<RtmpListener::Options> rtmp{};  // nothing: no contributions over RTMP
    std::optional<HttpListener::Options> http{};  // nothing: none over HTTP
  };
  // Throws base::RunFailed naming the address and the reason. Requires: `registry` outlives the streams.
  Streams(const Options& options, prometheus::Registry& registry);
  // Stops everything, within two seconds whatever it is at.
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  int srt_port() const { return srt_listener_.port(); }
  std::optional<int> rtmp_port() const { return rtmp_listener_ ? std::optional{rtmp_listener_->port()} : std::nullopt; }
  std::optional<int> http_port() const { return http_listener_ ? std::optional{http_listener_->port()} : std::nullopt; }

  base::Result<void> create(StreamSpec spec) override;
  bool remove(const std::string& name) override;
  std::optional<StreamStatus> find(const std::string& name) const override;
  std::vector<StreamStatus> list() const override;
  base::Result<void> put_on_air(const std::string& name, Feed source, bool pinned) override;
  base::Result<void> unpin(const std::string& name) override;
  base::Result<void> add_forward(const std::string& name, ForwardSpec spec) override;
  base::Result<void> remove_forward(const std::string& name, const std::string& destination) override;
  base::Result<void> run_forward(const std::string& name, const std::string& destination, bool run) override;

  std::vector<RefusedPublisher> refused_publishers() const override { return refused_.list(); }

  // Waits until `holds` is true; it is asked again when a stream changes (state, a slot published). False: `timeout` went by first.
  bool wait_until(const std::function<bool()>& holds, base::Duration timeout) { return bell_.wait_until(holds, timeout); }

 private:
  // Whether this server listens for what the stream's sources are published with.
  base::Result<void> check_listeners(const StreamSpec& spec) const;
  std::unique_ptr<Channel> start(StreamSpec spec);

  const IngestHosts hosts_;
  prometheus::Registry& registry_;
  RefusedPublishers refused_{registry_};
  PublishPoints points_{[this](const PublishPoints::Refused& refused) { refused_.add(refused); }};
  SrtListener srt_listener_;
  std::optional<RtmpListener> rtmp_listener_;
  std::optional<HttpListener> http_listener_;
  ChangeBell bell_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;
  std::set<std::string> leaving_;
};

}  // namespace server
