// Any audio and video messages, any timestamps, room or none: what is handed on is an FLV stream that begins with its header and consists
// of whole tags of H.264 and AAC; nothing goes before a configuration that is owed.
#include <fuzzer/FuzzedDataProvider.h>

#include <string>

#include "base/ensure.h"
#include "server/ingest/rtmp/flv_writer.h"

namespace {

using namespace media::rtmp;
using namespace server::rtmp;

struct Sink final : FlvSink {
  bool push(std::span<const std::span<const char>> pieces) override {
    if (!has_room) return false;
    std::string tag;
    for (const auto piece : pieces) tag.append(piece.data(), piece.size());
    ENSURE(tag.starts_with("FLV\1") == !begun);
    if (begun) check(bytes_of(tag));
    begun = true;
    return true;
  }
  static void check(Bytes tag) {
    ENSURE(tag.size() >= 15 && read_u24(tag.subspan(1)) + 15 == tag.size());
    ENSURE(read_u32(tag.last(4)) + 4 == tag.size());
    if (tag[0] == 9) ENSURE((tag[11] & 0x8F) == 7 && tag[12] <= 1);
    if (tag[0] == 8) ENSURE(tag[11] >> 4 == 10 && tag[12] <= 1);
    ENSURE(tag[0] == 8 || tag[0] == 9 || tag[0] == 18);
  }
  bool has_room = true, begun = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider{data, size};
  Sink sink;
  FlvWriter writer{sink};
  while (provider.remaining_bytes() > 0) {
    sink.has_room = provider.ConsumeIntegralInRange(0, 3) > 0;
    const auto timestamp = provider.ConsumeIntegral<std::uint32_t>();
    const auto kind = provider.ConsumeIntegralInRange(0, 4);
    const std::string payload = provider.ConsumeRandomLengthString(64);
    if (kind == 0) {
      writer.metadata(bytes_of(payload));
      continue;
    }
    const auto written = kind <= 2 ? writer.video(timestamp, bytes_of(payload)) : writer.audio(timestamp, bytes_of(payload));
    if (written.has_error()) ENSURE(written.error().message.find("cannot be used") != std::string::npos);
  }
  return 0;
}
