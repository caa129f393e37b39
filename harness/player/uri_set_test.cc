#include "harness/player/uri_set.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

struct UriCase {
  std::vector<std::string_view> uris;
  bool counted;
  const char* why;
};

TEST(UriSet, GivesBackEveryUri) {
  const UriCase cases[] = {
      {{"9.m4s", "10.m4s", "11.m4s"}, true, "a counter that grows a digit"},
      {{"a/007.m4s", "a/008.m4s", "a/009.m4s", "a/010.m4s"}, true, "zero padding"},
      {{"v-1.m4s?k=2", "v-2.m4s?k=2"}, true, "digits elsewhere"},
      {{"199.ts", "200.ts"}, true, "a carry"},
      {{"998.ts", "999.ts", "1000.ts"}, true, "a carry that grows a digit"},
      {{"08.ts", "09.ts", "10.ts"}, true, "a carry into the padding"},
      {{"98.ts", "99.ts", "00.ts"}, false, "a counter that wraps"},
      {{"098.ts", "099.ts", "0100.ts"}, false, "padding that grows"},
      {{"8.ts", "9.ts", "10.tt"}, false, "another ending"},
      {{"a8.ts", "a9.ts", "b10.ts"}, false, "another beginning"},
      {{"1.ts", "3.ts"}, false, "a jump"},
      {{"a.ts", "b.ts"}, false, "no counter"},
      {{"1/1.ts", "2/2.ts"}, false, "two counters"},
      {{"all.mp4", "all.mp4"}, false, "the same resource"},
      {{"", ""}, false, "empty"},
      {{"only.ts"}, false, "a single one"},
      {{"99999999999999999999.ts", "99999999999999999998.ts"}, false, "a counter beyond 64 bits"},
  };
  for (const UriCase& each : cases) {
    const UriSet set{each.uris};
    EXPECT_EQ(set.is_counted(), each.counted) << each.why;
    ASSERT_EQ(set.size(), each.uris.size());
    for (std::size_t i = 0; i < each.uris.size(); ++i) EXPECT_EQ(set.at(i), each.uris[i]) << each.why;
  }
}

}  // namespace
}  // namespace harness
