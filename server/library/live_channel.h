// LiveChannel: a live stream: its source's thread decodes and queues, its own thread encodes and publishes, on the clock also while
// nothing comes. The packager is made with the first picture and stays; sources come and go.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "server/ingest/publish_points.h"
#include "server/ingest/source.h"
#include "server/library/channel.h"
#include "server/library/packager.h"

namespace server {

class LiveChannel final : public Channel, private SourceSink {
 public:
  // Starts at once. Requires: all references outlive the channel; no other channel of this name is open.
  LiveChannel(StreamSpec spec, PublishPoints& points, prometheus::Registry& registry, ChangeBell& bell);
  ~LiveChannel() override;
  void ask_to_stop() override;
  StreamStatus status() const override;

 private:
  struct Connected {};
  struct Disconnected {
    std::string reason;
  };
  struct Failed {
    std::string reason;
  };
  using Event = std::variant<Connected, VideoFrame, AudioBlock, Disconnected, Failed>;

  void on_connected() override;
  void on_video(VideoFrame frame) override;
  void on_audio(AudioBlock block) override;
  void on_disconnected(const std::string& reason) override;
  void on_failed(const std::string& reason) override;
  void push(Event event);

  void run();
  // Nothing: time to tick.
  std::optional<Event> next_event();
  bool is_idle();
  void take(const Connected&);
  void take(const VideoFrame& frame);
  void take(const AudioBlock& block);
  void take(const Disconnected& event);
  void take(const Failed& event);
  bool begin_with(const VideoFrame& frame);
  void tick();
  void show();
  void fail(const std::string& reason);

  const StreamSpec spec_;
  ChangeBell& bell_;
  StreamMetrics metrics_;

  // The encoder thread's.
  std::unique_ptr<Packager> packager_;
  base::Instant epoch_;
  bool was_running_ = false;
  std::uint64_t losses_shown_ = 0;
  std::string last_word_;  // what the source said when it left

  mutable std::mutex status_mutex_;
  StreamStatus status_;  // all but the snapshot
  std::shared_ptr<const Presentation> presentation_;

  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::deque<Event> queue_;
  std::size_t queued_frames_ = 0, queued_blocks_ = 0;
  std::atomic<bool> stopping_ = false;

  std::thread thread_;
  std::unique_ptr<Source> source_;  // last: it calls the rest, so it goes first
};

}  // namespace server
