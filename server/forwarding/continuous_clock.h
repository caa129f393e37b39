// ContinuousClock: timestamps of what is sent to a destination: from 0, in step with the source's, and never back, whatever the source's
// do. Where they jump (an encoder was started anew, a file begins again, a clock wrapped) the new ones are laid where the wall clock says.
// Both tracks keep the same distance from their source's clock, so sound and pictures stay together. Pure.
#pragma once

#include <array>
#include <optional>

#include "server/ingest/media_packet.h"

namespace server {

class ContinuousClock {
 public:
  struct Times {
    base::Duration decode{}, present{};
    friend bool operator==(const Times&, const Times&) = default;
  };
  // Nothing: leave it out. That is sound from before the first picture, or that overlaps with what was sent.
  std::optional<Times> place(const MediaPacket& packet);

 private:
  struct Track {
    bool begun = false;
    base::Duration offset{};  // from the source's clock to ours
    base::Duration last_in{}, last_out{};
    base::Instant arrived;  // the last one
  };
  bool follows(const Track& track, const MediaPacket& packet) const;
  base::Duration offset_for(const MediaPacket& packet, const Track& mine, const Track& other) const;
  std::array<Track, 2> tracks_;
};

}  // namespace server
