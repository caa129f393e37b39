// MediaReader: pulls decoded pictures and sound out of a file or of the bytes of a connection. One thread at a time. Only the
// first video and the first audio track count; of a connection one that begins later takes the place of one that has fallen silent. What is
// broken is passed over. A stream is not probed: each decoder opens with the first packet of its track.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "server/ingest/byte_queue.h"
#include "server/ingest/source.h"

namespace server {

using Media = std::variant<VideoFrame, AudioBlock>;

class MediaReader {
 public:
  // `packets`: told of each packet of the two tracks, once its track is known well enough to be passed on.
  // Throws base::RunFailed naming the file and the reason: not there, not a media file, no video track.
  static std::unique_ptr<MediaReader> open_file(const std::string& file, PacketTap packets = {});
  using Tap = std::function<void(std::span<const std::uint8_t>)>;
  using Notice = std::function<void(const std::string&)>;
  // Waits for the first bytes. Throws base::RunFailed when they are not what they should be, as next() does later. `tap`: told of bytes
  // when they are demuxed; `unusable`: once of each track that cannot be decoded, with a sentence. Requires: `bytes` outlives the reader.
  static std::unique_ptr<MediaReader> open_stream(ByteQueue& bytes, Container container, Tap tap, PacketTap packets = {},
                                                  Notice unusable = {});
  ~MediaReader();

  // In the order of the container. Nothing: the end. `arrived` is set: to the time of decoding, and of a connection's last ones, which
  // only its end brings out, to that of those before.
  std::optional<Media> next();
  // Of a file; zero when it is not known.
  base::Duration duration() const;

 private:
  class Impl;
  explicit MediaReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
