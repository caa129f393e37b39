// Which container a publisher's body is in, by what its header says or by its first bytes. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/ingest/byte_queue.h"

namespace server::http {

// None that can be taken; what it is instead, for messages.
struct OtherContainer {
  std::string name;
};
// The first bytes say it.
struct UnnamedContainer {};
using NamedContainer = std::variant<Container, OtherContainer, UnnamedContainer>;

// `content_type`: the field's value; empty: absent.
NamedContainer container_named(std::string_view content_type);
// `head`: of a body, from its first byte on. UnnamedContainer: it is too short to say.
NamedContainer container_beginning_with(std::string_view head);
// The same where the header has named it: a transport stream may begin within a packet then, or behind bytes that are none.
NamedContainer container_confirmed(Container named, std::string_view head);

}  // namespace server::http
