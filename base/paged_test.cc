#include "base/paged.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Paged, KeepsAValueForEachNumberNearAndFar) {
  Paged<int, 4> values;
  for (const std::size_t number : {0, 3, 4, 1'000'000}) values[number] = static_cast<int>(number) + 1;
  EXPECT_EQ(values.at(0), 1);
  EXPECT_EQ(values.at(3), 4);
  EXPECT_EQ(values.at(4), 5);
  EXPECT_EQ(values.at(1'000'000), 1'000'001);
}

TEST(Paged, IsAsMadeWhereNothingWasSet) {
  struct Seat {
    int number = 7;
  };
  Paged<Seat, 4> seats;
  seats[1].number = 8;
  EXPECT_EQ(seats.at(2).number, 7);
  EXPECT_EQ(seats.at(50).number, 7);
  EXPECT_EQ(seats[50].number, 7);
}

TEST(Paged, LeavesValuesWhereTheyAre) {
  Paged<int, 4> values;
  int& first = values[1];
  for (std::size_t number = 2; number < 1000; ++number) values[number] = 1;
  first = 5;
  EXPECT_EQ(values.at(1), 5);
}

}  // namespace
}  // namespace base
