// What a finished libcurl transfer means: the failure words of TransportOutcome, its timings, and which failures are our own
// environment's (no descriptor, no such source address) and end the run instead of counting against the system under test.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/transport/transport.h"

namespace harness {

// "" or a word of TransportOutcome::failure.
const char* failure_of(CURLcode code);
// Of a Retry-After header, and of the seconds that libcurl makes of either of its forms (a number, a date): 0 also where it is absent,
// makes no sense or is out of range. A day at most.
std::optional<base::Duration> retry_after_of(std::string_view header, std::int64_t seconds);
// Of a Date header; nothing beyond 2100, which is more than a UtcTime may hold.
std::optional<base::UtcTime> date_of(const std::string& text);
// Everything of the outcome but its body. `caching`: of the last answer's header.
TransportOutcome outcome_of(CURL* easy, CURLcode code, const TransportRequest& request, CacheFields&& caching);
// A sentence when this machine, not the peer, is to blame.
std::optional<std::string> own_fault(CURL* easy, CURLcode code, int socket_error);

}  // namespace harness
