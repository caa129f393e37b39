// ReferenceServer: rehearse-server as a child process with a generated configuration on free ports. Ends with its owner.
#pragma once

#include <optional>
#include <string>

#include "base/subprocess.h"
#include "generators/feed/destination.h"
#include "harness/scenario/scenario.h"

namespace harness {

class ReferenceServer {
 public:
  struct Options {
    std::string directory;  // configuration, log and audit log go here
    ContentKind content = ContentKind::kLive;
    std::string vod_file;         // for kVod
    Contribution contribution{};  // for kLive
    base::Duration token_lifetime{};
    std::size_t channels = 1;        // streams, named by reference_stream()
    std::string host = "127.0.0.1";  // where it listens
  };
  struct Addresses {
    std::string media, control, metrics;  // "http://127.0.0.1:41234"
    int srt_port = 0;
    int rtmp_port = 0;  // 0: it takes none
  };

  // Starts the program, in the calling thread's network namespace: the one that lies beside this one (or $REHEARSE_SERVER). Throws
  // base::RunFailed.
  explicit ReferenceServer(const Options& options);

  // The addresses once it listens; nullopt before. Throws base::RunFailed with the last lines of its log when it has ended.
  std::optional<Addresses> ready();
  // A sentence when it has ended.
  std::optional<std::string> failure();
  base::Duration cpu_time() const { return process_.cpu_time(); }
  const std::string& log_file() const { return log_; }

  // The path of the program, whether it is there or not.
  static std::string program();
  // Where a channel's feed sends to. Requires: it is ready; its contribution uses that protocol.
  static generators::Destination destination(const Addresses& addresses, const std::string& host, std::size_t channel, FeedChoice feed,
                                             ContributionProtocol protocol);

 private:
  static std::string write_config(const Options& options);
  std::string log_;
  std::string ready_file_;
  base::Subprocess process_;
};

}  // namespace harness
