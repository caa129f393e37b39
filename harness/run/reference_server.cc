#include "harness/run/reference_server.h"

#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>

#include "base/errors.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "harness/run/entrances.h"

namespace harness {
namespace {

constexpr const char* kPublishKey = "rehearsal";

std::string last_lines(const std::string& file) {
  std::ifstream in{file};
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
    if (lines.size() > 3) lines.pop_front();
  }
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out.empty() ? " (it wrote nothing)" : out;
}

const char* name_of(ContributionProtocol protocol) { return protocol == ContributionProtocol::kRtmp ? "rtmp" : "srt"; }

base::Json source_config(ContributionProtocol protocol) { return {{name_of(protocol), {{"publish_key", kPublishKey}}}}; }

base::Json stream_config(const ReferenceServer::Options& options, std::size_t channel) {
  const bool live = options.content == ContentKind::kLive;
  const Contribution& contribution = options.contribution;
  base::Json stream{{"name", reference_stream(channel)},
                    {"kind", live ? "live" : "vod"},
                    {"source", live ? source_config(contribution.protocol) : base::Json{{"file", options.vod_file}}},
                    {"access", "open"}};
  if (!live) return stream;
  if (contribution.backup) {
    stream["backup"] = source_config(*contribution.backup);
    stream["failover"] = {{"switch_after", base::to_text(contribution.switch_after)},
                          {"failback_after", base::to_text(contribution.failback_after)}};
    base::Json counts{"picture"};
    for (const std::string& aspect : contribution.unfit_when) counts.push_back(aspect);
    stream["health"] = {{"counts", counts}};
  }
  if (contribution.slate) stream["slate"] = base::Json::object();
  return stream;
}

bool uses_rtmp(const ReferenceServer::Options& options) {
  const Contribution& contribution = options.contribution;
  return options.content == ContentKind::kLive &&
         (contribution.protocol == ContributionProtocol::kRtmp || contribution.backup == ContributionProtocol::kRtmp);
}

// One that may see every channel.
base::Json account_config(std::size_t channels) {
  base::Json streams = base::Json::array();
  for (std::size_t channel = 0; channel < channels; ++channel) streams.push_back(reference_stream(channel));
  return {{"user", kAudienceUser}, {"password", kAudiencePassword}, {"streams", std::move(streams)}};
}

}  // namespace

std::string ReferenceServer::program() {
  if (const char* named = std::getenv("REHEARSE_SERVER"); named != nullptr && *named != 0) return named;
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("rehearse-server").string();
}

generators::Destination ReferenceServer::destination(const Addresses& addresses, const std::string& host, std::size_t channel,
                                                     FeedChoice feed, ContributionProtocol protocol) {
  const std::string point = reference_stream(channel) + (feed == FeedChoice::kBackup ? "/backup" : "");
  if (protocol == ContributionProtocol::kRtmp)
    return generators::RtmpDestination{
        .host = host, .port = addresses.rtmp_port, .app = "live", .key = fmt::format("{}?key={}", point, kPublishKey)};
  return generators::SrtDestination{
      .host = host, .port = addresses.srt_port, .streamid = fmt::format("#!::r={},m=publish,u={}", point, kPublishKey)};
}

std::string ReferenceServer::write_config(const Options& options) {
  base::Json streams = base::Json::array();
  for (std::size_t channel = 0; channel < options.channels; ++channel) streams.push_back(stream_config(options, channel));
  const std::string listen = options.host + ":0";
  base::Json config{
      {"media", {{"listen", listen}}},
      {"control", {{"listen", listen}, {"open_tokens", true}}},
      {"metrics", {{"listen", listen}}},
      {"srt", {{"listen", listen}}},
      {"access",
       {{"token_lifetime", base::to_text(options.token_lifetime)}, {"accounts", base::Json::array({account_config(options.channels)})}}},
      {"embed", {{"origins", {kPublisher}}}},
      {"audit_log", options.directory + "/audit.ndjson"},
      {"streams", std::move(streams)}};
  if (uses_rtmp(options)) config["rtmp"] = {{"listen", listen}};
  const std::string file = options.directory + "/server.json";
  std::ofstream out{file};
  out << config.dump(2) << '\n';
  if (!out.flush()) throw base::RunFailed("write " + file + ": failed; is the disk full?");
  return file;
}

ReferenceServer::ReferenceServer(const Options& options)
    : log_{options.directory + "/server.log"},
      ready_file_{options.directory + "/server-ready.json"},
      process_{{.command = {program(), "--config", write_config(options), "--ready-file", ready_file_}, .output_file = log_}} {}

std::optional<std::string> ReferenceServer::failure() {
  const std::optional<int> status = process_.exit_status();
  if (!status) return std::nullopt;
  return fmt::format("the reference server ended with status {}; the end of {}:{}", *status, log_, last_lines(log_));
}

std::optional<ReferenceServer::Addresses> ReferenceServer::ready() {
  if (const auto reason = failure()) throw base::RunFailed(*reason);
  if (!std::filesystem::exists(ready_file_)) return std::nullopt;
  const base::Json document = base::read_json_file(ready_file_);
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  Addresses addresses{root.required<std::string>("media"), root.required<std::string>("control"), root.required<std::string>("metrics"),
                      static_cast<int>(root.required<std::int64_t>("srt_port")),
                      static_cast<int>(root.optional<std::int64_t>("rtmp_port", std::int64_t{0}))};
  base::throw_if_any(ready_file_, problems);
  return addresses;
}

}  // namespace harness
