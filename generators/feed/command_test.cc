#include "generators/feed/command.h"

#include <gtest/gtest.h>

namespace generators {
namespace {

using namespace std::chrono_literals;

TEST(FeedCommand, TextGoesThereAndBack) {
  for (const char* text : {"start", "stop", "kill", "restart", "stall", "resume", "bitrate 0.1", "freeze", "unfreeze", "black", "unblack",
                           "silence", "sound", "jump 1m30s", "jump -2s", "loss 0.25"}) {
    const auto command = parse_feed_command(text);
    ASSERT_TRUE(command.has_value()) << text;
    EXPECT_EQ(to_text(*command), text);
  }
  EXPECT_EQ(*parse_feed_command("jump -2s"), FeedCommand(FeedJump{-2s}));
}

TEST(FeedCommand, WhatIsWrongIsNamed) {
  const auto refusal = [](const char* text) { return parse_feed_command(text).error().message; };
  EXPECT_EQ(refusal("bitrate 0"), "bitrate 0: must be above 0 and at most 1");
  EXPECT_EQ(refusal("loss nan"), "loss nan: must be 0 to 1");
  EXPECT_EQ(refusal("loss much"), "loss \"much\": must be a number");
  EXPECT_TRUE(refusal("melt").starts_with("\"melt\" is no command; known: start, stop, kill,"));
  EXPECT_TRUE(refusal("jump there").starts_with("jump: "));
  EXPECT_TRUE(refusal("").starts_with("\"\" is no command"));
}

}  // namespace
}  // namespace generators
