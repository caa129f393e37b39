#include "base/callback.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace base {
namespace {

// Says when it is gone.
struct Witness {
  explicit Witness(int& gone) : gone_{&gone} {}
  Witness(Witness&& other) noexcept : gone_{std::exchange(other.gone_, nullptr)} {}
  Witness& operator=(Witness&&) = delete;
  ~Witness() {
    if (gone_ != nullptr) ++*gone_;
  }

 private:
  int* gone_;
};

TEST(Callback, CallsWhatItWasMadeOf) {
  int calls = 0;
  const Callback small{[&calls] { ++calls; }};
  const Callback large{[&calls, text = std::string(100, 'x')] { calls += static_cast<int>(text.size()); }};
  small();
  large();
  small();
  EXPECT_EQ(calls, 102);
}

TEST(Callback, IsEmptyAtFirstAndOnceItWasMoved) {
  Callback one;
  EXPECT_FALSE(one);
  int calls = 0;
  one = [&calls] { ++calls; };
  Callback other{std::move(one)};
  EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): that is the claim
  ASSERT_TRUE(other);
  other();
  EXPECT_EQ(calls, 1);
}

TEST(Callback, DropsWhatItCapturedOnceAlone) {
  int gone = 0;
  {
    Callback one{[witness = Witness{gone}] {}};
    Callback other{std::move(one)};
    EXPECT_EQ(gone, 0);
    other = [] {};
    EXPECT_EQ(gone, 1);
  }
  EXPECT_EQ(gone, 1);
}

TEST(Callback, KeepsWhatCannotBeCopied) {
  int seen = 0;
  Callback one{[&seen, number = std::make_unique<int>(7)] { seen = *number; }};
  const Callback other{std::move(one)};
  other();
  EXPECT_EQ(seen, 7);
}

TEST(Callback, KeepsItsOwnStateFromCallToCall) {
  int last = 0;
  const Callback counting{[&last, calls = 0]() mutable { last = ++calls; }};
  counting();
  counting();
  EXPECT_EQ(last, 2);
}

}  // namespace
}  // namespace base
