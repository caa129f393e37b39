#include "server/library/spec_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/errors.h"
#include "base/text.h"
#include "media/call_url.h"
#include "server/ingest/media_reader.h"
#include "server/package/stream_limits.h"
#include "server/switching/slate.h"

namespace server {
namespace {

using Problems = std::vector<std::string>;

void check_file(const std::string& file, const std::string& field, Problems& problems) {
  if (file.empty()) return problems.push_back(fmt::format("{}: a file source needs one", field));
  std::error_code code;
  if (std::filesystem::is_regular_file(file, code)) return;
  problems.push_back(
      fmt::format("{}: '{}' {}", field, file, std::filesystem::exists(file, code) ? "is not a regular file" : "does not exist"));
}

// Also that it can be played: later it would be passed over.
void check_playlist(const std::vector<std::string>& files, const char* where, Problems& problems) {
  if (files.empty() || files.size() > kMostFiles)
    return problems.push_back(fmt::format("{}.files: {} files; write 1 to {}", where, files.size(), kMostFiles));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string field = fmt::format("{}.files[{}]", where, i);
    const std::size_t before = problems.size();
    check_file(files[i], field, problems);
    if (problems.size() != before) continue;
    try {
      MediaReader::open_file(files[i]);
    } catch (const base::RunFailed& failure) {
      problems.push_back(fmt::format("{}: {}", field, failure.what()));
    }
  }
}

void check_source(const SourceSpec& spec, const char* where, Problems& problems) {
  if (spec.kind == SourceKind::kFile) return check_file(spec.file, fmt::format("{}.file", where), problems);
  if (spec.kind == SourceKind::kPlaylist) return check_playlist(spec.files, where, problems);
  if (spec.kind == SourceKind::kSrtCall) {
    if (const auto url = media::parse_srt_url(spec.url); url.has_error())
      problems.push_back(fmt::format("{}.srt_call.url: {}; write {}", where, url.error().message, media::kSrtUrlForm));
  }
  if (spec.publish_key.find(',') != std::string::npos)
    problems.push_back(fmt::format("{}.publish_key: a comma cannot stand in an SRT streamid's value", where));
  if (!is_passphrase(spec.passphrase)) {
    problems.push_back(fmt::format("{}.passphrase: has {} characters; SRT wants {} to {}", where, spec.passphrase.size(),
                                   kShortestPassphrase, kLongestPassphrase));
  }
}

void check_failover(const FailoverSpec& spec, Problems& problems) {
  const auto check = [&](const char* field, base::Duration value, base::Duration least, base::Duration most) {
    if (value >= least && value <= most) return;
    problems.push_back(
        fmt::format("failover.{}: {} is not within {} and {}", field, base::to_text(value), base::to_text(least), base::to_text(most)));
  };
  check("switch_after", spec.switch_after, kLeastSwitchAfter, kMostSwitchAfter);
  check("failback_after", spec.failback_after, {}, kMostWait);
  check("dwell", spec.dwell, {}, kMostWait);
}

// Also that it is a picture: later would be on air.
void check_slate(const SlateSpec& spec, Problems& problems) {
  if (spec.image.empty()) return;
  try {
    picture_of(spec.image);
  } catch (const base::RunFailed& failure) {
    problems.push_back(fmt::format("slate.image: {}", failure.what()));
  }
}

void check_forwards(const StreamSpec& spec, Problems& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < spec.forward.size(); ++i) {
    if (const auto checked = check_forward(spec.forward[i], spec.backup.has_value()); checked.has_error())
      problems.push_back(fmt::format("forward[{}].{}", i, checked.error().message));
    if (!names.insert(spec.forward[i].name).second)
      problems.push_back(fmt::format("forward[{}].name: '{}' stands there twice", i, spec.forward[i].name));
  }
  if (spec.forward.size() > kMostForwards) problems.push_back(fmt::format("forward: {} destinations are the most", kMostForwards));
}

void check_ladder(const std::vector<Rung>& ladder, Problems& problems) {
  std::set<int> heights;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const auto [height, rate] = ladder[i];
    if (height < kLeastHeight || height > kMostHeight || height % 2 != 0) {
      problems.push_back(fmt::format("ladder[{}].height: {} is not an even number from {} to {}", i, height, kLeastHeight, kMostHeight));
    }
    if (rate < kLeastRate || rate > kMostRate) {
      problems.push_back(fmt::format("ladder[{}].bitrate: {} is not within {} and {}", i, base::to_text(rate), base::to_text(kLeastRate),
                                     base::to_text(kMostRate)));
    }
    if (!heights.insert(height).second) problems.push_back(fmt::format("ladder[{}].height: {} stands there twice", i, height));
  }
}

void check_on_demand(const StreamSpec& spec, Problems& problems) {
  if (spec.source.kind != SourceKind::kFile)
    problems.emplace_back("source: video on demand needs a file");
  else
    check_source(spec.source, "source", problems);
  if (spec.backup) problems.emplace_back("backup: video on demand has one source, its file");
  if (spec.slate) problems.emplace_back("slate: video on demand is never without a picture");
  if (!spec.forward.empty()) problems.emplace_back("forward: only live streams are forwarded");
}

void check_live(const StreamSpec& spec, Problems& problems) {
  check_source(spec.source, "source", problems);
  if (spec.backup) check_source(*spec.backup, "backup", problems);
  if (spec.slate) check_slate(*spec.slate, problems);
  check_forwards(spec, problems);
}

}  // namespace

base::Result<void> check_spec(const StreamSpec& spec) {
  Problems problems;
  if (!is_stream_name(spec.name)) problems.push_back(fmt::format("name: '{}' is not 1 to 64 of the characters a-z, 0-9 and -", spec.name));
  if (spec.kind == StreamKind::kVod)
    check_on_demand(spec, problems);
  else
    check_live(spec, problems);
  check_failover(spec.failover, problems);
  check_ladder(spec.ladder, problems);
  if (problems.empty()) return {};
  return base::error(fmt::format("{}", fmt::join(problems, "; ")));
}

}  // namespace server
