// StageLinks: the links of a real run: the lab (netem/links), which cohort lies in which shard, and what the kernel said of each
// viewer's connections. Everything on the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"
#include "harness/transport/curl_socket.h"
#include "netem/links/link_lab.h"

namespace harness {

class StageLinks {
 public:
  // `backend`: kKernel or kTun. Lays out the lab; throws base::RunFailed.
  StageLinks(const Scenario& scenario, netem::BackendChoice backend);
  ~StageLinks();

  void connect(const LinkUse& use);
  LinkFacts disconnect(base::ViewerId viewer);

  // Of a viewer that is connected; empty for others, who are on the servers' side.
  std::string source_address(base::ViewerId viewer) const;
  int open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length);
  void note(base::ViewerId viewer, const ConnectionFacts& facts);

  netem::LinkLab& lab() { return lab_; }
  netem::BackendChoice backend() const { return backend_; }
  // What reports have to say of this backend.
  std::vector<std::string> notes() const;

 private:
  const Scenario& scenario_;
  netem::BackendChoice backend_;
  std::map<std::string, std::size_t> bottleneck_of_;  // region: index
  std::vector<std::size_t> shard_of_;                 // by cohort
  netem::LinkLab lab_;
  std::unordered_map<base::ViewerId, std::vector<ConnectionFacts>> connected_;
};

}  // namespace harness
