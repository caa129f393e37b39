// Any bytes as an SRT streamid: refused with a text, or a stream's name within the bounds of what was sent.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "server/ingest/srt/streamid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto id = server::parse_streamid(text);
  if (id.has_error()) {
    ENSURE(!id.error().message.empty());
    return 0;
  }
  ENSURE(!id->resource.empty() && size <= 512 && id->resource.size() + id->user.size() <= size);
  ENSURE(id->resource.find('\0') == std::string::npos);
  // What it means can be said in the access control form, unless a comma or a key stands in its way.
  if (id->resource.find(',') == std::string::npos && id->user.size() + id->resource.size() + id->mode.size() + id->type.size() < 480) {
    const auto again = server::parse_streamid("#!::r=" + id->resource + ",u=" + id->user + ",m=" + id->mode + ",t=" + id->type);
    ENSURE(again.has_value() && *again == *id);
  }
  return 0;
}
