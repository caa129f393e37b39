// One-shot gzip (RFC 1952) of text that is served many times. Pure.
#pragma once

#include <string>
#include <string_view>

namespace base {

std::string gzip(std::string_view text);

}  // namespace base
