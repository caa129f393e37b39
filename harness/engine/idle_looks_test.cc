#include "harness/engine/idle_looks.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kLook{100s};  // half a second before the first

TEST(IdleLooks, PassesOverLooksThatCannotFindTheBufferLower) {
  IdleLooks looks;
  EXPECT_FALSE(looks.are_idle());
  looks.begin(kLook + 500ms);
  EXPECT_TRUE(looks.are_idle());
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, 1700ms, 1), 500ms), kLook + 2s);
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, 1700ms, 2), 500ms), kLook + 1s);
  looks.end();
  EXPECT_FALSE(looks.are_idle());
}

TEST(IdleLooks, MissesNoneThatMight) {
  IdleLooks looks;
  looks.begin(kLook + 500ms);
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, 1500ms, 1), 500ms), kLook + 1500ms) << "it may be found at the level, or a nanosecond below";
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, 0ms, 1), 500ms), kLook + 500ms) << "never the same one again";
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, -3s, 1), 500ms), kLook + 500ms);
}

TEST(IdleLooks, PassesOverNoneWhileNothingPlays) {
  IdleLooks looks;
  looks.begin(kLook + 500ms);
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook, 30s, 0), 500ms), kLook + 500ms);
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook + 700ms, 30s, 0), 500ms), kLook + 1s);
}

TEST(IdleLooks, ReckonsAnewWhenSomethingHasHappened) {
  IdleLooks looks;
  looks.begin(kLook + 500ms);
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook + 700ms, 10ms, 1), 500ms), kLook + 1s)
      << "the viewer has gone on to where little is buffered";
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook + 700ms, 5s, 1), 500ms), kLook + 6s) << "5.7 s after the first look";
  EXPECT_EQ(looks.next(IdleLooks::falls(kLook + 1s, 0ms, 1), 500ms), kLook + 1s) << "this is one of them";
}

}  // namespace
}  // namespace harness
