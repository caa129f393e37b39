// PublishSession: what a protocol makes of a publisher's bytes: bytes in, bytes out, and what its host is asked. Pure: it knows neither
// sockets nor clocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/ingest/admission.h"

namespace server {

// Why a publisher is hung up that speaks its protocol well.
enum class Dismissal {
  kSilent,      // it did not say in time what was due
  kDisplaced,   // another has its place, or the point is closed
  kUnreadable,  // the media that it sends are not what they should be
};

// A publisher that does not stay because of what it asked for or sent.
struct TurnedAway {
  Refusal refusal = Refusal::kBadRequest;
  std::string point;   // what it would publish to; empty: it has not said
  std::string reason;  // a sentence
};

class PublishSession {
 public:
  virtual void receive(std::span<const std::uint8_t> bytes) = 0;

  // What is to be sent.
  virtual std::string_view output() const = 0;
  virtual void sent(std::size_t size) = 0;

  // The publisher has said what it must: from now on only silence ends it.
  virtual bool is_let_in() const = 0;
  // Send the output, then hang up; receives no more.
  virtual bool is_over() const = 0;
  // Of one that is over. Nothing: it ended well, or the points have refused it and know.
  virtual std::optional<TurnedAway> turned_away() const = 0;
  // Says so, where the protocol has words for it, and is over; otherwise there is nothing to say.
  virtual void dismiss(Dismissal) {}

 protected:
  ~PublishSession() = default;
};

}  // namespace server
