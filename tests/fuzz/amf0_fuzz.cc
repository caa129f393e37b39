// Any bytes as AMF0: refused with a text, or values within the stated bounds that come back when they are written and read again.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/rtmp/amf0.h"

namespace {

using namespace media::rtmp;

std::string written(const std::vector<AmfValue>& values) {
  std::string bytes;
  for (const AmfValue& value : values) append_amf(bytes, value);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0xFFFF) return 0;  // texts that are written are shorter
  Bytes rest{data, size};
  if (const auto text = take_amf_text(rest)) ENSURE(text->size() + 3 + rest.size() == size);
  const auto values = parse_amf({data, size});
  if (values.has_error()) {
    ENSURE(!values.error().message.empty());
    return 0;
  }
  ENSURE(values->size() <= kMostAmfValues);
  const std::string once = written(*values);
  const auto again = parse_amf(bytes_of(once));
  ENSURE(again.has_value() && written(*again) == once);
  return 0;
}
