// A child process with an owner: it is asked to stop (SIGTERM), then killed, when the owner goes; and the kernel kills it when
// the owner's thread dies, so no orphan is left. Output goes to a file. Linux only.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace base {

class Subprocess {
 public:
  struct Options {
    std::vector<std::string> command;          // program (path or name in PATH) and arguments
    std::string output_file;                   // stdout and stderr, appended
    Duration grace = std::chrono::seconds{5};  // between SIGTERM and SIGKILL
    bool own_process_group = true;             // a Ctrl-C at the terminal then reaches only us, and we stop the child in order
  };
  // Throws std::system_error (cannot fork or open the file) and RunFailed (the program cannot be started).
  explicit Subprocess(Options options);
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;
  ~Subprocess();

  pid_t pid() const { return pid_; }
  // Non-blocking. Returns the exit status (128 + signal when killed by one) once it has ended.
  std::optional<int> exit_status();
  // SIGTERM, wait for the grace time, SIGKILL. Returns the exit status.
  int stop();
  // User plus system CPU time so far, from /proc; zero once it has ended.
  Duration cpu_time() const;

 private:
  Options options_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace base
