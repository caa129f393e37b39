// SourceLane: one source on its way to the air. Puts its pictures and sound onto the stream's timeline and keeps the latest of them, so
// that whoever switches to it goes on where the other source broke off, and nothing is missing. One thread.
#pragma once

#include <deque>
#include <optional>
#include <variant>

#include "server/ingest/source.h"
#include "server/transcode/source_clock.h"

namespace server {

class SourceLane {
 public:
  // `kept`: how far back, in media time.
  SourceLane(const SourceClock::Options& clock, base::Duration kept) : clock_{clock}, kept_{kept} {}

  // A new connection: what came before it is not shown any more.
  void connect();
  // `now`: media time of the moment; no new anchor lies before `earliest`. `capture_zero`: the time of capture that media time 0 has on
  // air, when both stamp their pictures.
  void take(base::Duration now, VideoFrame frame, base::Duration earliest, std::optional<base::UtcTime> capture_zero);
  void take(AudioBlock block);

  struct Timed {
    base::Duration at;  // media time
    std::variant<VideoFrame, AudioBlock> media;
  };
  // What belongs before `from` is not kept any longer. Returns how many pictures that were.
  std::size_t drop_before(base::Duration from);
  // Takes the oldest that is kept, in the order in which it came.
  std::optional<Timed> take_next();

 private:
  void keep_sound(base::Duration at, AudioBlock block);
  void keep(base::Duration at, std::variant<VideoFrame, AudioBlock> media);

  SourceClock clock_;
  base::Duration kept_;
  base::Duration newest_picture_{};
  std::deque<AudioBlock> early_;  // came before the connection's first picture
  std::deque<Timed> latest_;
};

}  // namespace server
