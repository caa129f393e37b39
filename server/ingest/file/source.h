// FileSource: a file as a camera: decoded in real time, for ever, with timestamps that go on over each return to its beginning.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/ingest/media_reader.h"
#include "server/ingest/source.h"

namespace server {

class FileSource final : public Source {
 public:
  // Starts at once. A file that cannot be played is told to the sink. Requires: `sink` outlives the source.
  FileSource(std::string file, SourceSink& sink);
  ~FileSource() override;

 private:
  void run();
  // One pass through the file. False: it holds no picture, or the source is to stop.
  bool play(base::Instant start);
  // False: the source is to stop. Packets that are due meanwhile go out.
  bool wait_until(base::Instant start, base::Duration when);
  void place_packets();

  const std::string file_;
  SourceSink& sink_;
  base::Duration pass_start_{};                         // on the continuous clock
  base::Duration pass_end_{};                           // where the next pass starts
  std::optional<base::Duration> file_start_;            // timestamp of the file's first picture
  std::vector<MediaPacket> read_;                       // in this pass, on the file's clock
  std::multimap<base::Duration, MediaPacket> packets_;  // not due yet, on the continuous clock: a file's tracks lie in chunks
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
