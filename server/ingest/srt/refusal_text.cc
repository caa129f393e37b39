#include "server/ingest/srt/refusal_text.h"

#include <fmt/format.h>

namespace server {
namespace {

// SRT's access control guidelines, "Rejection codes"; the codes of HTTP and 1000.
std::string words_for(int code) {
  switch (code) {
    case 1400:
      return "it does not understand the streamid";
    case 1401:
      return "wrong key";
    case 1403:
      return "it is not allowed there";
    case 1404:
      return "there is no such stream";
    case 1409:
      return "another publisher is sending";
    case SRT_REJ_BADSECRET:
      return "wrong passphrase";
    case SRT_REJ_UNSECURE:
      return "only one side has a passphrase";
    default:
      return srt_rejectreason_str(code);
  }
}

Refusal refusal_for(int code) {
  if (code == SRT_REJ_BADSECRET || code == SRT_REJ_UNSECURE) return Refusal::kUnauthorized;
  for (const Refusal refusal : kEveryRefusal) {
    if (code == static_cast<int>(refusal)) return refusal;
  }
  return Refusal::kBadRequest;
}

}  // namespace

CallRefusal why_refused(SRTSOCKET socket) {
  const int code = srt_getrejectreason(socket);
  if (code == SRT_REJ_TIMEOUT || code == SRT_REJ_UNKNOWN) return {.text = "does not answer"};
  return {.refusal = refusal_for(code), .text = fmt::format("refuses the stream: {} ({})", words_for(code), code), .is_answer = true};
}

}  // namespace server
