// Streams for tests of delivery and control: what a test puts in is what is found.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/package/streams.h"

namespace server {

class FakeStreams final : public StreamDirectory {
 public:
  base::Result<void> create(StreamSpec spec) override {
    if (streams.contains(spec.name)) return base::error("the name is taken");
    const std::string name = spec.name;
    streams[name].spec = std::move(spec);
    return {};
  }
  bool remove(const std::string& name) override { return streams.erase(name) > 0; }
  std::optional<StreamStatus> find(const std::string& name) const override {
    const auto at = streams.find(name);
    return at == streams.end() ? std::nullopt : std::optional{at->second};
  }
  std::vector<StreamStatus> list() const override {
    std::vector<StreamStatus> all;
    for (const auto& [name, status] : streams) all.push_back(status);
    return all;
  }

  base::Result<void> put_on_air(const std::string& name, Feed source, bool pinned) override {
    const auto at = streams.find(name);
    if (at == streams.end()) return base::error("there is no such stream");
    if (source == Feed::kBackup && !at->second.spec.backup) return base::error("it has no backup");
    at->second.on_air = source;
    if (pinned) at->second.pinned = source;
    return {};
  }
  base::Result<void> unpin(const std::string& name) override {
    const auto at = streams.find(name);
    if (at == streams.end()) return base::error("there is no such stream");
    at->second.pinned.reset();
    return {};
  }

  base::Result<void> add_forward(const std::string& name, ForwardSpec spec) override {
    const auto at = streams.find(name);
    if (at == streams.end()) return base::error("there is no such stream");
    if (const auto checked = check_forward(spec, at->second.spec.backup.has_value()); checked.has_error()) return checked;
    at->second.forward.push_back({.spec = std::move(spec)});
    return {};
  }
  base::Result<void> remove_forward(const std::string& name, const std::string& destination) override {
    const auto gone = std::erase_if(streams[name].forward, [&](const ForwardStatus& each) { return each.spec.name == destination; });
    return gone == 0 ? base::error("there is no such destination") : base::Result<void>{};
  }
  std::vector<RefusedPublisher> refused_publishers() const override { return refused; }
  base::Result<void> run_forward(const std::string& name, const std::string& destination, bool run) override {
    for (ForwardStatus& each : streams[name].forward) {
      if (each.spec.name == destination) return each.state = run ? ForwardState::kWaiting : ForwardState::kStopped, base::Result<void>{};
    }
    return base::error("there is no such destination");
  }

  // A ready live stream with one video track "video-720p": segments 0 to 3, "segment N " repeated to `segment_size` bytes.
  StreamStatus& add_ready(const std::string& name, AccessPolicy access, std::size_t segment_size = 1000) {
    Presentation presentation{{.name = name, .availability_start = {}}, {video()}};
    for (std::int64_t n = 0; n < 4; ++n) presentation.publish({segment(n, segment_size)});
    StreamStatus& status = streams[name];
    status.spec.name = name;
    status.spec.access = access;
    status.state = StreamState::kReady;
    status.snapshot = presentation.snapshot();
    return status;
  }

  std::map<std::string, StreamStatus> streams;
  std::vector<RefusedPublisher> refused;

 private:
  static TrackInfo video() {
    TrackInfo info;
    info.name = "video-720p";
    info.codec = "avc1.64001f";
    info.bandwidth = base::Bitrate::bits_per_second(2'500'000);
    info.average_bandwidth = info.bandwidth;
    info.width = 1280;
    info.height = 720;
    info.frame_rate = 30;
    info.init = std::make_shared<const std::string>("init bytes");
    return info;
  }
  static Segment segment(std::int64_t number, std::size_t size) {
    std::string bytes;
    while (bytes.size() < size) bytes += "segment " + std::to_string(number) + ' ';
    bytes.resize(size);
    Segment out;
    out.number = number;
    out.start = number * 180'000;
    out.duration = 180'000;
    out.wall = base::UtcTime{std::chrono::seconds{2 * number}};
    out.bytes = std::make_shared<const std::string>(std::move(bytes));
    return out;
  }
};

}  // namespace server
