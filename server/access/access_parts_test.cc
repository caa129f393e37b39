#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/access/audit.h"
#include "server/access/base64url.h"
#include "server/access/cut_table.h"
#include "server/access/verdict_cache.h"

namespace server {
namespace {

using namespace std::chrono_literals;

TEST(Base64Url, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(Base64Url, RefusesWhatIsNotCanonical) {
  for (const char* text : {"A", "AB", "AA=", "AA+A", "AA/A", "AA A", "AA\n"}) EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  EXPECT_EQ(from_base64url("AA"), std::string(1, '\0'));
}

TEST(CutTable, ForgetsCutsThatCanHitNoLivingToken) {
  CutTable table{1h};
  base::UtcTime now{1h};
  for (int i = 0; i < 10'000; ++i) table.add({.session = std::to_string(i)}, Cut::kRevoked, i, now += 10s);
  EXPECT_LT(table.size(), 2000u);
}

TEST(CutTable, TellsFieldsApart) {
  CutTable table{1h};
  table.add({.subject = "x"}, Cut::kRevoked, 10, base::UtcTime{});
  EXPECT_EQ(table.find({.subject = "x", .stream = "s", .session = "y", .epoch = 9}), Cut::kRevoked);
  EXPECT_EQ(table.find({.subject = "y", .stream = "s", .session = "x", .group = "x", .epoch = 9}), Cut::kNone);
  EXPECT_EQ(table.find({.subject = "x", .stream = "s", .session = "y", .epoch = 10}), Cut::kNone);
}

TEST(CutTable, ASubjectIsAlsoWhatStandsBehindItsSlash) {
  CutTable table{1h};
  table.add({.subject = "ann"}, Cut::kRevoked, 10, base::UtcTime{});
  table.add({.subject = "bob/phone"}, Cut::kExpired, 10, base::UtcTime{});
  EXPECT_EQ(table.find({.subject = "ann/phone/2", .epoch = 9}), Cut::kRevoked);
  EXPECT_EQ(table.find({.subject = "ann", .epoch = 9}), Cut::kRevoked);
  EXPECT_EQ(table.find({.subject = "anna", .epoch = 9}), Cut::kNone);
  EXPECT_EQ(table.find({.subject = "bob", .epoch = 9}), Cut::kNone);
  EXPECT_EQ(table.find({.subject = "bob/phone", .epoch = 9}), Cut::kExpired);
}

TEST(VerdictCache, StaysWithinItsBound) {
  VerdictCache cache{1000};
  for (int i = 0; i < 20'000; ++i) cache.add(sha256(std::to_string(i)), Claims{}, base::UtcTime{});
  EXPECT_LE(cache.size(), 1000u + VerdictCache::kShards);
  EXPECT_GT(cache.size(), 0u);
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() : file{std::filesystem::path{testing::TempDir()} / ("audit-" + to_base64url(random_bytes(9)))} {}
  ~AuditLogTest() override { std::filesystem::remove(file); }
  std::filesystem::path file;
};

TEST_F(AuditLogTest, WritesOneJsonObjectALine) {
  {
    AuditLog log{file};
    log.write({.time = base::UtcTime{1'800'000'000s},
               .event = "access",
               .decision = "refused",
               .status = 401,
               .reason = "expired",
               .session = "s1",
               .subject = "a\"\n",
               .stream = "main",
               .path = "/live/main/master.m3u8",
               .peer = "127.0.0.1"});
    log.write({.event = "issue", .decision = "allowed", .status = 201});
  }
  const std::string text = text_of(file);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_NE(text.find(R"("event":"access","decision":"refused","status":401,"reason":"expired","sid":"s1","subject":"a\"\n")"),
            std::string::npos)
      << text;
}

TEST_F(AuditLogTest, AppendsToWhatIsThere) {
  for (int i = 0; i < 2; ++i) AuditLog{file}.write({.event = "issue", .decision = "allowed"});
  const std::string text = text_of(file);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST_F(AuditLogTest, DropsRatherThanWaits) {
  AuditLog log{file, 0};
  log.write({});
  EXPECT_EQ(log.dropped(), 1u);
}

// A pipe without a reader takes nothing, as a full disk does, and again something when there is one.
TEST_F(AuditLogTest, TellsWhatWasLostWhileTheFileTookNothing) {
  signal(SIGPIPE, SIG_IGN);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  int reader = ::open(file.c_str(), O_RDONLY | O_NONBLOCK);
  AuditLog log{file};
  ::close(reader);
  log.write({.event = "issue", .decision = "allowed"});
  const base::Instant begin = base::steady_now();
  while (log.dropped() == 0 && base::steady_now() - begin < 10s) std::this_thread::yield();
  EXPECT_EQ(log.dropped(), 1u);
  reader = ::open(file.c_str(), O_RDONLY);
  log.write({.event = "revoke", .decision = "allowed"});
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(reader, text.data(), text.size()), 0)));
  ::close(reader);
  EXPECT_TRUE(text.starts_with("{\"event\":\"dropped\",\"records\":1}\n{")) << text;
  EXPECT_NE(text.find("\"event\":\"revoke\""), std::string::npos) << text;
}

TEST_F(AuditLogTest, GoesOnWithoutAFileThatTakesNothing) {
  AuditLog log{"/dev/full"};
  for (std::uint64_t i = 1; i <= 3; ++i) {
    log.write({.event = "issue", .decision = "allowed"});
    const base::Instant begin = base::steady_now();
    while (log.dropped() < i && base::steady_now() - begin < 10s) std::this_thread::yield();
    EXPECT_EQ(log.dropped(), i);
  }
}

TEST(AuditLog, NamesTheFileItCannotOpen) { EXPECT_THROW(AuditLog{"/nonexistent/audit.ndjson"}, base::RunFailed); }

}  // namespace
}  // namespace server
