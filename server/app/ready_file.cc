#include "server/app/ready_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/json_reader.h"
#include "base/read_file.h"

namespace server {
namespace {

// The same program runs under the process id that it tells, which is not ours.
bool is_of_another(const std::string& file) {
  const auto ready = base::read_file(file);
  if (!ready.has_value()) return false;
  const auto json = base::parse_json(*ready);
  if (!json.has_value() || !json->is_object() || !json->contains("pid") || !(*json)["pid"].is_number_integer()) return false;
  const auto pid = (*json)["pid"].get<std::int64_t>();
  std::error_code none;
  const auto program = [&none](const std::string& process) { return std::filesystem::read_symlink("/proc/" + process + "/exe", none); };
  const std::filesystem::path its = program(std::to_string(pid));
  return pid != ::getpid() && !its.empty() && its == program("self");
}

}  // namespace

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
  if (file_.empty() || is_of_another(file_) || ::unlink(file_.c_str()) == 0 || errno == ENOENT) return;
  throw base::RunFailed(fmt::format("take away the ready file {} of an earlier run: {}", file_, std::generic_category().message(errno)));
}

void ReadyFile::write(const Listening& listening) {
  if (file_.empty()) return;
  write_ready_file(file_, listening);
  written_ = to_json_text(listening);
}

void ReadyFile::take_away() {
  if (!written_.empty() && base::read_file(file_) == written_) ::unlink(file_.c_str());
  written_.clear();
}

}  // namespace server
