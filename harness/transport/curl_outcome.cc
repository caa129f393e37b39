#include "harness/transport/curl_outcome.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace harness {
namespace {

base::Duration time_of(CURL* easy, CURLINFO which) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, which, &microseconds);
  return std::chrono::microseconds{microseconds};
}

constexpr std::int64_t kMostRetryAfter = 24 * 3600;  // seconds; nobody waits for longer
constexpr std::int64_t kLatestNow = 4'102'444'800;   // 2100

std::optional<base::Duration> retry_after_header(CURL* easy) {
  curl_header* header = nullptr;
  if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return std::nullopt;
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  return retry_after_of(header->value, seconds);
}

// Of the last answer; whole seconds.
std::optional<base::UtcTime> date_header(CURL* easy) {
  curl_header* header = nullptr;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return std::nullopt;
  return date_of(header->value);
}

bool was_redirected(CURL* easy) {
  long redirects = 0;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  return redirects > 0;
}

std::string url_after_redirects(CURL* easy) {
  const char* url = nullptr;
  if (was_redirected(easy)) curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
  return url == nullptr ? "" : url;
}

rlim_t descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

std::optional<base::Duration> retry_after_of(std::string_view header, std::int64_t seconds) {
  const bool is_number = !header.empty() && header.find_first_not_of("0123456789") == std::string_view::npos;
  const bool is_zero = header.find_first_not_of('0') == std::string_view::npos;
  if (seconds <= 0 && !is_number) return std::nullopt;
  if (seconds <= 0 && !is_zero) seconds = kMostRetryAfter;  // more than libcurl can count
  return std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, kMostRetryAfter)};
}

std::optional<base::UtcTime> date_of(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0 || seconds > kLatestNow) return std::nullopt;
  return base::UtcTime{std::chrono::seconds{seconds}};
}

const char* failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return "";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "resolve";
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return "refused";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "certificate";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return "reset";
    case CURLE_TOO_MANY_REDIRECTS:
      return "redirects";
    case CURLE_WRITE_ERROR:  // ours: a kept body beyond its limit
      return "too-large";
    default:
      return "malformed";
  }
}

TransportOutcome outcome_of(CURL* easy, CURLcode code, const TransportRequest& request, CacheFields&& caching) {
  TransportOutcome outcome;
  outcome.failure = failure_of(code);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  outcome.status = static_cast<int>(status);
  outcome.bytes = base::ByteCount::bytes(bytes);
  outcome.ttfb = time_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
  outcome.took = time_of(easy, CURLINFO_TOTAL_TIME_T);
  long opened = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
  outcome.opened = opened > 0;
  if (status >= 300) outcome.retry_after = retry_after_header(easy);
  if (request.keep_body) outcome.url = url_after_redirects(easy);
  if (request.cache != CacheUse::kNone && !was_redirected(easy)) outcome.caching = std::move(caching);
  if (request.method == "HEAD") outcome.date = date_header(easy);
  return outcome;
}

std::optional<std::string> own_fault(CURL* easy, CURLcode code, int socket_error) {
  if (code == CURLE_INTERFACE_FAILED) return "the source address is not one of this machine's, or its ports are used up";
  if (code == CURLE_SSL_CACERT_BADFILE) return "the certificates to trust cannot be read; is the file of SSL_CERT_FILE there?";
  if (code == CURLE_OUT_OF_MEMORY) return "libcurl is out of memory";
  if (code != CURLE_COULDNT_CONNECT) return std::nullopt;
  if (socket_error == EMFILE || socket_error == ENFILE)
    return fmt::format("no file descriptor is left (limit {}): raise RLIMIT_NOFILE (ulimit -n) or run fewer viewers", descriptor_limit());
  if (socket_error != 0) return std::strerror(socket_error);
  long connect_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &connect_error);
  if (connect_error == EADDRNOTAVAIL) return "the local ports are used up: give the viewers more source addresses";
  return std::nullopt;
}

}  // namespace harness
