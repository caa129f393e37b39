#include "harness/replay/recorded_buffer.h"

#include <algorithm>

#include "harness/replay/record_fields.h"

namespace harness {
namespace {

using base::Json;

const Json& list_at(base::JsonObject& recording, std::string_view name) {
  static const Json kNone = Json::array();
  const Json* field = recording.take(name);
  if (field == nullptr || field->is_array()) return field == nullptr ? kNone : *field;
  recording.problem(name, "must be a list");
  return kNone;
}

// Rows of columns: [t, video_ahead_s, audio_ahead_s, currentTime, readyState].
bool has_numbers(const Json& row, std::size_t count) {
  if (!row.is_array() || row.size() < count) return false;
  return std::all_of(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count), [](const Json& each) { return each.is_number(); });
}

// Recordings name their columns; samples of other columns are of no use here.
bool has_known_columns(base::JsonObject& recording) {
  static const Json kSamples{"t", "video_ahead_s", "audio_ahead_s", "currentTime"};
  const Json* columns = recording.take("columns");
  if (columns == nullptr || !columns->is_object() || !columns->contains("buffer")) return true;
  const Json& named = columns->at("buffer");
  return named.is_array() && named.size() >= kSamples.size() && std::equal(kSamples.begin(), kSamples.end(), named.begin());
}

base::Duration seconds(const Json& value) { return base::from_seconds(std::clamp(value.get<double>(), 0.0, kLongestTime)); }
base::Duration milliseconds(const Json& value) { return from_milliseconds(std::clamp(value.get<double>(), 0.0, kLongestTime)); }

}  // namespace

RecordedBuffer::RecordedBuffer(base::JsonObject& recording) {
  if (!has_known_columns(recording)) return;
  read_samples(recording);
  read_appends(recording);
}

void RecordedBuffer::read_samples(base::JsonObject& recording) {
  for (const Json& row : list_at(recording, "buffer")) {
    if (!has_numbers(row, 4))
      return recording.problem("buffer", "must hold rows of numbers [t, video_ahead_s, audio_ahead_s, currentTime]");
    samples_.push_back({milliseconds(row[0]), seconds(row[1]), seconds(row[2]), seconds(row[3])});
  }
  if (!samples_.empty()) samples_.push_back({});  // at t0 there is nothing
  std::stable_sort(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) { return a.time < b.time; });
}

void RecordedBuffer::read_appends(base::JsonObject& recording) {
  for (const Json& row : list_at(recording, "appends")) {
    if (!row.is_array() || row.size() < 4 || !row[1].is_string())
      return recording.problem("appends", "must hold rows [t_append, kind, bytes, t_updateend]");
    if (row[3].is_number()) appends_.push_back({milliseconds(row[3]), row[1] == "video"});
  }
}

bool RecordedBuffer::appended(bool video, base::Duration from, base::Duration to) const {
  return std::any_of(appends_.begin(), appends_.end(),
                     [&](const Append& each) { return each.video == video && each.done > from && each.done <= to; });
}

base::Duration RecordedBuffer::playhead_at(const Sample& before, const Sample& after, base::Duration time) {
  const base::Duration elapsed = after.time - before.time, moved = after.playhead - before.playhead;
  if (elapsed.count() <= 0 || moved > 2 * elapsed) return after.playhead;  // it was set, as a live start does
  return before.playhead + base::from_seconds(base::to_seconds(moved) * base::to_seconds(time - before.time) / base::to_seconds(elapsed));
}

base::Duration RecordedBuffer::level(bool video, const Sample& before, const Sample& after, base::Duration time) const {
  const base::Duration playhead = playhead_at(before, after, time);
  const Sample& holds = appended(video, before.time, time) ? after : before;
  return std::max(holds.playhead + (video ? holds.video : holds.audio) - playhead, base::Duration{});
}

std::optional<BufferLevels> RecordedBuffer::at(base::Duration time) const {
  const auto after = std::upper_bound(samples_.begin(), samples_.end(), time, [](base::Duration t, const Sample& s) { return t < s.time; });
  if (after == samples_.begin() || after == samples_.end()) return std::nullopt;
  const Sample& before = *std::prev(after);
  return BufferLevels{level(true, before, *after, time), level(false, before, *after, time)};
}

void RecordedBuffer::fill(std::vector<RequestRecord>& requests) const {
  for (RequestRecord& request : requests) request.ahead = at(request.started);
}

}  // namespace harness
