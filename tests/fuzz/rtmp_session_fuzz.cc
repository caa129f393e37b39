// Any bytes from a publisher, behind a handshake and, half of the time, a proper start: its host is asked in order, what is handed on is
// FLV in whole tags, what is to be sent is bounded.
#include <fuzzer/FuzzedDataProvider.h>

#include "base/ensure.h"
#include "media/rtmp/chunk_writer.h"
#include "server/ingest/rtmp/session.h"

namespace {

using namespace media::rtmp;
using namespace server;
using namespace server::rtmp;

struct Host final : SessionHost {
  explicit Host(FuzzedDataProvider& from) : data{from} {}
  std::optional<Refusal> enter(const PublishName& name) override {
    ENSURE(!inside && !name.point.empty() && name.point.size() <= kLongestPoint && name.key.size() <= kLongestKey);
    if (name.point != "main") return Refusal::kNotFound;
    inside = begun = true;
    return std::nullopt;
  }
  void leave() override {
    ENSURE(inside);
    inside = false;
  }
  bool push(std::span<const std::span<const char>> pieces) override {
    ENSURE(inside);
    if (data.ConsumeIntegralInRange(0, 9) == 0) return false;
    std::string tag;
    for (const auto piece : pieces) tag.append(piece.data(), piece.size());
    ENSURE(tag.starts_with("FLV") || read_u24(bytes_of(tag).subspan(1)) + 15 == tag.size());
    return true;
  }
  FuzzedDataProvider& data;
  bool inside = false, begun = false;
};

std::string start() {
  std::string all = "\x03" + std::string(2 * kHandshakePart, 'h');
  const auto say = [&](std::string_view name, const AmfValue& object, const AmfValue& argument) {
    const std::string payload = amf_payload({amf(name), amf(1.0), object, argument});
    append_message(all, 3, {.type = MessageType::kCommand, .stream = 1, .payload = bytes_of(payload)}, kFirstChunkSize);
  };
  say("connect", amf({{"app", amf("live")}}), amf_null());
  say("publish", amf_null(), amf("main"));
  return all;
}

// One message of the fuzzer's choosing in proper chunks, since bytes alone seldom make any.
std::string message(FuzzedDataProvider& data) {
  const MessageType types[] = {MessageType::kVideo,     MessageType::kAudio,       MessageType::kData,          MessageType::kCommand,
                               MessageType::kAggregate, MessageType::kUserControl, MessageType::kWindowAckSize, MessageType::kCommandAmf3};
  const Message head{.type = data.PickValueInArray(types), .timestamp = data.ConsumeIntegral<std::uint32_t>(), .stream = 1, .payload = {}};
  const std::string payload = data.ConsumeRandomLengthString(300);
  Message whole = head;
  whole.payload = bytes_of(payload);
  std::string chunks;
  append_message(chunks, 6, whole, kFirstChunkSize);
  return chunks;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider{data, size};
  Host host{provider};
  Session session{host};
  if (provider.ConsumeBool()) session.receive(bytes_of(start()));
  while (provider.remaining_bytes() > 0 && !session.is_over()) {
    const std::string bytes = provider.ConsumeBool() ? message(provider) : provider.ConsumeRandomLengthString(200);
    session.receive(bytes_of(bytes));
    ENSURE(session.is_publishing() == host.inside);
    ENSURE(session.output().size() < 80'000);
    if (provider.ConsumeBool()) session.sent(session.output().size());
  }
  if (session.is_over()) ENSURE(!host.inside && !session.ending().empty());
  return 0;
}
