#include "harness/gate/known_names.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

const std::vector<std::string> kNetworks{"3g", "4g", "fibre", "mobile-unstable", "wifi"};

TEST(NearestName, FindsSlipsOfTheFingers) {
  EXPECT_EQ(nearest_name("fiber", kNetworks), "fibre");  // neighbours swapped
  EXPECT_EQ(nearest_name("fbre", kNetworks), "fibre");   // one missing
  EXPECT_EQ(nearest_name("wiffi", kNetworks), "wifi");   // one too many
  EXPECT_EQ(nearest_name("fidre", kNetworks), "fibre");  // one replaced
  EXPECT_EQ(nearest_name("mobile_unstabel", kNetworks), "mobile-unstable");
}

TEST(NearestName, FindsNothingForAnotherWord) {
  EXPECT_EQ(nearest_name("satellite", kNetworks), "");
  EXPECT_EQ(nearest_name("", kNetworks), "");
  EXPECT_EQ(nearest_name("fibre", {}), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), kNetworks), "");
}

TEST(UnknownName, ListsWhatIsKnown) {
  EXPECT_EQ(unknown_name("network", "fiber", {"fibre", "wifi"}),
            "\"fiber\" is not a known network; did you mean fibre? Known: fibre, wifi");
  EXPECT_EQ(unknown_name("network", "satellite", {"fibre", "wifi"}), "\"satellite\" is not a known network; known: fibre, wifi");
}

TEST(UnknownName, ShortensWhatIsTooLongToRead) {
  EXPECT_EQ(unknown_name("network", std::string(1000, 'x'), {"wifi"}).size(),
            64 + std::string_view{"\"\" is not a known network; known: wifi"}.size());
}

}  // namespace
}  // namespace harness
