// What a report says in sentences of how ModelTransport and the browsers' caches before it work: their constants, and where each comes
// from. Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/transport/model_transport.h"

namespace harness {

std::vector<std::string> transport_notes(const ModelOptions& options);
std::string browser_cache_note();

}  // namespace harness
