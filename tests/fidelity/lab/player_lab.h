// PlayerLab: one player's link between a folder of media and whatever command is run on the player's side.
//
//   player 10.64.0.1 ── user-space router, one link from a trace ── nginx on 198.18.0.1:80
//
// The trace's clock starts with the first TCP SYN of the player towards the server: until then nothing has crossed the downlink. Two
// namespaces, gone with the object or with the process. Owned by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netem/links/link_lab.h"
#include "tests/fidelity/lab/syn_watch.h"
#include "tests/fidelity/lab/trace_link.h"
#include "tests/fidelity/lab/web_server.h"

namespace fidelity {

class PlayerLab {
 public:
  struct Options {
    TraceLink link{};
    std::string content{};                     // folder that nginx serves
    std::string work{};                        // folder for its files and the command's output (command.log); exists
    std::string congestion_control = "cubic";  // of the server's side
  };
  // Requires: netem::probe_links() has been called and finds TUN. Throws base::RunFailed.
  explicit PlayerLab(const Options& options);

  // Runs a command on the player's side until it ends, or until `stop` (a descriptor, or -1) becomes readable, or the patience is at
  // its end. Returns the exit status; nothing when it had to be stopped.
  std::optional<int> run(std::vector<std::string> command, int stop, base::Duration patience);

  // Since the trace's clock started; until then since the beginning.
  struct Reading {
    std::optional<base::Instant> trace_start{};
    netem::LinkReading link{};
    netem::BackendStats router{};
  };
  Reading read();

 private:
  void start_trace(base::Instant at);

  Options options_;
  netem::LinkLab lab_;
  std::optional<SynWatch> watch_;  // until it has seen one
  std::optional<WebServer> server_;
  std::optional<base::Instant> trace_start_;
};

}  // namespace fidelity
