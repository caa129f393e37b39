#include "harness/replay/content_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/replay/record_fields.h"

namespace harness {
namespace {

using base::JsonObject;

constexpr std::int64_t kMostRungs = 64;
constexpr std::int64_t kMostSegments = 100'000;
constexpr std::int64_t kLargestSegment = std::int64_t{1} << 32;
constexpr std::int64_t kFastestBitrate = 100'000'000'000;
constexpr double kLongestSegment = 60;  // seconds

base::Bitrate read_rate(JsonObject& json, std::string_view name) {
  return base::Bitrate::bits_per_second(required_integer(json, name, 1, kFastestBitrate));
}

base::ByteCount read_size(JsonObject& json, std::string_view name) {
  return base::ByteCount::bytes(required_integer(json, name, 1, kLargestSegment));
}

std::vector<base::ByteCount> read_sizes(JsonObject& json) {
  std::vector<base::ByteCount> sizes;
  for (const double size : required_numbers(json, "bytes", 1, static_cast<double>(kLargestSegment)))
    sizes.push_back(base::ByteCount::bytes(static_cast<std::int64_t>(size)));
  return sizes;
}

std::vector<base::Duration> read_durations(JsonObject& json, std::size_t count, base::Duration fallback) {
  if (!json.has("duration_s")) return std::vector<base::Duration>(count, fallback);
  std::vector<base::Duration> durations;
  for (const double seconds : required_numbers(json, "duration_s", 0.001, kLongestSegment))
    durations.push_back(base::from_seconds(seconds));
  if (durations.size() != count && !durations.empty())
    json.problem("duration_s", fmt::format("has {} entries for {} segments; give one for each", durations.size(), count));
  return durations;
}

ContentTable::Track read_track(JsonObject& json, base::Duration segment_duration) {
  ContentTable::Track track;
  track.codecs = json.required<std::string>("codecs");
  track.declared = read_rate(json, "declared_bps");
  track.init = read_size(json, "init_bytes");
  track.segments = read_sizes(json);
  track.durations = read_durations(json, track.segments.size(), segment_duration);
  return track;
}

ContentTable::Rung read_rung(JsonObject& json, base::Duration segment_duration) {
  ContentTable::Rung rung;
  rung.track = read_track(json, segment_duration);
  rung.width = static_cast<int>(required_integer(json, "width", 1, 100'000));
  rung.height = static_cast<int>(required_integer(json, "height", 1, 100'000));
  rung.hls_bandwidth = read_rate(json, "hls_bandwidth");
  rung.hls_average_bandwidth = read_rate(json, "hls_average_bandwidth");
  return rung;
}

void check_counts(JsonObject& root, const ContentTable& table) {
  const std::size_t count = table.segment_count();
  if (count > static_cast<std::size_t>(kMostSegments)) root.problem("audio.bytes", fmt::format("has more than {} segments", kMostSegments));
  for (std::size_t i = 0; i < table.video.size(); ++i) {
    const std::string path = fmt::format("video[{}]", i);
    if (table.video[i].track.segments.size() != count)
      root.problem(path + ".bytes",
                   fmt::format("has {} segments where audio has {}; both must have as many", table.video[i].track.segments.size(), count));
    if (i > 0 && table.video[i].track.declared <= table.video[i - 1].track.declared)
      root.problem(path + ".declared_bps", "is not above the rung before it; list the rungs from low to high");
  }
}

// Without a word about it the second rung comes first, a usual place to start, and the others follow from low to high.
std::vector<std::size_t> default_order(std::size_t rungs) {
  std::vector<std::size_t> order(rungs);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (rungs > 1) std::swap(order[0], order[1]);
  return order;
}

std::vector<std::size_t> read_order(JsonObject& root, std::size_t rungs) {
  if (!root.has("hls_order")) return default_order(rungs);
  std::vector<std::size_t> order;
  for (const double rung : required_numbers(root, "hls_order", 0, static_cast<double>(kMostRungs)))
    order.push_back(static_cast<std::size_t>(rung));
  std::vector<std::size_t> sorted = order, all(rungs);
  std::sort(sorted.begin(), sorted.end());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (sorted != all) root.problem("hls_order", fmt::format("must name each of the {} rungs once, such as [1, 0, 2]", rungs));
  return order;
}

}  // namespace

ContentTable read_content(const base::Json& document, std::vector<base::Problem>& problems) {
  JsonObject root{document, "", problems};
  ContentTable table;
  table.segment_duration = base::from_seconds(required_number(root, "segment_s", 0.1, kLongestSegment));
  std::vector<JsonObject> rungs = root.objects("video");
  if (rungs.empty() || rungs.size() > static_cast<std::size_t>(kMostRungs))
    root.problem("video", fmt::format("must list 1 to {} rungs from low to high", kMostRungs));
  for (JsonObject& rung : rungs) table.video.push_back(read_rung(rung, table.segment_duration));
  JsonObject audio = root.required_object("audio");
  if (root.has("audio")) table.audio = read_track(audio, table.segment_duration);
  if (auto files = root.object("file_bytes"))
    for (const auto& [name, reader] : root.take("file_bytes")->items())
      table.file_sizes[name] = base::ByteCount::bytes(required_integer(*files, name, 0, kLargestSegment));
  table.hls_order = read_order(root, table.video.size());
  if (problems.empty()) check_counts(root, table);
  return table;
}

ContentTable read_content_file(const std::string& file) { return read_checked(file, read_content); }

}  // namespace harness
