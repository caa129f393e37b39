// WebServer: Debian's nginx on a folder, in one process inside a namespace; its configuration, log and scratch files are in a work
// folder and it is gone with the object, or with this process.
#pragma once

#include <string>

#include "base/subprocess.h"
#include "netem/topology/network_namespace.h"

namespace fidelity {

class WebServer {
 public:
  struct Options {
    std::string address;  // "198.18.0.1"; port 80
    std::string content;  // folder
    std::string work;     // folder, exists
  };
  // Returns once it accepts connections. Throws base::RunFailed naming its log.
  WebServer(netem::NetworkNamespace& space, const Options& options);

 private:
  base::Subprocess process_;
};

}  // namespace fidelity
