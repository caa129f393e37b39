// rehearse feed: the command line of generators/feed. Sends a video to a server as a contribution encoder would, to a primary and a backup
// if wanted, and does to it what is asked at the times asked.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "base/result.h"
#include "base/time.h"
#include "generators/feed/command.h"

namespace harness {

// As given on the command line.
struct FeedArguments {
  std::string file, primary, backup, duration;
  std::vector<std::string> actions;
};

struct FeedAction {
  base::Duration after{};             // since the feed began
  std::optional<std::size_t> output;  // 0: primary, 1: backup; nothing: all
  generators::FeedCommand command;
  friend bool operator==(const FeedAction&, const FeedAction&) = default;
};
// "10s kill", "12s backup bitrate 0.1".
base::Result<FeedAction> parse_feed_action(std::string_view text);

CLI::App* add_feed(CLI::App& app, FeedArguments& arguments);
// Prints a line for each action and each change of a connection. Throws base::RunFailed when an output has never been connected, and
// base::Interrupted after a clean end.
base::ExitCode run_feed(const FeedArguments& arguments);

}  // namespace harness
