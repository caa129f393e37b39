#include "server/package/presentation.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/ensure.h"

namespace server {
namespace {

// Moves what has left the window to `retained`, and drops what is too old to be fetched. Through an outage longer than both, the last
// real segment stays: a DASH timeline must not be empty.
void slide(TrackSnapshot& track, const Presentation::Options& options) {
  if (track.listed.size() > options.listed_segments) {
    const auto kept = track.listed.end() - static_cast<std::ptrdiff_t>(options.listed_segments);
    track.retained.insert(track.retained.end(), track.listed.begin(), kept);
    track.listed.erase(track.listed.begin(), kept);
  }
  if (track.retained.size() <= options.retained_segments) return;
  const auto has_media = [](const Segment& s) { return s.bytes != nullptr; };
  const auto cut = track.retained.end() - static_cast<std::ptrdiff_t>(options.retained_segments);
  const bool only_gaps_stay = std::none_of(cut, track.retained.end(), has_media) && std::ranges::none_of(track.listed, has_media);
  const auto last_media = std::find_if(std::make_reverse_iterator(cut), track.retained.rend(), has_media);
  std::optional<Segment> keep;
  if (only_gaps_stay && last_media != track.retained.rend()) keep = *last_media;
  track.retained.erase(track.retained.begin(), cut);
  if (keep) track.retained.insert(track.retained.begin(), std::move(*keep));
}

// Digits only: no sign, no blank, no leading zero, so that each segment has one name of each kind.
std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.front() == '-' || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Requires: `key` grows along `segments`.
const Segment* lookup(const std::vector<Segment>& segments, std::int64_t Segment::*key, std::int64_t value) {
  const auto at = std::lower_bound(segments.begin(), segments.end(), value, [&](const Segment& s, std::int64_t v) { return s.*key < v; });
  return at != segments.end() && (*at).*key == value ? &*at : nullptr;
}

}  // namespace

Presentation::Presentation(Options options, std::vector<TrackInfo> tracks) : options_{std::move(options)} {
  ENSURE(!tracks.empty());
  auto first = std::make_shared<Snapshot>();
  first->name = options_.name;
  first->live = options_.live;
  first->segment_duration = options_.segment_duration;
  first->availability_start = options_.availability_start;
  for (TrackInfo& info : tracks) first->tracks.push_back({.info = std::move(info), .listed = {}, .retained = {}});
  current_ = std::move(first);
}

void Presentation::publish(std::vector<Segment> one_per_track) {
  const std::lock_guard lock{mutex_};
  auto next = std::make_shared<Snapshot>(*current_);
  ENSURE(one_per_track.size() == next->tracks.size() && !next->ended);
  const std::int64_t number = one_per_track.front().number;
  const bool gap = one_per_track.front().bytes == nullptr;
  for (std::size_t i = 0; i < one_per_track.size(); ++i) {
    TrackSnapshot& track = next->tracks[i];
    ENSURE(one_per_track[i].number == number && (one_per_track[i].bytes == nullptr) == gap);
    ENSURE(track.listed.empty() || track.listed.back().number + 1 == number);
    track.listed.push_back(std::move(one_per_track[i]));
    if (next->live) slide(track, options_);
  }
  ++next->version;
  current_ = std::move(next);
}

void Presentation::end() {
  const std::lock_guard lock{mutex_};
  auto last = std::make_shared<Snapshot>(*current_);
  last->ended = true;
  ++last->version;
  current_ = std::move(last);
}

SnapshotPtr Presentation::snapshot() const {
  const std::lock_guard lock{mutex_};
  const std::vector<Segment>& listed = current_->tracks.front().listed;
  // Video on demand is complete or it is nothing: a growing playlist would be played as a live stream.
  const bool ready = current_->ended ? !listed.empty() : options_.live && listed.size() >= options_.ready_after;
  return ready ? current_ : nullptr;
}

const Segment* find_segment(const TrackSnapshot& track, std::string_view file_name) {
  constexpr std::string_view kSuffix = ".m4s";
  if (!file_name.ends_with(kSuffix)) return nullptr;
  file_name.remove_suffix(kSuffix.size());
  const bool by_time = file_name.starts_with('t');
  if (by_time) file_name.remove_prefix(1);
  const std::optional<std::int64_t> value = whole_number(file_name);
  if (!value) return nullptr;
  const auto key = by_time ? &Segment::start : &Segment::number;
  const Segment* found = lookup(track.listed, key, *value);
  if (found == nullptr) found = lookup(track.retained, key, *value);
  return found != nullptr && found->bytes != nullptr ? found : nullptr;
}

}  // namespace server
