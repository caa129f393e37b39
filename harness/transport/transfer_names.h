// What the transports call things: the server that a URL leads to; in the virtual world, the transfers of a viewer.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/transport/transport.h"

namespace harness {

// "http://host:80/path" -> "http://host:80".
inline std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return url.substr(0, url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3));
}

// A transfer's id holds its viewer and 32 bits of a key that counts transfers.
constexpr std::uint64_t kTransferKeys = 0xFFFFFFFF;
inline TransferId transfer_id(base::ViewerId viewer, std::uint64_t key) {
  return TransferId{std::uint64_t{index_of(viewer)} << 32 | (key & kTransferKeys)};
}
inline base::ViewerId viewer_of(TransferId id) { return base::ViewerId{static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 32)}; }
inline std::uint64_t key_of(TransferId id) { return static_cast<std::uint64_t>(id) & kTransferKeys; }

}  // namespace harness
