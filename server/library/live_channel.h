// LiveChannel: a live stream: the threads of its sources decode and queue, its own thread encodes and publishes (live_output.h), on the
// clock also while nothing comes.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "server/ingest/publish_points.h"
#include "server/ingest/source.h"
#include "server/library/channel.h"
#include "server/library/fan_out.h"
#include "server/library/live_output.h"
#include "server/library/source_metrics.h"

namespace server {

class LiveChannel final : public Channel {
 public:
  // Starts at once. Requires: all references outlive the channel; no other channel of this name is open.
  LiveChannel(StreamSpec spec, PublishPoints& points, prometheus::Registry& registry, ChangeBell& bell);
  ~LiveChannel() override;
  void ask_to_stop() override;
  StreamStatus status() const override;
  base::Result<void> put_on_air(Feed source, bool pinned) override;
  base::Result<void> unpin() override;
  base::Result<void> add_forward(ForwardSpec spec) override { return fan_out_.add(std::move(spec)); }
  std::unique_ptr<Forwarder> take_forward(const std::string& destination) override { return fan_out_.take(destination); }
  base::Result<void> run_forward(const std::string& destination, bool run) override { return fan_out_.run(destination, run); }

 private:
  struct Connected {};
  struct Bytes {
    std::vector<std::uint8_t> bytes;
    Container container;
  };
  struct Disconnected {
    std::string reason;
  };
  struct Remark {
    std::string text;
  };
  struct NextFile {
    std::string file;
  };
  struct Failed {
    std::string reason;
  };
  struct Unusable {
    std::string reason;
  };
  struct Refused {
    Refusal refusal;
    std::string reason;
  };
  struct Order {
    bool pinned = false, unpin = false;
  };
  using Event = std::variant<Connected, Bytes, VideoFrame, AudioBlock, Disconnected, Remark, NextFile, Failed, Unusable, Refused, Order>;
  struct Queued {
    Feed feed = Feed::kPrimary;
    Event event;
  };
  // What one source says goes into the queue under its name.
  class Sink final : public SourceSink {
   public:
    Sink(LiveChannel& channel, Feed feed)
        : channel_{channel}, feed_{feed}, what_{feed == Feed::kBackup ? ForwardWhat::kBackup : ForwardWhat::kPrimary} {}
    void on_connected() override { channel_.push(feed_, Connected{}); }
    void on_bytes(std::span<const std::uint8_t> bytes, Container container) override {
      channel_.push(feed_, Bytes{{bytes.begin(), bytes.end()}, container});
    }
    void on_packet(const MediaPacket& packet) override { channel_.fan_out_.offer(what_, packet); }
    void on_video(VideoFrame frame) override { channel_.push(feed_, std::move(frame)); }
    void on_audio(AudioBlock block) override { channel_.push(feed_, std::move(block)); }
    void on_disconnected(const std::string& reason) override { channel_.push(feed_, Disconnected{reason}); }
    void on_remark(const std::string& remark) override { channel_.push(feed_, Remark{remark}); }
    void on_next_file(const std::string& file) override { channel_.push(feed_, NextFile{file}); }
    void on_failed(const std::string& reason) override { channel_.push(feed_, Failed{reason}); }
    void on_unusable(const std::string& reason) override { channel_.push(feed_, Unusable{reason}); }
    void on_refused(Refusal refusal, const std::string& reason) override { channel_.push(feed_, Refused{refusal, reason}); }

   private:
    LiveChannel& channel_;
    Feed feed_;
    ForwardWhat what_;
  };
  struct Waiting {
    std::size_t frames = 0, blocks = 0, pieces = 0, refusals = 0;
  };

  void push(Feed feed, Event event);
  // Requires: queue_mutex_ is held.
  bool is_behind(Feed feed, const VideoFrame& frame) const;
  struct Bound {
    std::size_t& waiting;
    std::size_t most;
  };
  // How many events of its kind wait, and may; nothing: as many as come. Requires: queue_mutex_ is held.
  std::optional<Bound> bound_of(Feed feed, const Event& event);

  void run();
  // Nothing: time to tick.
  std::optional<Queued> next_event();
  bool is_idle();
  void take(Feed feed, const Connected&);
  void take(Feed feed, const Bytes& bytes);
  void take(Feed feed, VideoFrame&& frame);
  void take(Feed feed, AudioBlock&& block);
  void take(Feed feed, const Disconnected& event);
  void take(Feed feed, const Remark& event) { output_.remark(feed, event.text); }
  void take(Feed feed, const NextFile& event) { output_.next_file(feed, event.file); }
  void take(Feed feed, const Failed& event) { output_.failed(feed, event.reason); }
  void take(Feed feed, const Unusable& event) { output_.unusable(feed, event.reason); }
  void take(Feed feed, const Refused& event) { output_.refused(feed, event.refusal, event.reason); }
  void take(Feed feed, const Order& order);
  void show();
  void measure(base::Instant now);
  void fail(const std::string& reason);

  const StreamSpec spec_;
  ChangeBell& bell_;
  PublishPoints& points_;
  StreamMetrics metrics_;
  SourceMetrics primary_metrics_;
  std::optional<SourceMetrics> backup_metrics_;
  base::Instant measured_{};
  std::atomic<bool> stopping_ = false;
  FanOut fan_out_;
  LiveOutput output_;  // the encoder thread's
  std::uint64_t losses_shown_ = 0, history_shown_ = 0;

  mutable std::mutex status_mutex_;
  StreamStatus status_;  // all but the snapshot
  std::shared_ptr<const Presentation> presentation_;

  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::deque<Queued> queue_;
  std::array<Waiting, 2> waiting_;

  std::thread thread_;
  Sink primary_sink_{*this, Feed::kPrimary}, backup_sink_{*this, Feed::kBackup};
  std::vector<std::unique_ptr<Source>> sources_;  // last: they call the rest, so they go first
};

}  // namespace server
