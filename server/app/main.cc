// rehearse-server: reads the configuration, builds the parts, wires them, waits for a signal. Decisions are made elsewhere.
#include <fmt/format.h>
#include <prometheus/registry.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "server/access/base64url.h"
#include "server/access/hmac.h"
#include "server/app/config.h"
#include "server/app/descriptor_limit.h"
#include "server/app/ready_file.h"
#include "server/delivery/media_site.h"
#include "server/library/streams.h"

namespace {

using base::ExitCode;
using namespace server;

struct Arguments {
  std::string config;
  std::string ready_file;
};

// SIGTERM and SIGINT are taken by wait_for_signal() alone: blocked before any thread starts, so every thread inherits it.
sigset_t block_signals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

void wait_for_signal(const sigset_t& set) {
  int received = 0;
  sigwait(&set, &received);
  spdlog::info("stopping: {}", received == SIGINT ? "SIGINT" : "SIGTERM");
}

TokenAuthority::Options with_secret(TokenAuthority::Options access) {
  if (!access.secret.empty()) return access;
  access.secret = to_base64url(random_bytes(32));
  spdlog::warn("access.secret is not configured: a random one is used, so tokens end with this process");
  return access;
}

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

void warn_about_open_control(const Config& config) {
  if (config.api_key.empty() && !is_loopback(config.control.host))
    spdlog::warn("control listens on {} without control.api_key: anyone who reaches it controls the server", config.control.host);
}

void warn_about_few_descriptors(const Config& config) {
  constexpr std::uint64_t kOthers = 1000;  // publishers, destinations, files, who is answered 503
  const std::uint64_t limit = raise_descriptor_limit();
  const std::uint64_t needed = config.media.most_connections + config.control.most_connections + kOthers;
  if (limit < needed)
    spdlog::warn("{} media.connections may need {} open files, the limit is {}: raise it (ulimit -n {}) or write fewer",
                 config.media.most_connections, needed, limit, needed);
}

// In front of what control shows and the login page goes on to.
std::string media_url_of(const Config& config, int port) {
  if (!config.public_url.empty()) return config.public_url;
  const std::string url = url_of(config.media.host, port);
  if (!config.accounts.empty() && !is_loopback(config.media.host))
    spdlog::warn("media.public_url is not configured: who signs in is sent to {}", url);
  return url;
}

std::optional<TcpListener::Options> listener_options(const std::optional<Address>& address) {
  if (!address) return std::nullopt;
  return TcpListener::Options{.host = address->host, .port = address->port};
}

std::string port_text(const char* protocol, std::optional<int> port) { return port ? fmt::format(" · {} port {}", protocol, *port) : ""; }

void start_streams(StreamDirectory& streams, const std::vector<StreamSpec>& specs, const std::string& file) {
  std::vector<base::Problem> problems;
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (const auto created = streams.create(specs[i]); !created.has_value())
      problems.push_back({fmt::format("streams[{}]", i), created.error().message});
  base::throw_if_any(file, problems);
}

int serve(const Arguments& arguments) {
  ReadyFile ready{arguments.ready_file};
  const sigset_t signals = block_signals();
  const Config config = load_config(arguments.config);
  warn_about_open_control(config);
  warn_about_few_descriptors(config);
  prometheus::Registry registry;
  AuditLog audit{config.audit_log};
  const TokenAuthority::Options access = with_secret(config.access);
  TokenAuthority tokens{access};
  Streams streams{{.srt_listen_host = config.srt.host,
                   .srt_port = config.srt.port,
                   .rtmp = listener_options(config.rtmp),
                   .http = listener_options(config.http)},
                  registry};
  CmcdLog cmcd{registry};
  MediaSite site{streams, tokens, audit, cmcd, registry, config.embed_origins};
  MetricsPage page{registry};
  HttpServer media{config.media, site};
  HttpServer metrics{config.metrics, page};
  ControlApi api{{.api_key = config.api_key,
                  .open_tokens = config.open_tokens,
                  .media_url = media_url_of(config, media.port()),
                  .version = REHEARSAL_VERSION},
                 streams,
                 tokens,
                 audit,
                 cmcd,
                 Accounts{config.accounts, access.secret}};
  ControlServer control{config.control, api};
  start_streams(streams, config.streams, arguments.config);
  const Listening listening{.media = url_of(config.media.host, media.port()),
                            .control = url_of(config.control.host, control.port()),
                            .metrics = url_of(config.metrics.host, metrics.port()),
                            .srt_port = streams.srt_port(),
                            .rtmp_port = streams.rtmp_port(),
                            .http_port = streams.http_port(),
                            .pid = getpid()};
  spdlog::info("ready: media {} · control {} · metrics {} · srt port {}{}{}", listening.media, listening.control, listening.metrics,
               listening.srt_port, port_text("rtmp", listening.rtmp_port), port_text("http", listening.http_port));
  ready.write(listening);
  wait_for_signal(signals);
  ready.take_away();
  return static_cast<int>(ExitCode::kPassed);
}

int failed(ExitCode code, const std::exception& failure) {
  std::fprintf(stderr, "rehearse-server: %s\n", failure.what());
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("server"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  Arguments arguments;
  CLI::App app{"The reference media server of Rehearsal: live and on-demand HLS and DASH with tokens."};
  app.set_version_flag("--version", "rehearse-server " REHEARSAL_VERSION);
  app.add_option("--config", arguments.config, "configuration file (docs/server.md)")->required();
  app.add_option("--ready-file", arguments.ready_file, "written when every port listens: URLs and ports as JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? 0 : static_cast<int>(ExitCode::kInvalidInput);
  }
  try {
    return serve(arguments);
  } catch (const base::InvalidInput& failure) {
    return failed(ExitCode::kInvalidInput, failure);
  } catch (const std::exception& failure) {
    return failed(ExitCode::kRunFailed, failure);
  }
}
