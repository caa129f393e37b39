#include "base/read_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace base {
namespace {

// A file of this test's own, gone afterwards.
struct ReadFile : testing::Test {
  ~ReadFile() override { std::remove(file.c_str()); }
  std::string refusal() const { return read_file(file).error().message; }
  std::string file = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(::getpid());
};

TEST_F(ReadFile, GivesEveryByte) {
  std::string text(200'000, 'x');
  text.front() = text[100'000] = '\0';
  text.back() = '\n';
  std::ofstream{file, std::ios::binary} << text;
  EXPECT_EQ(*read_file(file), text);
  EXPECT_FALSE(why_unreadable(file));
}

TEST_F(ReadFile, TakesAnEmptyFile) {
  std::ofstream{file};
  EXPECT_EQ(*read_file(file), "");
}

TEST_F(ReadFile, SaysThatThereIsNone) {
  EXPECT_EQ(refusal(), "cannot be read: No such file or directory");
  EXPECT_EQ(why_unreadable(file)->message, refusal());
}

TEST_F(ReadFile, RefusesADirectory) {
  file = testing::TempDir();
  EXPECT_EQ(refusal(), "is a directory, not a file");
  EXPECT_EQ(why_unreadable(file)->message, refusal());
}

TEST_F(ReadFile, SaysWhatHindersItAmidst) { EXPECT_EQ(read_file("/proc/self/mem").error().message, "cannot be read: Input/output error"); }

TEST_F(ReadFile, RefusesMoreThan64MiB) {
  std::ofstream{file} << "1\n";
  std::filesystem::resize_file(file, (64u << 20) + 1);
  EXPECT_EQ(refusal(), "is larger than 64 MiB");
  EXPECT_FALSE(why_unreadable(file));
}

TEST_F(ReadFile, RefusesWhatHasNoEnd) { EXPECT_EQ(read_file("/dev/zero").error().message, "is larger than 64 MiB"); }

}  // namespace
}  // namespace base
