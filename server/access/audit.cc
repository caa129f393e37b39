#include "server/access/audit.h"

#include <fmt/format.h>

#include <cerrno>
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

AuditLog::AuditLog(const std::string& file, std::size_t most_queued) : most_queued_{most_queued} {
  if (file.empty()) return;
  file_.open(file, std::ios::app);
  if (!file_) throw base::RunFailed(fmt::format("open the audit log {}: {}", file, std::generic_category().message(errno)));
  writer_ = std::thread{[this] { run(); }};
}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (writer_.joinable()) writer_.join();
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
    const std::uint64_t lost = dropped_ - std::exchange(told, dropped_);
    lock.unlock();
    for (const AuditRecord& record : batch) file_ << to_json_line(record);
    if (lost > 0) file_ << fmt::format("{{\"event\":\"dropped\",\"records\":{}}}\n", lost);
    file_.flush();
    batch.clear();
    lock.lock();
  }
}

}  // namespace server
