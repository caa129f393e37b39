// Disturbance: what a feed does to its clip's units before they are sent, by command: loss, stall, other pictures, silence. Pure but for
// the codecs. Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "generators/feed/clip.h"
#include "generators/feed/command.h"
#include "generators/feed/picture_encoder.h"

namespace generators {

class Disturbance {
 public:
  explicit Disturbance(const Clip& clip) : clip_{clip}, loss_{base::Random::stream(1, "loss")} {}
  // Effective with the next unit. Commands that are about the connection or its timestamps are not for here. Throws base::RunFailed.
  void apply(const FeedCommand& command);
  // The next unit is a key frame that does not follow the last.
  void begin();
  // Returns: what to send; nothing when it is held back. Throws base::RunFailed.
  std::optional<Unit> pass(Unit unit);

 private:
  std::optional<Unit> picture(Unit unit);
  std::optional<Unit> sound(Unit unit);
  Unit as_it_looks(const Unit& unit);

  const Clip& clip_;
  base::Random loss_;
  double lost_share_ = 0;
  bool is_stalled_ = false, awaits_key_frame_ = false, is_silent_ = false;
  PictureEncoder::Look look_;
  std::vector<Unit> group_;  // the clip's own pictures since its last key frame
  std::unique_ptr<PictureEncoder> encoder_;
  std::vector<std::uint8_t> silence_;
};

}  // namespace generators
