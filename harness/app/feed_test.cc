#include "harness/app/feed.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace std::chrono_literals;

TEST(FeedAction, NamesTimeOutputAndCommand) {
  EXPECT_EQ(*parse_feed_action("10s kill"), (FeedAction{10s, std::nullopt, generators::FeedKill{}}));
  EXPECT_EQ(*parse_feed_action("1m30s primary stall"), (FeedAction{90s, 0, generators::FeedStall{true}}));
  EXPECT_EQ(*parse_feed_action("500ms backup bitrate 0.1"), (FeedAction{500ms, 1, generators::FeedBitrate{0.1}}));
}

TEST(FeedAction, WhatIsWrongIsNamed) {
  const auto refusal = [](const char* text) { return parse_feed_action(text).error().message; };
  EXPECT_TRUE(refusal("kill").starts_with("\"kill\": must begin with a time, such as 10s: "));
  EXPECT_TRUE(refusal("10s").starts_with("\"10s\": \"\" is no command; known: "));
  EXPECT_TRUE(refusal("10s third kill").starts_with("\"10s third kill\": \"third kill\" is no command"));
}

TEST(RunFeed, EveryProblemOfTheCommandLineIsNamed) {
  const FeedArguments arguments{
      .file = "/absent/x.mp4", .primary = "udp://h:1", .backup = "", .duration = "soon", .actions = {"1s backup kill", "melt"}};
  try {
    run_feed(arguments);
    FAIL();
  } catch (const base::InvalidInput& failure) {
    std::vector<std::string> paths;
    for (const base::Problem& problem : failure.problems()) paths.push_back(problem.path);
    EXPECT_EQ(failure.problems().front().message, "/absent/x.mp4 cannot be read: No such file or directory");
    EXPECT_EQ(paths, (std::vector<std::string>{"VIDEO", "--to", "--for", "--do", "--do"}));
  }
}

}  // namespace
}  // namespace harness
