// Exceptions for "our environment or input is wrong": thrown at the edge, caught once in main, which prints the text and exits
// with the code. The text reads "attempt: reason" and names the file or value and, where there is one, the fix.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace base {

// Exit codes of both programs (docs/exit-codes.md).
enum class ExitCode : int {
  kPassed = 0,
  kInconclusive = 98,
  kGateFailed = 99,
  kInvalidInput = 104,
  kInterrupted = 105,
  kRunFailed = 107,
};

// One problem in an input: where (a path such as `audience.cohorts[1].share`) and what, with the fix.
struct Problem {
  std::string path;
  std::string message;
  friend bool operator==(const Problem&, const Problem&) = default;
};

// Bad input: every problem at once. Exit code 104.
class InvalidInput : public std::runtime_error {
 public:
  InvalidInput(std::string file, std::vector<Problem> problems)
      : std::runtime_error(text(file, problems)), file_{std::move(file)}, problems_{std::move(problems)} {}
  const std::string& file() const { return file_; }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  static std::string text(const std::string& file, const std::vector<Problem>& problems);
  std::string file_;
  std::vector<Problem> problems_;
};

// The run itself failed (a port in use, the server died, the disk is full). Exit code 107.
class RunFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Ctrl-C or SIGTERM. Exit code 105.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "attempt: strerror(errno)" as a std::system_error when `result` is negative; otherwise returns `result`.
std::int64_t checked(const std::string& attempt, std::int64_t result);

}  // namespace base
