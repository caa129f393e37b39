#include "server/library/spec_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/errors.h"
#include "base/text.h"
#include "media/call_url.h"
#include "server/ingest/media_reader.h"
#include "server/package/stream_limits.h"
#include "server/switching/slate.h"

namespace server {
namespace {

constexpr int kLeastHeight = 90, kMostHeight = 2160;
constexpr std::int64_t kLeastRate = 50'000, kMostRate = 50'000'000;

base::Result<void> check_file(const std::string& file, const std::string& field) {
  if (file.empty()) return base::error(fmt::format("{}: a file source needs one", field));
  std::error_code code;
  if (std::filesystem::is_regular_file(file, code)) return {};
  return base::error(
      fmt::format("{}: '{}' {}", field, file, std::filesystem::exists(file, code) ? "is not a regular file" : "does not exist"));
}

// Also that it can be played: later it would be passed over.
base::Result<void> check_playlist(const std::vector<std::string>& files, const char* where) {
  if (files.empty() || files.size() > kMostFiles)
    return base::error(fmt::format("{}.files: {} files; write 1 to {}", where, files.size(), kMostFiles));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string field = fmt::format("{}.files[{}]", where, i);
    if (const auto checked = check_file(files[i], field); checked.has_error()) return checked;
    try {
      MediaReader::open_file(files[i]);
    } catch (const base::RunFailed& failure) {
      return base::error(fmt::format("{}: {}", field, failure.what()));
    }
  }
  return {};
}

base::Result<void> check_source(const SourceSpec& spec, const char* where) {
  if (spec.kind == SourceKind::kFile) return check_file(spec.file, fmt::format("{}.file", where));
  if (spec.kind == SourceKind::kPlaylist) return check_playlist(spec.files, where);
  if (spec.kind == SourceKind::kSrtCall) {
    if (const auto url = media::parse_srt_url(spec.url); url.has_error())
      return base::error(fmt::format("{}.srt_call.url: {}; write {}", where, url.error().message, media::kSrtUrlForm));
  }
  if (spec.publish_key.find(',') != std::string::npos)
    return base::error(fmt::format("{}.publish_key: a comma cannot stand in an SRT streamid's value", where));
  if (!is_passphrase(spec.passphrase)) {
    return base::error(fmt::format("{}.passphrase: has {} characters; SRT wants {} to {}", where, spec.passphrase.size(),
                                   kShortestPassphrase, kLongestPassphrase));
  }
  return {};
}

base::Result<void> check_failover(const FailoverSpec& spec) {
  const auto within = [](const char* field, base::Duration value, base::Duration least, base::Duration most) -> base::Result<void> {
    if (value >= least && value <= most) return {};
    return base::error(
        fmt::format("failover.{}: {} is not within {} and {}", field, base::to_text(value), base::to_text(least), base::to_text(most)));
  };
  if (const auto checked = within("switch_after", spec.switch_after, kLeastSwitchAfter, kMostSwitchAfter); checked.has_error())
    return checked;
  if (const auto checked = within("failback_after", spec.failback_after, {}, kMostWait); checked.has_error()) return checked;
  return within("dwell", spec.dwell, {}, kMostWait);
}

// Also that it is a picture: later would be on air.
base::Result<void> check_slate(const SlateSpec& spec) {
  if (spec.image.empty()) return {};
  try {
    picture_of(spec.image);
    return {};
  } catch (const base::RunFailed& failure) {
    return base::error(fmt::format("slate.image: {}", failure.what()));
  }
}

base::Result<void> check_forwards(const StreamSpec& spec) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < spec.forward.size(); ++i) {
    if (const auto checked = check_forward(spec.forward[i], spec.backup.has_value()); checked.has_error())
      return base::error(fmt::format("forward[{}].{}", i, checked.error().message));
    if (!names.insert(spec.forward[i].name).second)
      return base::error(fmt::format("forward[{}].name: '{}' stands there twice", i, spec.forward[i].name));
  }
  if (spec.forward.size() > kMostForwards) return base::error(fmt::format("forward: {} destinations are the most", kMostForwards));
  return {};
}

base::Result<void> check_ladder(const std::vector<Rung>& ladder) {
  std::set<int> heights;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const auto [height, rate] = ladder[i];
    if (height < kLeastHeight || height > kMostHeight || height % 2 != 0) {
      return base::error(fmt::format("ladder[{}].height: {} is not an even number from {} to {}", i, height, kLeastHeight, kMostHeight));
    }
    if (rate.bps() < kLeastRate || rate.bps() > kMostRate) {
      return base::error(fmt::format("ladder[{}].bitrate: {} bit/s is not within 50 kbit/s and 50 Mbit/s", i, rate.bps()));
    }
    if (!heights.insert(height).second) return base::error(fmt::format("ladder[{}].height: {} stands there twice", i, height));
  }
  return {};
}

}  // namespace

base::Result<void> check_spec(const StreamSpec& spec) {
  if (!is_stream_name(spec.name)) return base::error(fmt::format("name: '{}' is not 1 to 64 of the characters a-z, 0-9 and -", spec.name));
  const bool vod = spec.kind == StreamKind::kVod;
  if (vod && spec.source.kind != SourceKind::kFile) return base::error("source: video on demand needs a file");
  if (vod && spec.backup) return base::error("backup: video on demand has one source, its file");
  if (vod && spec.slate) return base::error("slate: video on demand is never without a picture");
  if (const auto source = check_source(spec.source, "source"); source.has_error()) return source;
  if (spec.backup) {
    if (const auto backup = check_source(*spec.backup, "backup"); backup.has_error()) return backup;
  }
  if (const auto failover = check_failover(spec.failover); failover.has_error()) return failover;
  if (spec.slate) {
    if (const auto slate = check_slate(*spec.slate); slate.has_error()) return slate;
  }
  if (vod && !spec.forward.empty()) return base::error("forward: only live streams are forwarded");
  if (const auto forwards = check_forwards(spec); forwards.has_error()) return forwards;
  return check_ladder(spec.ladder);
}

}  // namespace server
