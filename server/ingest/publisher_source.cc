#include "server/ingest/publisher_source.h"

#include "base/errors.h"

namespace server {

PublisherSource::PublisherSource(PublishPoints& points, std::string point, PublishPoints::Options options, SourceSink& sink)
    : points_{points}, point_{std::move(point)}, sink_{sink}, thread_{[this] { run(); }} {
  points_.open(point_, std::move(options), *this);
}

PublisherSource::~PublisherSource() {
  points_.close(point_);
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (playing_) playing_->bytes->abandon();
  }
  changed_.notify_all();
  thread_.join();
}

void PublisherSource::take(std::shared_ptr<ByteQueue> bytes, Container container) {
  {
    const std::lock_guard lock{mutex_};
    waiting_ = Connection{std::move(bytes), container};
    if (playing_) playing_->bytes->abandon();  // the newcomer is live, what the one before still has queued is not
  }
  changed_.notify_all();
}

std::optional<PublisherSource::Connection> PublisherSource::next_connection() {
  std::unique_lock lock{mutex_};
  playing_.reset();
  changed_.wait(lock, [this] { return stopping_ || waiting_; });
  if (stopping_) return std::nullopt;
  playing_ = std::exchange(waiting_, std::nullopt);
  return playing_;
}

void PublisherSource::run() {
  while (const std::optional<Connection> connection = next_connection()) {
    sink_.on_connected();
    try {
      play(*connection);
      sink_.on_disconnected("the publisher has left");
    } catch (const base::RunFailed& failure) {
      connection->bytes->reject();
      sink_.on_unusable(failure.what());
      sink_.on_disconnected(failure.what());
    }
    connection->bytes->abandon();
  }
}

void PublisherSource::play(const Connection& connection) {
  const std::unique_ptr<MediaReader> reader = MediaReader::open_stream(
      *connection.bytes, connection.container, [&](std::span<const std::uint8_t> bytes) { sink_.on_bytes(bytes, connection.container); },
      [&](const MediaPacket& packet) { sink_.on_packet(packet); }, [&](const std::string& reason) { sink_.on_unusable(reason); });
  while (std::optional<Media> media = reader->next()) {
    if (auto* frame = std::get_if<VideoFrame>(&*media)) {
      sink_.on_video(std::move(*frame));
    } else {
      sink_.on_audio(std::get<AudioBlock>(std::move(*media)));
    }
  }
}

}  // namespace server
