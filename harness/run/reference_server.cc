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

base::Json stream_config(const ReferenceServer::Options& options) {
  const base::Json source =
      options.content == ContentKind::kLive ? base::Json{{"srt", {{"publish_key", kPublishKey}}}} : base::Json{{"file", options.vod_file}};
  return {{"name", ReferenceServer::kStream},
          {"kind", options.content == ContentKind::kLive ? "live" : "vod"},
          {"source", source},
          {"access", "open"}};
}

base::Json account_config() {
  return {{"user", kAudienceUser}, {"password", kAudiencePassword}, {"streams", base::Json::array({ReferenceServer::kStream})}};
}

}  // namespace

std::string ReferenceServer::program() {
  if (const char* named = std::getenv("REHEARSE_SERVER"); named != nullptr && *named != 0) return named;
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("rehearse-server").string();
}

std::string ReferenceServer::publish_streamid() { return fmt::format("#!::r={},m=publish,u={}", kStream, kPublishKey); }

std::string ReferenceServer::write_config(const Options& options) {
  const std::string listen = options.host + ":0";
  const base::Json config{
      {"media", {{"listen", listen}}},
      {"control", {{"listen", listen}, {"open_tokens", true}}},
      {"metrics", {{"listen", listen}}},
      {"srt", {{"listen", listen}}},
      {"access", {{"token_lifetime", base::to_text(options.token_lifetime)}, {"accounts", base::Json::array({account_config()})}}},
      {"embed", {{"origins", {kPublisher}}}},
      {"audit_log", options.directory + "/audit.ndjson"},
      {"streams", base::Json::array({stream_config(options)})}};
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
                      static_cast<int>(root.required<std::int64_t>("srt_port"))};
  base::throw_if_any(ready_file_, problems);
  return addresses;
}

}  // namespace harness
