#include "server/access/audit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/errors.h"
#include "base/json_reader.h"
#include "base/text.h"

namespace server {

std::string to_json_line(const AuditRecord& record) {
  base::Json line = {
      {"time", base::to_iso8601(record.time)}, {"event", record.event}, {"decision", record.decision}, {"status", record.status}};
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) line[name] = value;
  };
  put("reason", record.reason);
  put("sid", record.session);
  put("subject", record.subject);
  put("stream", record.stream);
  put("path", record.path);
  put("peer", record.peer);
  return line.dump(-1, ' ', false, base::Json::error_handler_t::replace) + '\n';
}

AuditLog::AuditLog(const std::string& file, std::size_t most_queued) : file_{file}, most_queued_{most_queued} {
  if (file.empty()) return;
  fd_ = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw base::RunFailed(fmt::format("open the audit log {}: {}", file, std::generic_category().message(errno)));
  writer_ = std::thread{[this] { run(); }};
}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (writer_.joinable()) writer_.join();
  if (fd_ >= 0) ::close(fd_);
}

void AuditLog::write(AuditRecord record) {
  if (!writer_.joinable()) return;
  const std::lock_guard lock{mutex_};
  if (queue_.size() >= most_queued_) {
    ++dropped_;
    return;
  }
  queue_.push_back(std::move(record));
  if (queue_.size() == 1) wake_.notify_one();
}

std::uint64_t AuditLog::dropped() const {
  const std::lock_guard lock{mutex_};
  return dropped_;
}

void AuditLog::run() {
  std::vector<AuditRecord> batch;
  std::uint64_t told = 0;
  std::unique_lock lock{mutex_};
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    batch.swap(queue_);
    const std::uint64_t lost = dropped_ - told;
    lock.unlock();
    std::string text;
    if (lost > 0) text = fmt::format("{{\"event\":\"dropped\",\"records\":{}}}\n", lost);
    for (const AuditRecord& record : batch) text += to_json_line(record);
    const std::size_t lines = append(std::move(text)), of_loss = lost > 0 ? 1 : 0;
    lock.lock();
    if (lines >= of_loss) told += lost;
    dropped_ += batch.size() + of_loss - std::max(lines, of_loss);
    batch.clear();
  }
}

// Returns: how many lines of it were written whole. The process's log says when some are not, and when all are again.
std::size_t AuditLog::append(std::string text) {
  const std::size_t mended = torn_ ? 1 : 0;
  if (torn_) text.insert(0, 1, '\n');
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    torn_ = rest[static_cast<std::size_t>(count) - 1] != '\n';
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  const bool written = rest.empty();
  if (!written && !failing_)
    spdlog::error("the audit log {} cannot be written: {}; records are dropped", file_, std::generic_category().message(errno));
  if (written && failing_) spdlog::info("the audit log {} is written again", file_);
  failing_ = !written;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end() - std::ssize(rest), '\n'));
  return lines - std::min(lines, mended);
}

}  // namespace server
