#include "harness/player/cmcd_players.h"

#include <cmath>

namespace harness {
namespace {

using namespace base::literals;

// What a player asks for at most, as a multiple of what it needs: hls.js, dash.js and Shaka name the same default (rtpSafetyFactor).
constexpr int kThroughputSafety = 5;
// Assumed where the buffer is empty, or the need would be infinite: dash.js CmcdModel _calculateRtp, Shaka calculateRtp_.
constexpr base::Duration kLeastBuffer = 500ms;

bool is_media(const CmcdMoment& m) { return m.kind == RequestKind::kVideo || m.kind == RequestKind::kAudio; }
bool is_listing(const CmcdMoment& m) { return m.kind == RequestKind::kManifest || m.kind == RequestKind::kPlaylist; }
bool is_token(const CmcdMoment& m) { return m.kind == RequestKind::kToken || m.kind == RequestKind::kTokenRefresh; }
bool is_loading(const CmcdMoment& m) { return !m.started || m.stalled; }

CmcdObject object_of(const CmcdMoment& m) {
  if (is_listing(m)) return CmcdObject::kManifest;
  if (m.kind == RequestKind::kInit) return CmcdObject::kInit;
  if (m.kind == RequestKind::kAudio) return CmcdObject::kAudio;
  return m.muxed ? CmcdObject::kMuxed : CmcdObject::kVideo;
}

CmcdFormat format_of(const CmcdMoment& m) { return m.protocol == StreamingProtocol::kHls ? CmcdFormat::kHls : CmcdFormat::kDash; }
CmcdStream stream_of(bool live) { return live ? CmcdStream::kLive : CmcdStream::kVod; }

CmcdState state_of(const CmcdMoment& m) {
  if (!m.started) return CmcdState::kStarting;
  if (m.seeking) return CmcdState::kSeeking;
  return m.stalled ? CmcdState::kRebuffering : CmcdState::kPlaying;
}

std::vector<CmcdRate> rate(const std::optional<base::Bitrate>& value, std::optional<CmcdObject> of = {}) {
  return value ? std::vector{CmcdRate{*value, of}} : std::vector<CmcdRate>{};
}
std::vector<CmcdLength> length(const std::optional<base::Duration>& value, std::optional<CmcdObject> of = {}) {
  return value ? std::vector{CmcdLength{*value, of}} : std::vector<CmcdLength>{};
}
std::vector<CmcdNext> next_of(const CmcdMoment& m) {
  return m.next_url.empty() ? std::vector<CmcdNext>{} : std::vector{CmcdNext{m.next_url, m.next_range}};
}

base::Bitrate rounded_down(base::Bitrate rate, std::int64_t step) { return base::Bitrate::bits_per_second(rate.bps() / step * step); }
base::Duration at_rate(base::Duration buffer, double playback_rate) {
  return playback_rate == 0 ? buffer : base::from_seconds(base::to_seconds(buffer) / std::abs(playback_rate));
}

// What would load the segment just before the buffer is empty, with the safety factor.
std::optional<base::Bitrate> needed_throughput(const CmcdMoment& m, base::Duration buffer) {
  if (!m.bitrate || !m.duration) return std::nullopt;
  const base::Duration time = at_rate(buffer == 0s ? kLeastBuffer : buffer, m.playback_rate);
  return *m.bitrate * (kThroughputSafety * base::to_seconds(*m.duration) / base::to_seconds(time));
}

CmcdFacts identified(const CmcdMoment& m) {
  CmcdFacts facts{.object = object_of(m), .content = m.content, .session = m.session};
  facts.sequence = m.sequence;
  return facts;
}

// hls.js: src/controller/cmcd-controller.ts, apply(): what goes with every request.
CmcdFacts hls_js(const CmcdMoment& m) {
  CmcdFacts facts = identified(m);
  facts.format = CmcdFormat::kHls;
  facts.measured_throughput = rate(m.throughput);
  facts.playback_rate = m.playback_rate;
  if (m.live) facts.stream = stream_of(*m.live);
  facts.state = state_of(m);
  facts.buffer_length = length(m.shortest_buffer);  // kept from the last append; media requests have their own
  // The playlists of a player that has started are never urgent (applyPlaylistData).
  facts.startup = is_listing(m) ? !m.started : is_loading(m);
  if (!m.starved || is_listing(m) || m.kind == RequestKind::kAudio) return facts;
  facts.starved = facts.startup = true;
  return facts;
}

// applyFragmentData().
void add_hls_js_segment(const CmcdMoment& m, CmcdFacts& facts) {
  facts.object_duration = m.kind == RequestKind::kInit ? base::Duration{} : m.duration.value_or(0s);
  if (!is_media(m)) return;
  // An audio segment is taken for the variant with its track's index: the first audio track is given the lowest variant's bitrate, and
  // its successor is looked for among that variant's segments.
  const bool audio = m.kind == RequestKind::kAudio;
  const auto bitrate = audio ? m.lowest_bitrate : m.bitrate;
  facts.bitrate = rate(bitrate);
  if (bitrate) facts.requested_throughput = *bitrate * kThroughputSafety;
  if (m.muxed && !audio) {
    facts.top_bitrate = rate(m.top_bitrate);
    facts.lowest_bitrate = rate(m.lowest_bitrate);
  }
  facts.buffer_length = length(m.buffer.value_or(0s));
  facts.deadline = at_rate(m.buffer.value_or(0s), m.playback_rate);
  facts.playhead_bitrate = rate(m.playhead_bitrate);
  facts.top_playable_bitrate = rate(audio ? std::nullopt : m.top_bitrate);
  if (!audio) facts.next = next_of(m);
}

// dash.js: src/streaming/models/CmcdModel.js and controllers/CmcdController.js: what goes with every request.
CmcdFacts dash_js(const CmcdMoment& m) {
  CmcdFacts facts = identified(m);
  if (m.live) {  // learnt from the first MPD
    facts.format = CmcdFormat::kDash;
    facts.stream = stream_of(*m.live);
    facts.state = state_of(m);
  }
  facts.playback_rate = m.playback_rate;
  facts.live_latency = m.latency;
  facts.hidden = m.hidden;
  // Not the delay until the first frame: the time since the manifest was asked for, at the first request that finds it above zero.
  if (!m.delay_reported && m.since_begin >= 1ms) facts.media_start_delay = m.since_begin;
  facts.startup = m.kind == RequestKind::kInit;
  return facts;
}

// _calculateCmcdDataForRequestForMediaSegment(). It rounds down where the others round to the nearest.
void add_dash_js_segment(const CmcdMoment& m, CmcdFacts& facts) {
  const CmcdObject of = *facts.object;
  const base::Duration buffer = m.buffer.value_or(0s) / 100ms * 100ms;
  facts.startup = m.first_of_track || m.starved;
  facts.starved = m.starved;
  facts.object_duration = m.duration;
  if (m.bitrate) facts.bitrate = rate(rounded_down(*m.bitrate, 1000), of);
  facts.top_bitrate = facts.top_playable_bitrate = rate(m.top_bitrate, of);
  facts.playhead_bitrate = rate(m.playhead_bitrate, of);
  if (m.throughput) facts.measured_throughput = rate(rounded_down(*m.throughput, 100'000), of);
  facts.buffer_length = length(buffer, of);
  facts.deadline = at_rate(m.buffer.value_or(0s), m.playback_rate) / 100ms * 100ms;
  if (const auto needed = needed_throughput(m, buffer)) facts.requested_throughput = rounded_down(*needed, 100'000) + 100_kbps;
  facts.next = next_of(m);
  if (m.kind == RequestKind::kVideo) facts.stall_durations = length(m.stall_lasted, of);
}

// Shaka: lib/util/cmcd_manager.js. It reports neither throughput nor starvation.
CmcdFacts shaka(const CmcdMoment& m) {
  CmcdFacts facts = identified(m);
  facts.format = format_of(m);
  // It asks whether the stream is live before the first manifest is there, and keeps that answer for all listings.
  facts.stream = stream_of(!is_listing(m) && m.live.value_or(false));
  // It buffers from the start, and knows no state before it has a manifest.
  if (m.live) facts.state = !m.started ? CmcdState::kRebuffering : state_of(m);
  if (!m.delay_reported) facts.media_start_delay = m.startup_time;
  facts.hidden = m.hidden;
  facts.startup = is_listing(m) ? !m.live.has_value() : is_loading(m);
  return facts;
}

// getDataForSegment_().
void add_shaka_segment(const CmcdMoment& m, CmcdFacts& facts) {
  facts.object_duration = m.kind == RequestKind::kInit ? base::Duration{} : m.duration.value_or(0s);
  facts.bitrate = rate(m.bitrate);
  facts.live_latency = m.latency;
  if (!is_media(m)) return;
  facts.buffer_length = length(m.buffer);
  facts.deadline = at_rate(m.buffer.value_or(0s), m.playback_rate);
  facts.requested_throughput = needed_throughput(m, m.buffer.value_or(0s));
  facts.top_bitrate = rate(m.top_bitrate);
  facts.next = next_of(m);
}

// All that is known, by the words of the standard.
CmcdFacts standard(const CmcdMoment& m) {
  CmcdFacts facts = identified(m);
  facts.format = format_of(m);
  if (m.live) facts.stream = stream_of(*m.live);
  facts.state = state_of(m);
  facts.playback_rate = m.playback_rate;
  facts.startup = is_loading(m);
  facts.starved = m.starved;
  facts.stall_durations = length(m.stall_lasted);
  facts.live_latency = m.latency;
  facts.playhead_time = m.playhead_time;
  facts.hidden = m.hidden;
  if (!m.delay_reported) facts.media_start_delay = m.startup_time;
  if (!is_media(m)) return facts;
  facts.bitrate = rate(m.bitrate, facts.object);
  facts.top_bitrate = rate(m.top_bitrate, facts.object);
  facts.measured_throughput = rate(m.throughput);
  facts.object_duration = m.duration;
  facts.buffer_length = length(m.buffer, facts.object);
  if (m.buffer) facts.deadline = at_rate(*m.buffer, m.playback_rate);
  facts.requested_throughput = needed_throughput(m, m.buffer.value_or(0s));
  facts.next = next_of(m);
  return facts;
}

}  // namespace

CmcdPlayer cmcd_player(EngineKind engine) {
  if (engine == EngineKind::kHlsJs) return CmcdPlayer::kHlsJs;
  if (engine == EngineKind::kDashJs) return CmcdPlayer::kDashJs;
  return engine == EngineKind::kShaka ? CmcdPlayer::kShaka : CmcdPlayer::kStandard;
}

CmcdFacts cmcd_facts(const CmcdMoment& moment) {
  if (is_token(moment)) return {};
  CmcdFacts facts;
  switch (moment.player) {
    case CmcdPlayer::kHlsJs:
      facts = hls_js(moment);
      if (!is_listing(moment)) add_hls_js_segment(moment, facts);
      return facts;
    case CmcdPlayer::kDashJs:
      facts = dash_js(moment);
      if (is_media(moment)) add_dash_js_segment(moment, facts);
      return facts;
    case CmcdPlayer::kShaka:
      facts = shaka(moment);
      if (!is_listing(moment)) add_shaka_segment(moment, facts);
      return facts;
    case CmcdPlayer::kStandard:
      return standard(moment);
  }
  return facts;
}

}  // namespace harness
