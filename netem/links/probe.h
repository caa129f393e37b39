// What this machine can do to links, found by trying in scratch namespaces; leaves nothing behind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "netem/model/impairment.h"

namespace netem {

enum class BackendChoice { kAuto, kKernel, kTun, kNone };
const char* to_text(BackendChoice choice);  // "auto", "kernel", "tun", "none"

struct Capability {
  bool available = false;
  std::string reason{};  // what was tried, what the kernel said and, when not available, the remedy
};

struct Probe {
  Capability namespaces;  // as root, or in a user namespace
  bool in_user_namespace = false;
  Capability kernel;  // netem, HTB, u32 and veth
  Capability tun;
};

// Requires: the process has one thread, or the privilege already. Leaves the process in a user namespace where it needs one.
Probe probe_links();

// kKernel, kTun or kNone: what `choice` means here, the kernel before TUN. Throws base::RunFailed with the reasons and remedies when it is
// not to be had.
BackendChoice choose_backend(BackendChoice choice, const Probe& probe);

// One sentence for each thing in the spec that the kernel's netem does otherwise than the user-space router.
std::vector<std::string> kernel_departures(const ImpairmentSpec& spec);

}  // namespace netem
