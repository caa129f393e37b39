// Doctor: what this machine can and cannot do for a rehearsal, found by trying, with the reasons. Leaves nothing behind.
#pragma once

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "netem/links/probe.h"

namespace harness {

struct Finding {
  std::string name{};  // "namespaces"
  bool good = false;
  bool needed = true;    // for `rehearse run` with links; false: something else serves
  std::string detail{};  // what was found or tried, and the remedy
};

struct Diagnosis {
  std::string machine{};  // one line
  std::vector<Finding> findings{};
  std::string backend{};  // what links.backend "auto" means here: "kernel", "tun"; empty: neither is to be had
  bool able = false;      // everything needed is good
};

// Requires: the process has one thread. May leave it in a user namespace.
Diagnosis diagnose();
std::string to_text(const Diagnosis& diagnosis);
base::Json to_json(const Diagnosis& diagnosis);  // schema "rehearsal/doctor/1"

}  // namespace harness
