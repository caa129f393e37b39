#include "server/library/vod_channel.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/media_reader.h"
#include "server/library/ladder_of.h"
#include "server/transcode/source_clock.h"

namespace server {
namespace {

constexpr int kNice = 10;
// A file has no clock to be off: only a leap in its timestamps that no still picture explains is taken out.
constexpr base::Duration kLeap = std::chrono::seconds{10};

}  // namespace

VodChannel::VodChannel(StreamSpec spec, prometheus::Registry& registry, ChangeBell& bell)
    : spec_{std::move(spec)}, bell_{bell}, metrics_{registry, spec_.name} {
  status_.spec = spec_;
  status_.reason = "opening the file";
  thread_ = std::thread{[this] { run(); }};
}

VodChannel::~VodChannel() {
  stopping_ = true;
  thread_.join();
}

StreamStatus VodChannel::status() const {
  const std::lock_guard lock{mutex_};
  StreamStatus status = status_;
  if (presentation_ && status.state == StreamState::kReady) status.snapshot = presentation_->snapshot();
  return status;
}

void VodChannel::run() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);  // of this thread; without effect where it is refused
  try {
    package_file();
  } catch (const base::RunFailed& failure) {
    show(StreamState::kFailed, failure.what());
  }
}

void VodChannel::package_file() {
  const std::unique_ptr<MediaReader> reader = MediaReader::open_file(spec_.source.file);
  std::unique_ptr<Packager> packager;
  std::optional<SourceClock> clock;
  while (std::optional<Media> media = reader->next()) {
    if (stopping_) return;
    const auto* frame = std::get_if<VideoFrame>(&*media);
    if (packager == nullptr) {
      if (frame == nullptr || frame->frames_per_second <= 0) continue;
      packager = std::make_unique<Packager>(Packager::Options{.name = spec_.name,
                                                              .pace = Packager::Pace::kAtOnce,
                                                              .ladder = ladder_of(spec_),
                                                              .start = base::utc_now(),
                                                              .stopping = &stopping_},
                                            *frame, metrics_);
      clock.emplace(SourceClock::Options{.geometry = packager->geometry(), .jump = kLeap, .drift = Packager::kNever});
    }
    if (frame != nullptr) {
      const base::Duration now = packager->position();
      packager->video(now, clock->picture(now, frame->timestamp, now), *frame);
      show_progress(*packager, reader->duration());
    } else if (const auto& block = std::get<AudioBlock>(*media); const auto at = clock->media_time_of(block.timestamp)) {
      packager->audio(*at, block);
    }
  }
  if (packager == nullptr) throw base::RunFailed(fmt::format("play '{}': it holds no moving picture", spec_.source.file));
  packager->finish();
  {
    const std::lock_guard lock{mutex_};
    presentation_ = packager->presentation();
    status_.segments = packager->segments();
  }
  show(StreamState::kReady, "");
}

void VodChannel::show_progress(const Packager& packager, base::Duration whole) {
  const std::lock_guard lock{mutex_};
  if (status_.segments == packager.segments()) return;
  status_.segments = packager.segments();
  const double share = whole > base::Duration::zero() ? base::to_seconds(packager.position()) / base::to_seconds(whole) : 0;
  status_.reason = fmt::format("packaging, {:.0f} % done", 100 * std::min(share, 1.0));
}

void VodChannel::show(StreamState state, const std::string& reason) {
  {
    const std::lock_guard lock{mutex_};
    status_.state = state;
    status_.reason = reason;
  }
  bell_.ring();
}

}  // namespace server
