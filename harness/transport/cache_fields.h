// CacheFields: what the header fields of an answer say about using it again, and what a cache of one viewer makes of them: RFC 9111 as
// Chromium 156 applies it (net/http/http_response_headers.cc, http_cache_transaction.cc). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/compact_optional.h"
#include "base/shared_text.h"
#include "base/time.h"

namespace harness {

struct CacheFields {
  bool no_store = false;
  bool no_cache = false;  // of Cache-Control, or of Pragma
  bool must_revalidate = false;
  base::CompactOptional<base::Duration> max_age{};
  base::Duration age{};  // in caches on the way
  base::CompactOptional<base::UtcTime> date{}, last_modified{};
  base::CompactOptional<base::UtcTime> expires{};  // 1970 where what is said is no date: expired already (section 5.3)
  base::SharedText etag{};
  base::SharedText vary{};  // as said
};

// Takes in one header field; names in any case. Those that have nothing to do with caching are passed over.
void note_field(CacheFields& fields, std::string_view name, std::string_view value);

// An HTTP date in any of the three forms (RFC 9110, 5.6.7). Years after 2242 are taken for 2242.
std::optional<base::UtcTime> parse_http_date(std::string_view text);

// How much longer than its arrival the answer may be used without asking; zero: not at all. `received`: when its header fields were
// here; `delay`: how long that took from the request (sections 4.2 and 4.2.3).
base::Duration fresh_for(const CacheFields& fields, base::UtcTime received, base::Duration delay);
// There is something to make a request conditional with (section 4.3.1).
bool has_validator(const CacheFields& fields);
// Fit for putting parts together (RFC 9110, 8.8.1 and 8.8.2.2). Chromium keeps no part without.
bool has_strong_validator(const CacheFields& fields);
// The answer depends on a request's header field of this name (in lower case), or on anything ("Vary: *").
bool varies_by(const CacheFields& fields, std::string_view name);

}  // namespace harness
