// The reference server's pages, as they are, and the sizes of what they load as they cross the wire.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "harness/transport/model_transport.h"

namespace harness {

// Nothing: there is no page or file of that path. `has`: whether there is a stream of that name. Thread-safe.
std::optional<ModelReply> model_page(std::string_view path, bool live, const std::function<bool(std::string_view stream)>& has);

}  // namespace harness
