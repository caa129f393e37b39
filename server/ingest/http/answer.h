// What a publisher is answered: problem details (RFC 9457), or what was taken. Each is a whole HTTP/1.1 response, after which the
// connection ends. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "server/ingest/admission.h"
#include "server/ingest/http/upload_request.h"

namespace server::http {

// Before the body, for a publisher that waits for it (RFC 9110, section 10.1.1).
inline constexpr const char* kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Why the point does not take it, `point` being its name.
Problem refused(Refusal refusal, const std::string& point);
// The other way round.
Refusal refusal_of(const Problem& problem);
std::string answer(const Problem& problem, base::UtcTime now);
// The body has come to its end. In bytes; `dropped`: what the decoder was too slow for.
std::string answer_taken(std::uint64_t taken, std::uint64_t dropped, base::UtcTime now);

}  // namespace server::http
