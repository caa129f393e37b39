// BodyFiles: bodies that many viewers fetch, as files in memory, so that sendfile() hands their pages to the kernel instead of copying
// them for each viewer. A body gets its file when it is asked for repeatedly; the file goes with the body. Thread-safe, bounded.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/package/presentation.h"

namespace server {

class BodyFile {
 public:
  // Nothing: no descriptor or memory is left.
  static std::shared_ptr<const BodyFile> make(const std::string& bytes);
  explicit BodyFile(int fd) : fd_{fd} {}
  ~BodyFile();
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};
using BodyFilePtr = std::shared_ptr<const BodyFile>;

class BodyFiles {
 public:
  static constexpr std::size_t kSmallest = 32 * 1024;  // below, a copy is cheaper than a second system call
  static constexpr std::size_t kMostFiles = 1024;
  static constexpr std::size_t kMostBytes = 1u << 30;
  static constexpr int kWorthwhile = 3;  // requests before a body gets its file

  // Null: to be sent from memory.
  BodyFilePtr of(const Bytes& body);
  std::size_t size();

 private:
  struct Entry {
    std::weak_ptr<const std::string> body;
    int requests = 0;
    BodyFilePtr file;
    std::size_t bytes = 0;
  };
  void forget_freed();
  std::mutex mutex_;
  std::unordered_map<const std::string*, Entry> entries_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace server
