#include <gtest/gtest.h>

#include "media/dash.h"

namespace media {
namespace {

using namespace base::literals;

std::string filled(std::string_view pattern) {
  const DashRepresentation representation{.id = "v1", .bandwidth = 800_kbps};
  return fill_template(pattern, representation, 42, 180'000);
}

TEST(FillTemplate, ReplacesEveryIdentifier) {
  EXPECT_EQ(filled("$RepresentationID$/$Bandwidth$/$Number$-$Time$.m4s"), "v1/800000/42-180000.m4s");
}

TEST(FillTemplate, PadsToTheWidthGiven) {
  EXPECT_EQ(filled("s$Number%05d$.m4s"), "s00042.m4s");
  EXPECT_EQ(filled("s$Number%01d$.m4s"), "s42.m4s");
  EXPECT_EQ(filled("$Time%09d$"), "000180000");
}

TEST(FillTemplate, TurnsTwoDollarSignsIntoOne) { EXPECT_EQ(filled("a$$b$Number$"), "a$b42"); }

TEST(FillTemplate, KeepsWhatIsNoIdentifier) {
  EXPECT_EQ(filled("a$b"), "a$b");
  EXPECT_EQ(filled("$Other$Number$"), "$Other42");
  EXPECT_EQ(filled("$Number%5x$"), "$Number%5x$");
  EXPECT_EQ(filled("$RepresentationID%05d$"), "$RepresentationID%05d$");
}

TEST(FillTemplate, CapsAnAbsurdWidth) { EXPECT_EQ(filled("$Number%0999999999d$").size(), 64u); }

}  // namespace
}  // namespace media
