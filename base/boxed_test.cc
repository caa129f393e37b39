#include "base/boxed.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

TEST(Boxed, HoldsNothingUntilItIsGivenSomething) {
  Boxed<std::string> box;
  EXPECT_FALSE(box);
  box = std::string{"a"};
  EXPECT_EQ(*box, "a");
  box.reset();
  EXPECT_FALSE(box.has_value());
  box.filled() += "b";
  EXPECT_EQ(box->size(), 1u);
}

TEST(Boxed, CopiesWhatItHolds) {
  Boxed<std::string> box{std::string{"a"}};
  Boxed<std::string> copy = box;
  *copy = "b";
  EXPECT_EQ(*box, "a");
  box = copy;
  EXPECT_EQ(*box, "b");
  const Boxed<std::string> taken = std::move(copy);
  EXPECT_EQ(*taken, "b");
}

}  // namespace
}  // namespace base
