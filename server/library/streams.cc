#include "server/library/streams.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

extern "C" {
#include <libavutil/log.h>
}

#include "base/errors.h"
#include "server/library/live_channel.h"
#include "server/library/spec_check.h"
#include "server/library/vod_channel.h"

namespace server {

// FFmpeg's log level is the process's: its remarks on every broken packet of a lossy contribution would fill the server's log.
Streams::Streams(const Options& options, prometheus::Registry& registry)
    : hosts_{.srt = options.srt_listen_host,
             .rtmp = options.rtmp ? options.rtmp->host : "",
             .http = options.http ? options.http->host : ""},
      registry_{registry},
      srt_listener_{options.srt_listen_host, options.srt_port, points_} {
  if (options.rtmp) rtmp_listener_.emplace(*options.rtmp, points_);
  if (options.http) http_listener_.emplace(*options.http, points_);
  av_log_set_level(AV_LOG_FATAL);
}

Streams::~Streams() {
  for (const auto& [name, channel] : channels_) channel->ask_to_stop();
}

base::Result<void> Streams::create(StreamSpec spec) {
  if (const base::Result<void> checked = check_spec(spec); checked.has_error()) return checked;
  if (const base::Result<void> checked = check_listeners(spec); checked.has_error()) return checked;
  const std::lock_guard lock{mutex_};
  if (leaving_.contains(spec.name)) return base::error(fmt::format("name: the stream '{}' is still being removed; try again", spec.name));
  if (channels_.contains(spec.name)) return base::error(fmt::format("name: there is a stream '{}' already", spec.name));
  for (const std::string& warning : open_points(spec, hosts_)) spdlog::warn("{}", warning);
  const std::string name = spec.name;
  try {
    channels_[name] = start(std::move(spec));
  } catch (const base::RunFailed& failure) {  // the slate's image went since it was checked
    return base::error(failure.what());
  }
  return {};
}

base::Result<void> Streams::check_listeners(const StreamSpec& spec) const {
  const auto check = [&](const char* where, SourceKind kind) -> base::Result<void> {
    const auto refuse = [&](const char* protocol, const char* field) {
      return base::error(fmt::format("{}: this server takes no contributions over {}; say where it listens: \"{}\" in its configuration",
                                     where, protocol, field));
    };
    if (kind == SourceKind::kRtmp && !rtmp_listener_) return refuse("RTMP", "rtmp");
    if (kind == SourceKind::kHttp && !http_listener_) return refuse("HTTP", "http");
    return {};
  };
  if (const auto checked = check("source", spec.source.kind); checked.has_error()) return checked;
  return spec.backup ? check("backup", spec.backup->kind) : base::Result<void>{};
}

std::unique_ptr<Channel> Streams::start(StreamSpec spec) {
  if (spec.kind == StreamKind::kVod) return std::make_unique<VodChannel>(std::move(spec), registry_, bell_);
  return std::make_unique<LiveChannel>(std::move(spec), points_, registry_, bell_);
}

// Viewers of other streams do not wait for the threads to end. The name is free only after that: until then the channel holds its
// publish point and its metrics.
bool Streams::remove(const std::string& name) {
  std::unique_lock lock{mutex_};
  auto leaving = channels_.extract(name);
  if (leaving.empty()) return false;
  leaving_.insert(name);
  lock.unlock();
  leaving.mapped().reset();
  lock.lock();
  leaving_.erase(name);
  return true;
}

std::optional<StreamStatus> Streams::find(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  const auto at = channels_.find(name);
  return at == channels_.end() ? std::nullopt : std::optional{at->second->status()};
}

std::vector<StreamStatus> Streams::list() const {
  const std::lock_guard lock{mutex_};
  std::vector<StreamStatus> all;
  for (const auto& [name, channel] : channels_) all.push_back(channel->status());
  return all;
}

base::Result<void> Streams::put_on_air(const std::string& name, Feed source, bool pinned) {
  const std::lock_guard lock{mutex_};
  const auto at = channels_.find(name);
  return at == channels_.end() ? base::error(fmt::format("there is no stream '{}'", name)) : at->second->put_on_air(source, pinned);
}

base::Result<void> Streams::unpin(const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto at = channels_.find(name);
  return at == channels_.end() ? base::error(fmt::format("there is no stream '{}'", name)) : at->second->unpin();
}

base::Result<void> Streams::add_forward(const std::string& name, ForwardSpec spec) {
  const std::lock_guard lock{mutex_};
  const auto at = channels_.find(name);
  return at == channels_.end() ? base::error(fmt::format("there is no stream '{}'", name)) : at->second->add_forward(std::move(spec));
}

// Nobody else waits while it hangs up.
base::Result<void> Streams::remove_forward(const std::string& name, const std::string& destination) {
  std::unique_ptr<Forwarder> leaving;
  {
    const std::lock_guard lock{mutex_};
    const auto at = channels_.find(name);
    if (at == channels_.end()) return base::error(fmt::format("there is no stream '{}'", name));
    leaving = at->second->take_forward(destination);
  }
  return leaving == nullptr ? base::error(fmt::format("the stream '{}' has no destination '{}'", name, destination)) : base::Result<void>{};
}

base::Result<void> Streams::run_forward(const std::string& name, const std::string& destination, bool run) {
  const std::lock_guard lock{mutex_};
  const auto at = channels_.find(name);
  return at == channels_.end() ? base::error(fmt::format("there is no stream '{}'", name)) : at->second->run_forward(destination, run);
}

}  // namespace server
