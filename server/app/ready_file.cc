#include "server/app/ready_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace server {

std::string url_of(const std::string& host, int port) {
  const std::string reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
  const bool v6 = reachable.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", v6 ? '[' + reachable + ']' : reachable, port);
}

std::string to_json_text(const Listening& listening) {
  base::Json json = {{"media", listening.media},
                     {"control", listening.control},
                     {"metrics", listening.metrics},
                     {"srt_port", listening.srt_port},
                     {"pid", listening.pid}};
  if (listening.rtmp_port) json["rtmp_port"] = *listening.rtmp_port;
  if (listening.http_port) json["http_port"] = *listening.http_port;
  return json.dump() + '\n';
}

void write_ready_file(const std::string& file, const Listening& listening) {
  const std::string draft = file + ".tmp";
  std::ofstream out{draft, std::ios::trunc};
  out << to_json_text(listening);
  out.close();
  if (!out) throw base::RunFailed(fmt::format("write the ready file {}: {}", file, std::generic_category().message(errno)));
  std::error_code failure;
  std::filesystem::rename(draft, file, failure);
  if (failure) throw base::RunFailed(fmt::format("write the ready file {}: {}", file, failure.message()));
}

ReadyFile::ReadyFile(std::string file) : file_{std::move(file)} {
  if (file_.empty() || ::unlink(file_.c_str()) == 0 || errno == ENOENT) return;
  throw base::RunFailed(fmt::format("take away the ready file {} of an earlier run: {}", file_, std::generic_category().message(errno)));
}

ReadyFile::~ReadyFile() {
  if (!file_.empty()) ::unlink(file_.c_str());
}

void ReadyFile::write(const Listening& listening) const {
  if (!file_.empty()) write_ready_file(file_, listening);
}

}  // namespace server
