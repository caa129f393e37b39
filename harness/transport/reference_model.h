// ReferenceModel: the reference server as ModelTransport sees it: the same URLs, ladder, live window, gap slots and token rules,
// with segment sizes drawn around each rung's bitrate by seed. Pure but for its own state; no media is made.
// URLs: http://model/live/main/master.m3u8, …/manifest.mpd, …/TRACK/playlist.m3u8, …/TRACK/init.mp4, …/TRACK/N.m4s; the same under
// /vod/main/, and for main-2 and so on; POST http://model/v1/tokens and /v1/tokens/refresh, /v1/login, /v1/entitlements; the pages
// /watch/main, /embed/main and /login with what they load, in their real sizes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/transport/model_transport.h"

namespace harness {

class ReferenceModel final : public ModelServer {
 public:
  // The sizes of segments as the reference server's encoders make them of its test video "sports" (65 of 720p, 250 of audio): 1.02 of the
  // rung's rate with a standard deviation of 0.08 and none above 1.2; audio 0.98, of 0.006. Video is drawn from a triangle.
  static constexpr double kVideoMean = 1.02, kVideoSpread = 0.2;
  static constexpr double kAudioMean = 0.98, kAudioSpread = 0.01;
  static constexpr base::ByteCount kInitSize = base::ByteCount::bytes(800);
  // As its answers say of playlists and manifests; zero: they are asked for anew each time.
  static base::Duration documents_fresh_for(bool live, base::Duration segment);

  struct Rung {
    int width, height;
    base::Bitrate bandwidth;
  };
  struct Options {
    std::string media_url = "http://model";  // as manifests and accounts have it
    bool live = true;
    std::size_t channels = 1;  // streams alike but for the sizes of their segments: "main", "main-2", …
    std::vector<Rung> ladder;  // listed in this order; the first is where HLS players start
    base::Bitrate audio = base::Bitrate::bits_per_second(128'000);
    bool audio_muxed = false;  // in the video segments of every rung, not apart; HLS
    base::Duration segment_duration = std::chrono::seconds{2};
    std::size_t listed_segments = 8;
    bool blocking_reload = false;  // live playlists that are asked for with _HLS_msn are held until they list that segment
    base::Duration loss_after = std::chrono::milliseconds{500};  // without a picture: how late one may be with which a slot begins
    base::Duration vod_duration = std::chrono::seconds{60};
    base::Duration token_lifetime = std::chrono::seconds{60};
    base::Duration think = std::chrono::milliseconds{2};  // an assumption, stated in the report
    base::Duration login_think = think;                   // a password is hashed
    base::WallAnchor wall;                                // relates instants to UTC; the stream's media time 0 is at `wall.at`
    std::uint64_t seed = 1;
  };
  explicit ReferenceModel(Options options);
  ~ReferenceModel();

  ModelReply reply(base::Instant now, const TransportRequest& request) override;
  base::Instant announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) override;
  // When a request that arrives then can be answered: later, where it is held. May be asked on any thread.
  base::Instant held_until(base::Instant arrival, const TransportRequest& request) const;

  // Whether the token that a request shows is good: 200, 401 or 403; 200 without one. An edge asks, which has the keys.
  int access(base::Instant now, const TransportRequest& request) const;

  // When a stream goes on again, or is lost, as far as is known.
  struct HaltEnd {
    base::Instant at;
    bool is_loss = false;
  };
  // What becomes of live streams to which nothing comes: what has passed since is not listed before they go on; or they are lost, and slots
  // that were not begun then become gaps. Either until resume(). Requests that are held when it begins are answered with what there is.
  void halt(base::Instant since, HaltEnd end);
  void lose(base::Instant since, base::Instant now);
  void resume(base::Instant now);
  // Every access token of the group issued so far becomes invalid.
  void expire_group(const std::string& group);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness
