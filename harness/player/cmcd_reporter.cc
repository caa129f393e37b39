#include "harness/player/cmcd_reporter.h"

#include <fmt/format.h>

#include "base/random.h"

namespace harness {
namespace {

std::size_t track_of(const CmcdMoment& moment) {
  return index_of(moment.kind == RequestKind::kAudio || moment.audio ? TrackKind::kAudio : TrackKind::kVideo);
}

}  // namespace

std::string cmcd_session_id(std::uint64_t run, base::ViewerId viewer) {
  const std::uint64_t mixed = base::Random::stream(run, "cmcd").next();
  return fmt::format("{:08x}-{:04x}-8{:03x}-a{:03x}-{:012x}", mixed >> 32, (mixed >> 16) & 0xFFFF, (mixed >> 4) & 0xFFF, mixed & 0xF,
                     index_of(viewer));
}

void CmcdReporter::report(Fetch& fetch, CmcdMoment moment) {
  if (fetch.kind == RequestKind::kToken || fetch.kind == RequestKind::kTokenRefresh || fetch.kind == RequestKind::kClock) return;
  fill_in(fetch, moment);
  const CmcdFacts facts = cmcd_facts(moment);
  if (config_.setting.send == CmcdSending::kQuery) {
    fetch.url = cmcd_url(facts, config_.setting.version, fetch.url);
  } else {
    for (auto& field : cmcd_headers(facts, config_.setting.version, fetch.url)) fetch.headers.push_back(std::move(field));
  }
  remember(moment, facts);
}

void CmcdReporter::fill_in(const Fetch& fetch, CmcdMoment& moment) const {
  moment.player = player_;
  moment.kind = fetch.kind;
  moment.session = config_.session;
  moment.content = config_.content;
  const std::size_t track = track_of(moment);
  moment.first_of_track = !asked_[track];
  moment.starved = tells_tracks_apart() ? starved_[track] : starved_[0] || starved_[1];
  moment.stall_lasted = stall_lasted_;
  moment.delay_reported = delay_reported_;
  moment.sequence = sequence_;
}

void CmcdReporter::remember(const CmcdMoment& moment, const CmcdFacts& sent) {
  ++sequence_;
  const std::size_t track = track_of(moment);
  if (moment.kind == RequestKind::kVideo || moment.kind == RequestKind::kAudio) asked_[track] = true;
  if (sent.media_start_delay) delay_reported_ = true;
  if (!sent.stall_durations.empty()) stall_lasted_.reset();
  if (!sent.starved) return;
  if (tells_tracks_apart())
    starved_[track] = false;
  else
    starved_ = {};
}

}  // namespace harness
