// PublisherSource: what publishers send to one point. Lives as long as the stream: publishers come and go, each is demuxed and decoded on
// the source's own thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/ingest/media_reader.h"
#include "server/ingest/publish_points.h"
#include "server/ingest/source.h"

namespace server {

class PublisherSource final : public Source, private ConnectionTaker {
 public:
  // Requires: `points` and `sink` outlive the source; no point of that name is open.
  PublisherSource(PublishPoints& points, std::string point, PublishPoints::Options options, SourceSink& sink);
  ~PublisherSource() override;

 private:
  struct Connection {
    std::shared_ptr<ByteQueue> bytes;
    Container container = Container::kMpegTs;
  };
  void take(std::shared_ptr<ByteQueue> bytes, Container container) override;
  void refused(Refusal refusal, const std::string& reason) override { sink_.on_refused(refusal, reason); }
  void run();
  // Nothing: the source is to stop.
  std::optional<Connection> next_connection();
  void play(const Connection& connection);

  PublishPoints& points_;
  const std::string point_;
  SourceSink& sink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Connection> waiting_, playing_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
