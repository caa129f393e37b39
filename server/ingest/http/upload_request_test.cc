#include "server/ingest/http/upload_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server::http {
namespace {

using testing::HasSubstr;

RequestHead put(std::string_view target) { return {.method = "PUT", .target = target}; }

PublishName name_of(const RequestHead& head) {
  const auto read = read_head(head);
  const auto* problem = std::get_if<Problem>(&read);
  EXPECT_EQ(problem, nullptr) << problem->detail;
  return problem == nullptr ? std::get<UploadRequest>(read).name : PublishName{};
}

TEST(UploadRequest, NamesAPointWithItsKey) {
  const std::pair<const char*, PublishName> rows[] = {
      {"/live/main?key=k", {"main", "k"}},
      {"/live/main", {"main", ""}},
      {"/live/main/", {"main", ""}},
      {"/live/main/backup?key=k", {"main/backup", "k"}},
      {"/live/main/primary?a=b&key=k&c", {"main/primary", "k"}},
      {"/live/m%61in?key=a%26b%25+", {"main", "a&b%+"}},
      {"http://host:1/live/main?key=http://x/", {"main", "http://x/"}},  // as proxies send it
      {"/live/main?key=http://x/live/other", {"main", "http://x/live/other"}},
  };
  for (const auto& [target, expected] : rows) EXPECT_EQ(name_of(put(target)), expected) << target;
}

TEST(UploadRequest, TakesTheKeyFromItsHeaderToo) {
  EXPECT_EQ(name_of({.method = "POST", .target = "/live/main", .authorization = "Bearer a%41"}), (PublishName{"main", "a%41"}));
  EXPECT_EQ(name_of({.method = "POST", .target = "/live/main?key=q", .authorization = "Bearer k"}), (PublishName{"main", "q"}));
  EXPECT_EQ(name_of({.method = "POST", .target = "/live/main", .authorization = "Basic k"}), (PublishName{"main", ""}));
}

Problem problem(const RequestHead& head) {
  const auto read = read_head(head);
  EXPECT_TRUE(std::holds_alternative<Problem>(read)) << head.target;
  return std::holds_alternative<Problem>(read) ? std::get<Problem>(read) : Problem{.status = 0};
}

TEST(UploadRequest, SaysWhatIsWrong) {
  const std::string long_key(257, 'k');
  const std::string bearer = "Bearer " + long_key;
  struct Row {
    RequestHead head;
    int status;
    const char* says;
  };
  const Row rows[] = {
      {{.method = "GET", .target = "/live/main"}, 405, "with PUT or POST"},
      {put("/vod/main"), 404, "write http://HOST/live/NAME?key=KEY"},
      {put("/"), 404, "write http://HOST/live/NAME?key=KEY"},
      {put("*"), 404, "write http://HOST/live/NAME?key=KEY"},
      {put("/live/"), 400, "no stream is named; write http://HOST/live/NAME?key=KEY"},
      {put("/live/ma%zzin"), 400, "the stream's name holds a '%' without two hexadecimal digits"},
      {put("/live/main?key=100%"), 400, "the key holds a '%'"},
      {{.method = "PUT", .target = "/live/main", .authorization = bearer}, 400, "The key is 257 bytes long; at most 256"},
      {{.method = "PUT", .target = "/live/main", .has_body = false}, 411, "has no body"},
      {{.method = "PUT", .target = "/live/main", .content_encoding = "gzip"}, 415, "coded as \"gzip\""},
      {{.method = "PUT", .target = "/live/main", .names_host = false}, 400, "one Host field"},
  };
  for (const Row& row : rows) {
    const Problem said = problem(row.head);
    EXPECT_EQ(said.status, row.status) << row.says;
    EXPECT_THAT(said.detail, HasSubstr(row.says));
  }
  EXPECT_EQ(problem({.method = "GET", .target = "/"}).fields, "Allow: PUT, POST\r\n");
}

}  // namespace
}  // namespace server::http
