// FileSource: files as a camera: decoded in real time, one after the other, for ever, with timestamps that go on over each seam. A file
// ends with its pictures: sound that goes on beyond them would overlap with the next.
#pragma once

#include <condition_variable>
#include <deque>
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
  // Starts at once. A file that cannot be played is passed over and told to the sink; when none can, the source has failed.
  // Requires: there are files; `sink` outlives the source.
  FileSource(std::vector<std::string> files, SourceSink& sink);
  ~FileSource() override;

 private:
  void run();
  // One pass through a file. False: the source is to stop. Throws base::RunFailed when it cannot be played.
  bool play(const std::string& file);
  // Each of these: false: the source is to stop.
  bool show(VideoFrame frame);
  bool hear(AudioBlock block);
  // What ends by then, on the continuous clock.
  bool play_sound(base::Duration until);
  // What is left of the file.
  bool end_sound();
  // Packets that are due meanwhile go out.
  bool wait_until(base::Duration when);
  // From the file's clock to the continuous one. Requires: the first picture has come.
  base::Duration placed(base::Duration timestamp) const { return timestamp - *file_start_ + pass_start_; }
  void place_packets();
  void send_the_rest();
  // Tells what is passed over now, when that has changed. `reason`: empty: the file plays.
  void remark(const std::string& file, const std::string& reason);
  std::string reasons() const;

  const std::vector<std::string> files_;
  SourceSink& sink_;
  base::Instant start_;                                 // when the continuous clock was 0
  base::Duration pass_start_{};                         // on the continuous clock
  base::Duration pass_end_{};                           // where the next pass starts
  std::optional<base::Duration> file_start_;            // timestamp of the file's first picture
  std::string file_;                                    // in this pass
  bool sound_alone_ = false;                            // it goes on where the pictures have ended
  std::deque<AudioBlock> sound_;                        // in this pass, on the file's clock, until pictures have come as far
  std::vector<MediaPacket> read_;                       // in this pass, on the file's clock
  std::multimap<base::Duration, MediaPacket> packets_;  // not due yet, on the continuous clock: a file's tracks lie in chunks
  std::map<std::string, std::string> passed_over_;      // the reasons, by file
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
