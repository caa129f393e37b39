#include "harness/transport/failure_words.h"

#include <fmt/format.h>

namespace harness {

std::string reason_of(const TransportOutcome& outcome) {
  if (outcome.failure.empty()) return fmt::format("HTTP status {}", outcome.status);
  if (outcome.failure == "refused") return "the connection was refused";
  if (outcome.failure == "certificate")
    return "its certificate is not trusted, not for this host, or out of date; SSL_CERT_FILE names a file of those to trust";
  if (outcome.failure == "resolve") return "the host name could not be resolved";
  if (outcome.failure == "timeout") return "no answer in time";
  if (outcome.failure == "redirects") return "it redirects in a loop";
  if (outcome.failure == "too-large") return "the answer is larger than any manifest";
  return "the transfer failed: " + outcome.failure;
}

}  // namespace harness
