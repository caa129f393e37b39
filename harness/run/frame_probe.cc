#include "harness/run/frame_probe.h"

#include <algorithm>

#include "generators/video/segment_frames.h"
#include "media/hls.h"
#include "media/url.h"

namespace harness {
namespace {

constexpr base::ViewerId kProbe{0xFFFF'FFFD};
constexpr base::Duration kLookAgain = std::chrono::seconds{1};
constexpr base::Duration kProbePatience = std::chrono::seconds{10};

}  // namespace

FrameProbe::FrameProbe(base::Timeline& timeline, Transport& transport, std::string master_url, std::uint32_t loop)
    : timeline_{timeline}, transport_{transport}, master_url_{std::move(master_url)}, sequence_{loop}, thread_{[this] { decode_jobs(); }} {
  ask(Asked::kMaster, master_url_);
}

FrameProbe::~FrameProbe() {
  if (running_) transport_.cancel(*running_);
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

FrameCounts FrameProbe::counts(base::Instant from, base::Instant to) const {
  const std::lock_guard lock{mutex_};
  FrameCounts sum;
  for (const Decoded& each : decoded_) {
    if (each.at < from || each.at > to) continue;
    sum.delivered += each.counts.delivered;
    sum.missing += each.counts.missing;
    sum.repeated += each.counts.repeated;
  }
  return sum;
}

void FrameProbe::ask(Asked what, const std::string& url) {
  asked_ = what;
  running_ = transport_.start({.viewer = kProbe, .url = url, .timeout = kProbePatience, .keep_body = true}, *this);
}

void FrameProbe::later() {
  timer_ = timeline_.call_at(timeline_.now() + kLookAgain,
                             [this] { playlist_url_.empty() ? ask(Asked::kMaster, master_url_) : ask(Asked::kPlaylist, playlist_url_); });
}

void FrameProbe::next() {
  if (segments_.empty()) return later();
  if (init_.empty()) return ask(Asked::kInit, init_url_);
  ask(Asked::kSegment, segments_.front());
}

// What fails is passed over: the frames then are missing, as they are to a viewer who does not ask again.
void FrameProbe::on_outcome(TransferId, TransportOutcome&& outcome) {
  running_.reset();
  const bool good = outcome.failure.empty() && outcome.status == 200;
  const std::string body = good ? *outcome.body : "";
  switch (asked_) {
    case Asked::kMaster:
      if (good) take_master(body);
      return playlist_url_.empty() ? later() : ask(Asked::kPlaylist, playlist_url_);
    case Asked::kPlaylist:
      if (good) take_playlist(body);
      return next();
    case Asked::kInit:
      init_ = body;
      return good ? next() : later();
    case Asked::kSegment:
      segments_.pop_front();
      if (good) {
        const std::lock_guard lock{mutex_};
        jobs_.push_back({timeline_.now(), init_, body});
      }
      changed_.notify_all();
      return next();
  }
}

void FrameProbe::take_master(const std::string& text) {
  const auto parsed = media::parse_hls(text);
  const auto* master = parsed.has_value() ? std::get_if<media::HlsMultivariantPlaylist>(&*parsed) : nullptr;
  if (master == nullptr || master->variants.empty()) return;
  const auto lowest = std::ranges::min_element(master->variants, {}, [](const media::HlsVariant& variant) { return variant.bandwidth; });
  playlist_url_ = media::resolve_url(master_url_, lowest->uri);
}

// Begins with the newest segment.
void FrameProbe::take_playlist(const std::string& text) {
  const auto parsed = media::parse_hls(text);
  const auto* playlist = parsed.has_value() ? std::get_if<media::HlsMediaPlaylist>(&*parsed) : nullptr;
  if (playlist == nullptr || playlist->segments.empty()) return;
  const auto end = playlist->media_sequence + static_cast<std::int64_t>(playlist->segments.size());
  if (next_number_ < 0) next_number_ = end - 1;
  for (; next_number_ < end; ++next_number_) {
    if (next_number_ < playlist->media_sequence) continue;
    const media::HlsSegment& segment = playlist->segments[static_cast<std::size_t>(next_number_ - playlist->media_sequence)];
    if (segment.gap) continue;
    if (segment.init) init_url_ = media::resolve_url(playlist_url_, segment.init->uri);
    segments_.push_back(media::resolve_url(playlist_url_, segment.uri));
  }
}

void FrameProbe::decode_jobs() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Decoded decoded{.at = job.at, .counts = {}};
    if (const auto frames = generators::frames_of(job.init, job.segment); frames.has_value()) {
      for (const auto& frame : *frames) {
        const FrameSequence::Step step = sequence_.add(frame ? std::optional{frame->frame} : std::nullopt);
        decoded.counts.delivered += frame ? 1 : 0;
        decoded.counts.missing += step.missing;
        decoded.counts.repeated += step.repeated;
      }
    }
    lock.lock();
    decoded_.push_back(decoded);
  }
}

}  // namespace harness
