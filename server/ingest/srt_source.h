// SrtSource: the contribution of one stream over SRT. Lives as long as the stream: publishers come and go, each is demuxed and decoded
// on the source's own thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/ingest/media_reader.h"
#include "server/ingest/source.h"
#include "server/ingest/srt_listener.h"

namespace server {

class SrtSource final : public Source, private ConnectionTaker {
 public:
  // Requires: `listener` and `sink` outlive the source.
  SrtSource(SrtListener& listener, std::string name, std::string key, SourceSink& sink);
  ~SrtSource() override;

 private:
  void take(std::shared_ptr<ByteQueue> mpeg_ts) override;
  void run();
  // Null: the source is to stop.
  std::shared_ptr<ByteQueue> next_connection();
  void play(ByteQueue& mpeg_ts);

  SrtListener& listener_;
  const std::string name_;
  SourceSink& sink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<ByteQueue> waiting_, playing_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
