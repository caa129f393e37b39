// HlsJsEngine: hls.js 1.7.4 with its default settings. The rules stand in the other hlsjs_ files; this one knows when hls.js applies
// them: video as stream-controller.ts loads it, audio as audio-stream-controller.ts does, both looking again every 100 ms.
#pragma once

#include "harness/engine/engine.h"
#include "harness/engine/hlsjs_abandon_rule.h"
#include "harness/engine/hlsjs_audio_rule.h"
#include "harness/engine/hlsjs_bandwidth.h"
#include "harness/engine/hlsjs_error_rule.h"
#include "harness/engine/hlsjs_start_rule.h"

namespace harness {

class HlsJsEngine final : public Engine {
 public:
  explicit HlsJsEngine(const Device& device);
  const EngineTraits& traits() const override;
  std::size_t start_rendition(const PlayerView& view) override;
  Next next(TrackKind kind, const PlayerView& view) override;
  bool gives_up(const Download& download, const PlayerView& view) override;
  std::optional<std::size_t> prepares(const PlayerView& view) const override;
  std::optional<base::Instant> wake(const PlayerView& view) const override;
  Remedy remedy(const FailedRequest& request, const PlayerView& view) override;
  base::Instant quiet_until(const PlayerView& view) const override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_playlist(std::size_t rendition, base::Duration took, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override { return bandwidth_.measured(); }

 private:
  Next next_video(const PlayerView& view);
  Next next_audio(const PlayerView& view);
  Next first(TrackKind kind, const PlayerView& view);
  std::optional<Pause> wait_for_first(TrackKind kind, const PlayerView& view) const;
  base::Instant first_release() const;
  base::Duration gap(TrackKind kind, const PlayerView& view) const;
  Pause wait_at_edge(const PlayerView& view) const;
  std::optional<Pause> wait_while_full(TrackKind kind, const PlayerView& view) const;
  base::Duration most_buffered(const PlayerView& view) const;
  std::size_t choose_level(const PlayerView& view);
  hlsjs::Outlook outlook(const PlayerView& view) const;
  base::Instant next_check(const Download& download) const;
  void video_arrived(const Download& download, bool is_first);
  bool leave(const Download& download, const hlsjs::Loading& loading, const hlsjs::Rescue& rescue, const PlayerView& view);
  void sample(const Download& download, bool is_first);

  hlsjs::Bandwidth bandwidth_;
  hlsjs::AudioRule audio_;
  hlsjs::Failures failures_;
  std::vector<hlsjs::Level> levels_;
  base::CompactOptional<std::size_t> loaded_;  // level of the last video segment received
  base::Duration segment_{};                   // duration of the last video segment received
  base::ByteCount last_size_{};                // of the last video segment received
  base::Duration playlist_{};                  // what the last playlist took after its first byte
  base::Instant tick_zero_{};                  // the 100 ms ticks count from here
  base::CompactOptional<std::size_t> rescue_;  // level whose playlist has to be here before the running download is left
  base::Instant checked_{};                    // the running download, whether to leave it
  base::Instant live_zero_{};                  // of the live position that hls.js means to hold
  hlsjs::FirstSegments first_;
  std::array<base::Instant, 2> last_at_{};  // arrival of each track's last segment
};

}  // namespace harness
