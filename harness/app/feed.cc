#include "harness/app/feed.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>

#include "base/json_reader.h"
#include "base/read_file.h"
#include "base/steady_timeline.h"
#include "base/text.h"
#include "generators/feed/feed.h"

namespace harness {
namespace {

using namespace std::chrono_literals;
constexpr base::Duration kFeedLook = 100ms;  // how often the connections are looked at
constexpr const char* kOutputNames[] = {"primary", "backup"};

struct FeedTask {
  generators::Feed::Options options;
  std::optional<base::Duration> lasts;
  std::vector<FeedAction> actions;  // in order of time
};

void add_destination(const std::string& url, const char* option, FeedTask& task, std::vector<base::Problem>& problems) {
  const auto destination = generators::parse_destination(url);
  if (destination.has_value())
    task.options.to.push_back(*destination);
  else
    problems.push_back({option, destination.error().message});
}

FeedTask task_of(const FeedArguments& arguments) {
  FeedTask task{.options = {.file = arguments.file, .to = {}}};
  std::vector<base::Problem> problems;
  if (const auto flaw = base::why_unreadable(arguments.file))  // what is in it is for the feed to say
    problems.push_back({"VIDEO", fmt::format("{} {}", arguments.file, flaw->message)});
  add_destination(arguments.primary, "--to", task, problems);
  if (!arguments.backup.empty()) add_destination(arguments.backup, "--backup", task, problems);
  if (!arguments.duration.empty()) {
    const auto lasts = base::parse_duration(arguments.duration);
    if (lasts.has_value())
      task.lasts = *lasts;
    else
      problems.push_back({"--for", lasts.error().message});
  }
  for (const std::string& text : arguments.actions) {
    const auto action = parse_feed_action(text);
    if (!action.has_value())
      problems.push_back({"--do", action.error().message});
    else if (action->output == 1 && arguments.backup.empty())
      problems.push_back({"--do", fmt::format("\"{}\": there is no backup; give one with --backup URL", text)});
    else
      task.actions.push_back(*action);
  }
  base::throw_if_any("command line", problems);
  std::stable_sort(task.actions.begin(), task.actions.end(), [](const FeedAction& a, const FeedAction& b) { return a.after < b.after; });
  return task;
}

// Ctrl-C and SIGTERM, which from now on come to nobody but to the one who waits for them here. To be made before any thread is.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  // True when one came within that time.
  bool wait(base::Duration time) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::max(time, base::Duration::zero()));
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = static_cast<long>((std::max(time, base::Duration::zero()) - seconds).count())};
    return sigtimedwait(&signals_, nullptr, &limit) > 0;
  }

 private:
  sigset_t signals_;
};

class FeedRun {
 public:
  explicit FeedRun(const FeedTask& task) : task_{task}, feed_{task.options}, told_(feed_.outputs()) {}

  // Returns: whether it was interrupted.
  bool run() {
    began_ = base::steady_now();
    feed_.start();
    for (auto action = task_.actions.begin();;) {
      const base::Duration now = base::steady_now() - began_;
      for (; action != task_.actions.end() && action->after <= now; ++action) act(*action);
      look();
      if (task_.lasts && now >= *task_.lasts) return finish(false);
      base::Duration until = now + kFeedLook;
      if (action != task_.actions.end()) until = std::min(until, action->after);
      if (task_.lasts) until = std::min(until, *task_.lasts);
      if (signals_.wait(until - now)) return finish(true);
    }
  }

 private:
  void say(const std::string& text) const {
    fmt::print("{:9.3f} s  {}\n", base::to_seconds(base::steady_now() - began_), text);
    std::fflush(stdout);
  }
  void act(const FeedAction& action) {
    feed_.apply(action.command, action.output);
    say(fmt::format("{}: {}", action.output ? kOutputNames[*action.output] : "all", to_text(action.command)));
  }
  void look() {
    for (std::size_t i = 0; i < feed_.outputs(); ++i) {
      const generators::Feed::Stats stats = feed_.stats(i);
      const std::string state = stats.connected ? "connected" : stats.last_error.empty() ? "not connected" : stats.last_error;
      if (state == told_[i]) continue;
      say(fmt::format("{}: {}", kOutputNames[i], state));
      told_[i] = state;
    }
  }
  bool finish(bool is_interrupted) {
    std::vector<generators::Feed::Stats> stats;
    for (std::size_t i = 0; i < feed_.outputs(); ++i) stats.push_back(feed_.stats(i));  // before stop() clears the errors
    feed_.stop();
    for (std::size_t i = 0; i < feed_.outputs(); ++i)
      say(fmt::format("{}: {} pictures over {} connections", kOutputNames[i], stats[i].frames_sent, stats[i].connects));
    for (std::size_t i = 0; i < feed_.outputs(); ++i)
      if (stats[i].connects == 0 && !is_interrupted)
        throw base::RunFailed(fmt::format("feed: the {} was never connected{}{}", kOutputNames[i], stats[i].last_error.empty() ? "" : ": ",
                                          stats[i].last_error));
    return is_interrupted;
  }

  EndSignals signals_;  // first: the feed has threads
  const FeedTask& task_;
  generators::Feed feed_;
  std::vector<std::string> told_;
  base::Instant began_;
};

}  // namespace

base::Result<FeedAction> parse_feed_action(std::string_view text) {
  const auto problem = [text](const std::string& what) { return base::error(fmt::format("\"{}\": {}", text, what)); };
  const auto first_word = [](std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return word;
  };
  std::string_view rest = text;
  const auto after = base::parse_duration(first_word(rest));
  if (!after.has_value()) return problem("must begin with a time, such as 10s: " + after.error().message);
  FeedAction action{.after = *after};
  for (std::size_t i = 0; i < std::size(kOutputNames); ++i) {
    std::string_view behind = rest;
    if (action.output || first_word(behind) != kOutputNames[i]) continue;
    action.output = i;
    rest = behind;
  }
  const auto command = generators::parse_feed_command(rest);
  if (!command.has_value()) return problem(command.error().message);
  action.command = *command;
  return action;
}

CLI::App* add_feed(CLI::App& app, FeedArguments& arguments) {
  CLI::App* feed = app.add_subcommand("feed", "send a video to a server as a contribution encoder would, and degrade it");
  feed->add_option("VIDEO", arguments.file, "a file with H.264 and AAC, played over and over (rehearse generate video)")->required();
  feed->add_option("--to", arguments.primary, "srt://HOST:PORT?streamid=S&passphrase=P or rtmp://HOST/APP/KEY")->required();
  feed->add_option("--backup", arguments.backup, "a second one, which gets the same in lock-step");
  feed->add_option("--for", arguments.duration, "how long, such as 90s (default: until Ctrl-C)");
  feed->add_option(
      "--do", arguments.actions,
      "WHEN [primary|backup] COMMAND, such as \"10s primary kill\"; repeatable. Commands: start, stop, kill, restart, stall, resume, "
      "bitrate FACTOR, freeze, unfreeze, black, unblack, silence, sound, jump DURATION, loss SHARE");
  return feed;
}

base::ExitCode run_feed(const FeedArguments& arguments) {
  const FeedTask task = task_of(arguments);
  if (FeedRun{task}.run()) throw base::Interrupted("interrupted; the feed has been stopped");
  return base::ExitCode::kPassed;
}

}  // namespace harness
