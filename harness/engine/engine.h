// Engine: the decisions of one player implementation: what to load next and when, from which rendition, when to give up on a running
// download, what to do about a failed one. The session (harness/player) keeps lanes, listings, buffers, tokens and the playhead, asks
// the engine at the right moments and does what it says. Pure: no clock, no randomness; an engine belongs to one viewer.
//
//   manifest arrives ─▶ start_rendition ─▶ listings ─▶ next(video), next(audio) ─▶ Load ─▶ on_progress… ─▶ on_download ─▶ next …
//                                                                                           └ gives_up? ─▶ on_abort ─▶ next …
//
// An emulation of a further engine is a file of its own and a line in make_engine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/retry_policy.h"
#include "harness/engine/traits.h"
#include "harness/engine/words.h"
#include "harness/scenario/scenario.h"

namespace harness {

// A video rendition as the manifest declares it. HLS rates include audio where that is how they are declared.
struct LadderRung {
  base::Bitrate peak;     // HLS BANDWIDTH, DASH @bandwidth
  base::Bitrate average;  // HLS AVERAGE-BANDWIDTH; the peak where none is declared
  int height = 0;         // lines; 0: not declared
  bool operator==(const LadderRung&) const = default;
};

// One media or init request as the engine sees it.
struct Download {
  TrackKind track = TrackKind::kVideo;
  bool init = false;
  std::uint32_t reports = 0;           // of its progress so far
  std::size_t rendition = 0;           // index in the ladder; 0 for audio, beyond it: of one that is gone
  base::Duration start{}, duration{};  // of the segment on the presentation timeline; zero for init
  base::Instant asked;                 // the call
  std::optional<base::Instant> first_byte{};
  base::Instant latest;  // of the last news: progress, or the last byte
  base::ByteCount received{};
  std::optional<base::ByteCount> expected{};  // in all, once the answer says it
  bool cached = false;                        // complete, from the browser's cache
  base::Bitrate rate{};                       // declared, of the rendition of video, when it was asked for
};

class LadderChange;

// What an engine sees of its session. Durations are media time unless said otherwise.
class PlayerView {
 public:
  virtual base::Instant now() const = 0;
  virtual const Device& device() const = 0;
  virtual const std::vector<LadderRung>& ladder() const = 0;  // ascending, capped by screen size; never empty when next() is asked
  virtual std::size_t first_listed() const = 0;               // index in the ladder of the rendition that the manifest lists first
  virtual PlayerState state() const = 0;
  virtual base::Duration playhead() const = 0;
  virtual double rate() const = 0;                                    // of playback; 1 while it is not playing
  virtual bool has(TrackKind kind) const = 0;                         // video always; audio when it is separate
  virtual base::Duration level(TrackKind kind) const = 0;             // ahead of the playhead, what is being appended included
  virtual base::Duration next(TrackKind kind) const = 0;              // where the last segment asked for ends: where loading goes on
  virtual const Download* running(TrackKind kind) const = 0;          // the segment (not init) on its way, planned ones included
  virtual base::Duration segment_duration(TrackKind kind) const = 0;  // of the segment at next(); the longest listed where none is
  virtual std::optional<base::Duration> segment_start(TrackKind kind, base::Duration position) const = 0;  // of the listed one there
  virtual base::Duration buffered_end(TrackKind kind) const = 0;                                           // of what is received
  // The rendition of the received video at `position`; nothing where none is.
  virtual std::optional<std::size_t> buffered_rendition(base::Duration position) const = 0;
  virtual bool is_live() const = 0;                                       // more segments will be listed
  virtual bool is_listed(std::size_t rendition) const = 0;                // its playlist is here (always in DASH)
  virtual base::Duration target_duration() const = 0;                     // HLS TARGETDURATION; DASH: the longest segment
  virtual std::optional<base::Duration> end(TrackKind kind) const = 0;    // of the content, where it is known (VOD)
  virtual std::optional<base::Duration> live_delay() const = 0;           // how far behind the edge it means to be; nothing in VOD
  virtual bool names_live_delay() const { return false; }                 // the stream itself: HLS HOLD-BACK
  virtual std::optional<base::Duration> live_edge() const { return {}; }  // end of the listed video; nothing in VOD
  virtual std::optional<base::Duration> latency() const { return {}; }    // live: wall clock less the playhead, where the stream dates it
  virtual base::Bitrate audio_rate() const { return {}; }                 // declared for the audio track alone: DASH
  virtual bool is_independent() const { return true; }                    // any segment can be decoded by itself
  virtual bool is_hidden() const { return false; }                        // the page is in the background, where timers run late
  virtual bool moves_window() const { return false; }  // live, and the viewer is still to act: each event says anew how far it may seek

 protected:
  ~PlayerView() = default;
};

// Load the first segment that reaches beyond `from`, from `rendition`; the call is made `pause` from now.
struct Load {
  std::size_t rendition = 0;
  base::Duration from{};
  base::Duration pause{};
  bool drops_rest = false;  // the media received from there on is forgotten first
  bool kept = true;         // false: looked at and forgotten; it is not media to play, and `from` stays where loading goes on
};
// Nothing now. Asked again at `until`, and earlier whenever something happens: an engine that polls keeps its own clock.
struct Pause {
  base::Instant until = base::Instant::max();
};
using Next = std::variant<Load, Pause>;

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  virtual const EngineTraits& traits() const = 0;

  // The manifest is here, or the first playlist failed: which rendition's playlist to load first.
  virtual std::size_t start_rendition(const PlayerView& view) = 0;
  // The track has nothing on its way. Requires: a position to load from is known.
  virtual Next next(TrackKind kind, const PlayerView& view) = 0;
  // Asked with each progress report and at wake(). True: the download is aborted, next() is asked at once.
  virtual bool gives_up(const Download&, const PlayerView&) { return false; }
  // HLS: a rendition whose playlist is to be loaded while a segment of another one is on its way; it is the selected one from then on.
  virtual std::optional<std::size_t> prepares(const PlayerView&) const { return std::nullopt; }
  // When gives_up() is to be asked besides; nothing: not.
  virtual std::optional<base::Instant> wake(const PlayerView&) const { return std::nullopt; }
  // A request failed for another reason than its token. A retry without a pause is asked of next() again, which may choose another
  // rendition.
  virtual Remedy remedy(const FailedRequest& request, const PlayerView&) { return remedy_for(request); }
  // 1: normal speed. Asked, of engines whose traits say so, when playback state or live latency may have changed.
  virtual double playback_rate(const PlayerView&) { return 1; }

  // Which progress of a running download may make a difference to what it decides. Of other progress it is not told, and nothing happens.
  virtual Heed heeds_from(const Download&, const PlayerView&) const { return {}; }

  // Until when it will decide nothing, if play goes on as it does and nothing but progress comes: load or give up nothing, and want to be
  // asked again no later than it said. Of progress before then it hears by note_progress() and is asked nothing. Asked while it plays, at
  // normal speed unless its traits say that it steers it, and timers run on time.
  virtual base::Instant quiet_until(const PlayerView&) const { return {}; }
  // Progress may make it decide something before then all the same, so that it has to hear of each report at its instant. Otherwise it may
  // hear late, from a view that still is of before.
  virtual bool judges_progress(const PlayerView&) const { return false; }

  // News.
  virtual void on_progress(const Download&, const PlayerView&) {}
  // Returns: whether it may decide something now. If so, it is asked as after on_progress(), which does not follow.
  virtual bool note_progress(const Download& download, const PlayerView& view) {
    on_progress(download, view);
    return false;
  }
  virtual void on_download(const Download&, const PlayerView&) {}  // complete, init and segments
  virtual void on_abort(const Download&, const PlayerView&) {}
  // The manifest that has come again has other renditions: the view and its downloads are of the new ladder, and so is what the engine
  // names from now on. Before on_manifest().
  virtual void on_ladder(const LadderChange&, const PlayerView&) {}
  virtual void on_manifest(const PlayerView&) {}  // again, during play
  virtual void on_playlist(std::size_t /*rendition*/, base::Duration /*took*/, const PlayerView&) {
  }                                                                     // HLS video playlist, manifest left out
  virtual void on_state(PlayerState /*entered*/, const PlayerView&) {}  // starting, playing, stalled, paused; starting again after a seek

  // Present estimate of the throughput; nothing before the first sample.
  virtual std::optional<base::Bitrate> throughput() const = 0;
};

// What the device's own numbers make of its player; nothing where the engine is an emulation, whose traits are fixed.
std::optional<EngineTraits> own_traits(const Device& device);
// `traits`: the device's own, where players share them; null: this player's alone.
std::unique_ptr<Engine> make_engine(const Device& device, std::shared_ptr<const EngineTraits> traits = {});

}  // namespace harness
