#include "server/library/open_points.h"

#include <fmt/format.h>

namespace server {
namespace {

struct Listener {
  const char* protocol;
  const std::string& host;
};

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

}  // namespace

std::vector<std::string> open_points(const StreamSpec& spec, const IngestHosts& hosts) {
  std::vector<std::string> found;
  const auto look = [&](const SourceSpec& source, const char* suffix) {
    const bool is_guarded = !source.publish_key.empty() || (source.kind == SourceKind::kSrt && !source.passphrase.empty());
    const auto note = [&](const Listener& at) {
      if (is_guarded || at.host.empty() || is_loopback(at.host)) return;
      found.push_back(fmt::format("{}{} takes {} on {} without publish_key: anyone who reaches it may publish", spec.name, suffix,
                                  at.protocol, at.host));
    };
    if (source.kind == SourceKind::kSrt) note({"SRT", hosts.srt});
    if (source.kind == SourceKind::kRtmp) note({"RTMP", hosts.rtmp});
    if (source.kind == SourceKind::kHttp) note({"HTTP", hosts.http});
  };
  look(spec.source, "");
  if (spec.backup) look(*spec.backup, "/backup");
  return found;
}

}  // namespace server
