// FileSource: a file as a camera: decoded in real time, for ever, with timestamps that go on over each return to its beginning.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

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
  // False: the source is to stop.
  bool wait_until(base::Instant when);

  const std::string file_;
  SourceSink& sink_;
  base::Duration pass_start_{};               // on the continuous clock
  base::Duration pass_end_{};                 // where the next pass starts
  std::optional<base::Duration> file_start_;  // timestamp of the file's first picture
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
