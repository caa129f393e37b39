#include "server/forwarding/backoff.h"

#include <gtest/gtest.h>

namespace server {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsMost) {
  Backoff backoff;
  for (const base::Duration wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10000ms, 10000ms}) EXPECT_EQ(backoff.next(), wait);
}

TEST(Backoff, BeginsAnewAfterAGoodConnectionOnly) {
  Backoff backoff;
  backoff.next();
  backoff.note_connection(9s);
  EXPECT_EQ(backoff.next(), 1s);
  backoff.note_connection(10s);
  EXPECT_EQ(backoff.next(), 500ms);
}

}  // namespace
}  // namespace server
