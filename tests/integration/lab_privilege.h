// Whether links can be made here by the user-space router; looked for once, because a process that has started threads cannot enter a
// user namespace any more.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "netem/links/probe.h"

namespace integration {

inline const netem::Probe& probe() {
  static const netem::Probe found = netem::probe_links();
  return found;
}

// Skips the test with the reason, or fails it under CI.
class NeedsTun : public testing::Test {
 protected:
  static void SetUpTestSuite() { probe(); }
  void SetUp() override {
    if (probe().tun.available) return;
    const std::string reason = probe().namespaces.reason + "; " + probe().tun.reason;
    if (std::getenv("CI") != nullptr) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
};

}  // namespace integration
