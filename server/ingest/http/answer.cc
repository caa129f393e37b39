#include "server/ingest/http/answer.h"

#include <fmt/format.h>

#include "base/problem_details.h"
#include "base/text.h"

namespace server::http {
namespace {

constexpr int kOverHttp = 1000;  // SRT's codes are HTTP's and so much more

const char* reason_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadRequest:
      return "malformed";
    case Refusal::kUnauthorized:
      return "key";
    case Refusal::kForbidden:
      return "forbidden";
    case Refusal::kNotFound:
      return "no-stream";
    case Refusal::kTimeout:
      return "timeout";
    case Refusal::kConflict:
      return "conflict";
    case Refusal::kUnsupportedMedia:
      return "container";
  }
  return "";
}

std::string response(int status, const char* content_type, const base::Json& body, const std::string& fields, base::UtcTime now) {
  const std::string text = body.dump(-1, ' ', false, base::Json::error_handler_t::replace) + '\n';
  return fmt::format(
      "HTTP/1.1 {} {}\r\nDate: {}\r\nServer: rehearsal\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: "
      "no-store\r\n{}Connection: "
      "close\r\n\r\n{}",
      status, base::reason_phrase(status), base::to_http_date(now), content_type, text.size(), fields, text);
}

}  // namespace

Problem refused(Refusal refusal, const std::string& point) {
  Problem problem{static_cast<int>(refusal) - kOverHttp, reason_of(refusal), to_text(refusal)};
  problem.detail.front() = static_cast<char>(problem.detail.front() - 'a' + 'A');
  if (refusal == Refusal::kNotFound) problem.detail += fmt::format(" that takes HTTP: \"{}\"", point);
  if (refusal == Refusal::kUnauthorized) problem.fields = "WWW-Authenticate: Bearer\r\n";
  return problem;
}

Refusal refusal_of(const Problem& problem) {
  for (const Refusal refusal : kEveryRefusal) {
    if (problem.status + kOverHttp == static_cast<int>(refusal)) return refusal;
  }
  return Refusal::kBadRequest;
}

std::string answer(const Problem& problem, base::UtcTime now) {
  return response(problem.status, "application/problem+json", base::problem_details(problem.status, problem.reason, problem.detail),
                  problem.fields, now);
}

std::string answer_taken(std::uint64_t taken, std::uint64_t dropped, base::UtcTime now) {
  return response(200, "application/json", {{"bytes", taken}, {"dropped", dropped}}, "", now);
}

}  // namespace server::http
