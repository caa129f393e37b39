// FrameProbe: what comes of the contribution at a viewer's end: fetches every segment of a live HLS stream's lowest rendition as soon as it
// is listed, decodes it on a thread of its own and reads the identity of each frame.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/timeline.h"
#include "harness/run/frame_sequence.h"
#include "harness/transport/transport.h"

namespace harness {

struct FrameCounts {
  std::uint64_t delivered = 0;  // with an identity
  std::uint64_t missing = 0, repeated = 0;
};

class FrameProbe final : private TransferReceiver {
 public:
  // `loop`: frames of the test video. Begins at once. Requires: `timeline` and `transport` outlive the probe.
  FrameProbe(base::Timeline& timeline, Transport& transport, std::string master_url, std::uint32_t loop);
  ~FrameProbe();
  FrameProbe(const FrameProbe&) = delete;
  FrameProbe& operator=(const FrameProbe&) = delete;

  // Of the segments that were fetched in between and are decoded. Nothing delivered: the content carries no identities.
  FrameCounts counts(base::Instant from, base::Instant to) const;

 private:
  struct Job {
    base::Instant at;
    std::string init, segment;
  };
  struct Decoded {
    base::Instant at;
    FrameCounts counts;
  };
  enum class Asked { kMaster, kPlaylist, kInit, kSegment };
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId id, TransportOutcome&& outcome) override;
  void ask(Asked what, const std::string& url);
  void later();
  void next();
  void take_master(const std::string& text);
  void take_playlist(const std::string& text);
  void decode_jobs();

  base::Timeline& timeline_;
  Transport& transport_;
  const std::string master_url_;
  std::string playlist_url_, init_url_, init_;
  std::deque<std::string> segments_;  // listed, not fetched yet
  std::int64_t next_number_ = -1;     // of the first segment that is new
  Asked asked_ = Asked::kMaster;
  std::optional<TransferId> running_;
  base::Timer timer_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<Decoded> decoded_;
  FrameSequence sequence_;  // the decoder thread's
  std::thread thread_;
};

}  // namespace harness
