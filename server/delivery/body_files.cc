#include "server/delivery/body_files.h"

#include <sys/mman.h>
#include <unistd.h>

namespace server {
namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

BodyFilePtr BodyFile::make(const std::string& bytes) {
  const int fd = ::memfd_create("rehearsal body", MFD_CLOEXEC);
  if (fd < 0) return nullptr;
  auto file = std::make_shared<const BodyFile>(fd);
  return write_all(fd, bytes) ? file : nullptr;
}

BodyFile::~BodyFile() { ::close(fd_); }

BodyFilePtr BodyFiles::of(const Bytes& body) {
  if (!body || body->size() < kSmallest) return nullptr;
  const std::lock_guard lock{mutex_};
  if (!entries_.contains(body.get()) && entries_.size() >= kMostFiles * 2) {
    forget_freed();
    if (entries_.size() >= kMostFiles * 2) return nullptr;
  }
  Entry& entry = entries_[body.get()];
  if (entry.body.lock() != body) {  // new, or the address of a body that was freed
    entry = Entry{.body = body, .requests = 0, .file = nullptr, .bytes = 0};
    forget_freed();
  }
  if (entry.file || ++entry.requests < kWorthwhile) return entry.file;
  if (files_ >= kMostFiles || bytes_ + body->size() > kMostBytes) return nullptr;
  entry.file = BodyFile::make(*body);
  entry.bytes = entry.file ? body->size() : 0;
  forget_freed();
  return entry.file;
}

std::size_t BodyFiles::size() {
  const std::lock_guard lock{mutex_};
  forget_freed();
  return files_;
}

void BodyFiles::forget_freed() {
  std::erase_if(entries_, [](const auto& item) { return item.second.body.expired(); });
  files_ = bytes_ = 0;
  for (const auto& [body, entry] : entries_) {
    files_ += entry.file ? 1 : 0;
    bytes_ += entry.bytes;
  }
}

}  // namespace server
