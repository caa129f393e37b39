#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/errors.h"

namespace base {
namespace {

int status_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Only async-signal-safe calls between fork and exec; a failed exec reports errno through the pipe.
[[noreturn]] void become(const Subprocess::Options& options, char* const* arguments, int output, int report, pid_t parent) {
  if (options.own_process_group) setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  execvp(arguments[0], arguments);
  const int failure = errno;
  [[maybe_unused]] const auto written = write(report, &failure, sizeof failure);
  _exit(127);
}

}  // namespace

Subprocess::Subprocess(Options options) : options_{std::move(options)} {
  const std::string& program = options_.command.at(0);
  const std::string file = options_.output_file.empty() ? "/dev/null" : options_.output_file;
  const int output = static_cast<int>(checked("open " + file, open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)));
  int report[2];
  checked("pipe", pipe2(report, O_CLOEXEC));
  std::vector<char*> arguments;
  for (std::string& argument : options_.command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = static_cast<pid_t>(checked("fork for " + program, fork()));
  if (pid_ == 0) become(options_, arguments.data(), output, report[1], parent);
  close(output);
  close(report[1]);
  int failure = 0;
  const auto n = read(report[0], &failure, sizeof failure);
  close(report[0]);
  if (n == sizeof failure) {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    throw RunFailed("start " + program + ": " + std::strerror(failure));
  }
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : options_{std::move(other.options_)}, pid_{std::exchange(other.pid_, -1)}, status_{std::exchange(other.status_, std::nullopt)} {}

Subprocess::~Subprocess() {
  if (pid_ > 0 && !status_) stop();
}

std::optional<int> Subprocess::exit_status() {
  if (status_ || pid_ <= 0) return status_;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) status_ = status_code(status);
  return status_;
}

int Subprocess::stop() {
  if (exit_status() || pid_ <= 0) return status_.value_or(127);
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  kill(pid_, SIGTERM);
  pollfd ended{handle, POLLIN, 0};
  const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(options_.grace).count();
  if (handle < 0 || poll(&ended, 1, static_cast<int>(grace)) != 1) kill(pid_, SIGKILL);
  if (handle >= 0) close(handle);
  int status = 0;
  waitpid(pid_, &status, 0);
  status_ = status_code(status);
  return *status_;
}

// Fields 14 and 15 of /proc/PID/stat (utime, stime) in clock ticks, counted after the parenthesised name.
Duration Subprocess::cpu_time() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/stat"};
  std::string line;
  if (pid_ <= 0 || status_ || !std::getline(in, line)) return Duration::zero();
  std::istringstream fields{line.substr(line.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return from_seconds(static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace base
