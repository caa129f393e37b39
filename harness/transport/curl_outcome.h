// What a finished libcurl transfer means: the failure words of TransportOutcome, its timings, and which failures are our own
// environment's (no descriptor, no such source address) and end the run instead of counting against the system under test.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>

#include "harness/transport/transport.h"

namespace harness {

// "" or a word of TransportOutcome::failure.
const char* failure_of(CURLcode code);
// Everything of the outcome but its body. `caching`: of the last answer's header.
TransportOutcome outcome_of(CURL* easy, CURLcode code, const TransportRequest& request, CacheFields&& caching);
// A sentence when this machine, not the peer, is to blame.
std::optional<std::string> own_fault(CURL* easy, CURLcode code, int socket_error);

}  // namespace harness
