#include "tests/fidelity/lab/web_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>

#include "base/errors.h"
#include "netem/topology/descriptor.h"

namespace fidelity {
namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";  // where Debian has it; an ordinary user's PATH does not name it

// One process without a master, so that nothing can outlive us. Pages come from another origin: CORS, and the headers that players read.
constexpr const char* kConfiguration = R"(daemon off;
master_process off;
pid "{0}/nginx.pid";
error_log "{0}/nginx.log" warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  etag off;
  keepalive_timeout 65s;
  keepalive_requests 100000;
  types {{ application/vnd.apple.mpegurl m3u8; application/dash+xml mpd; video/mp4 mp4 m4s; }}
  default_type application/octet-stream;
  client_body_temp_path "{0}/body";
  proxy_temp_path "{0}/proxy";
  fastcgi_temp_path "{0}/fastcgi";
  uwsgi_temp_path "{0}/uwsgi";
  scgi_temp_path "{0}/scgi";
  server {{
    listen {1}:80;
    root "{2}";
    add_header Access-Control-Allow-Origin * always;
    add_header Access-Control-Expose-Headers "Date, Content-Length" always;
    add_header Timing-Allow-Origin * always;
    add_header Cache-Control "max-age=3600";
  }}
}}
)";

std::vector<std::string> command_of(const WebServer::Options& options) {
  const std::string file = options.work + "/nginx.conf";
  std::ofstream out{file};
  out << fmt::format(kConfiguration, options.work, options.address, options.content);
  if (!out.flush()) throw base::RunFailed("write " + file + ": failed; is the disk full?");
  return {kNginx, "-p", options.work, "-c", file, "-e", options.work + "/nginx.log"};
}

bool accepts(const std::string& address) {
  const netem::Descriptor probe{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(80);
  inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

void await(netem::NetworkNamespace& space, base::Subprocess& process, const WebServer::Options& options) {
  constexpr int kTries = 500, kPauseMs = 10;
  for (int i = 0; i < kTries; ++i) {
    if (process.exit_status()) break;
    if (space.run([&] { return accepts(options.address); })) return;
    poll(nullptr, 0, kPauseMs);
  }
  throw base::RunFailed("start " + std::string{kNginx} + ": it does not accept connections; see " + options.work + "/nginx.log");
}

}  // namespace

WebServer::WebServer(netem::NetworkNamespace& space, const Options& options)
    : process_{space.run([&] { return base::Subprocess{{.command = command_of(options), .output_file = options.work + "/nginx.log"}}; })} {
  await(space, process_, options);
}

}  // namespace fidelity
