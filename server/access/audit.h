// AuditLog: who was refused or granted what, one JSON object a line. write() copies the record into a bounded queue and returns;
// a thread of its own writes the file. What the disk cannot keep up with or does not take is dropped, and the next line says how many.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"

namespace server {

struct AuditRecord {
  base::UtcTime time{};
  std::string event{};     // "access", "issue", "refresh", "revoke", "expire"
  std::string decision{};  // "allowed", "refused"
  int status = 0;          // of the HTTP answer
  std::string reason{};    // "" for allowed
  std::string session{}, subject{}, stream{};
  std::string path{};  // without the query: tokens are never written
  std::string peer{};
};

std::string to_json_line(const AuditRecord& record);

class AuditLog {
 public:
  // Appends to `file`. Throws RunFailed when it cannot be opened. An empty name: nothing is written.
  explicit AuditLog(const std::string& file, std::size_t most_queued = 65'536);
  // Writes what is queued.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  void write(AuditRecord record);
  std::uint64_t dropped() const;

 private:
  void run();
  std::size_t append(std::string text);
  const std::string file_;
  const std::size_t most_queued_;
  // Of the writing thread.
  int fd_ = -1;
  bool failing_ = false;
  bool torn_ = false;  // the file ends within a line

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<AuditRecord> queue_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread writer_;  // last: the others are there when it starts
};

}  // namespace server
