#include "base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/errors.h"

namespace base {
namespace {

using namespace literals;
using testing::HasSubstr;

constexpr int kPatienceMs = 20'000;

std::string scratch_file(const char* name) { return testing::TempDir() + fmt::format("/subprocess_test_{}_{}", ::getpid(), name); }

// Waits, bounded, until the process has ended (it may still be a zombie).
bool has_ended(pid_t pid) {
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (handle < 0) return true;
  pollfd ended{handle, POLLIN, 0};
  const bool gone = poll(&ended, 1, kPatienceMs) == 1;
  close(handle);
  return gone;
}

Subprocess shell(std::string script, std::string output_file = "", Duration grace = 20s) {
  return Subprocess{{.command = {"sh", "-c", std::move(script)}, .output_file = std::move(output_file), .grace = grace}};
}

// What the child writes, readable from the test; the name stands in for an output file.
class Pipe {
 public:
  explicit Pipe(const char* name) : file_{scratch_file(name)} {
    checked("mkfifo", mkfifo(file_.c_str(), 0600));
    handle_ = static_cast<int>(checked("open " + file_, open(file_.c_str(), O_RDWR | O_CLOEXEC)));
  }
  ~Pipe() {
    close(handle_);
    std::remove(file_.c_str());
  }
  const std::string& file() const { return file_; }
  std::string line() {
    std::string out;
    pollfd ready{handle_, POLLIN, 0};
    for (char c = 0; c != '\n' && poll(&ready, 1, kPatienceMs) == 1 && read(handle_, &c, 1) == 1;) out += c;
    return out;
  }

 private:
  std::string file_;
  int handle_ = -1;
};

TEST(Subprocess, ReportsTheExitStatus) {
  Subprocess child = shell("exit 7");
  ASSERT_TRUE(has_ended(child.pid()));
  EXPECT_EQ(child.exit_status(), 7);
  EXPECT_EQ(child.exit_status(), 7) << "still there when asked again";
  EXPECT_EQ(child.stop(), 7);
}

TEST(Subprocess, ReportsTheSignalThatKilledIt) {
  Subprocess child = shell("kill -KILL $$");
  ASSERT_TRUE(has_ended(child.pid()));
  EXPECT_EQ(child.exit_status(), 128 + SIGKILL);
}

TEST(Subprocess, HasNoExitStatusWhileItRuns) {
  Subprocess child = shell("exec sleep 100");
  EXPECT_FALSE(child.exit_status());
  EXPECT_EQ(child.stop(), 128 + SIGTERM);
}

TEST(Subprocess, AppendsBothOutputsToTheFile) {
  Pipe pipe{"output"};
  Subprocess child = shell("echo out; echo err >&2", pipe.file());
  EXPECT_EQ(pipe.line(), "out\n");
  EXPECT_EQ(pipe.line(), "err\n");
}

TEST(Subprocess, GivesAChildTheTimeToStopInOrder) {
  Pipe pipe{"orderly"};
  Subprocess child = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.02; done", pipe.file());
  ASSERT_EQ(pipe.line(), "ready\n");
  EXPECT_EQ(child.stop(), 3);
  EXPECT_EQ(pipe.line(), "bye\n");
}

TEST(Subprocess, KillsAStubbornChildAfterTheGraceTime) {
  Pipe pipe{"stubborn"};
  Subprocess child = shell("trap '' TERM; echo ready; exec sleep 100", pipe.file(), 50ms);
  ASSERT_EQ(pipe.line(), "ready\n");
  EXPECT_EQ(child.stop(), 128 + SIGKILL);
}

TEST(Subprocess, StopsItsChildWhenItGoes) {
  pid_t pid = 0;
  {
    const Subprocess child = shell("exec sleep 100");
    pid = child.pid();
  }
  EXPECT_EQ(kill(pid, 0), -1) << "ended and reaped";
}

TEST(Subprocess, KeepsTheChildWhenItMoves) {
  Subprocess first = shell("exec sleep 100");
  const pid_t pid = first.pid();
  Subprocess second{std::move(first)};
  EXPECT_EQ(second.pid(), pid);
  EXPECT_FALSE(second.exit_status());
}

// A process that starts a child and dies at once, without a chance to stop it.
TEST(Subprocess, LeavesNoOrphanWhenItsOwnerIsKilled) {
  int report[2];
  ASSERT_EQ(pipe2(report, O_CLOEXEC), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    const Subprocess child = shell("exec sleep 100");
    const pid_t pid = child.pid();
    [[maybe_unused]] const auto written = write(report[1], &pid, sizeof pid);
    _exit(0);
  }
  waitpid(owner, nullptr, 0);
  pid_t orphan = 0;
  ASSERT_EQ(read(report[0], &orphan, sizeof orphan), static_cast<ssize_t>(sizeof orphan));
  EXPECT_TRUE(has_ended(orphan));
  close(report[0]);
  close(report[1]);
}

TEST(Subprocess, NamesAProgramThatCannotBeStarted) {
  try {
    const Subprocess child{{.command = {"no-such-program-anywhere"}, .output_file = ""}};
    FAIL() << "started";
  } catch (const RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("start no-such-program-anywhere: No such file"));
  }
}

TEST(Subprocess, NamesAnOutputFileThatCannotBeOpened) { EXPECT_THROW(shell("exit 0", "/no/such/folder/log"), std::system_error); }

TEST(Subprocess, CountsTheChildsProcessorTime) {
  Pipe pipe{"cpu"};
  Subprocess child = shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exec sleep 100", pipe.file());
  ASSERT_EQ(pipe.line(), "done\n");
  EXPECT_GT(child.cpu_time(), 0s);
  child.stop();
  EXPECT_EQ(child.cpu_time(), 0s);
}

TEST(Checked, TurnsErrnoIntoAnException) {
  EXPECT_EQ(checked("dup", 5), 5);
  errno = ENOENT;
  EXPECT_THROW(checked("open x", -1), std::system_error);
}

}  // namespace
}  // namespace base
