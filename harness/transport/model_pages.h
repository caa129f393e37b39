// ModelPages: the reference server's pages, as they are, and the sizes of what they load as they cross the wire.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/transport/model_transport.h"

namespace harness {

class ModelPages {
 public:
  // Nothing: there is no page or file of that path. `has`: whether there is a stream of that name.
  std::optional<ModelReply> find(std::string_view path, bool live, const std::function<bool(std::string_view stream)>& has);

 private:
  std::optional<ModelReply> asset(std::string_view name);
  std::map<std::string, base::ByteCount, std::less<>> sizes_;  // compressed when first asked for
};

}  // namespace harness
