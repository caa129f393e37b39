#include "server/ingest/rtmp/session.h"

#include <fmt/format.h>

#include <utility>

#include "media/rtmp/chunk_writer.h"

namespace server::rtmp {

using namespace media::rtmp;

namespace {

// Chunk streams of what we send: 2 is for control (section 5.4); the others are our choice.
constexpr std::uint32_t kControlChunks = 2, kCommandChunks = 3, kStatusChunks = 5;
// Encoders built on FFmpeg take it for what they send, too: larger chunks are less work for both ends.
constexpr std::uint32_t kOwnChunkSize = 64 * 1024;
constexpr std::uint32_t kWindow = 2'500'000;  // bytes between acknowledgements, until the peer says otherwise; as other servers have it
constexpr std::uint8_t kDynamicLimit = 2;     // section 5.4.5
constexpr std::size_t kMostUnsent = 64 * 1024;
constexpr std::size_t kLargestCommand = 64 * 1024;
constexpr std::size_t kKeptBeforePublish = 64 * 1024, kKeptOfPublisher = 16 << 20;

// Section 7.1.7.
constexpr std::uint64_t kStreamBegin = 0, kPingRequest = 6, kPingResponse = 7;

constexpr const char* kRejected = "NetStream.Publish.Rejected";
constexpr const char* kBadName = "NetStream.Publish.BadName";
constexpr std::string_view kMetadata = "onMetaData";

AmfValue status(std::string_view level, std::string_view code, std::string_view description) {
  return amf({{"level", amf(level)}, {"code", amf(code)}, {"description", amf(description)}});
}

std::string text_or_empty(const AmfValue* value) {
  const std::string* text = value == nullptr ? nullptr : value->text();
  return text == nullptr ? std::string{} : *text;
}

// Commands and data of AMF3 begin with a zero byte and go on in AMF0 (section 7.1.1).
Bytes without_amf3_byte(Bytes payload) { return !payload.empty() && payload[0] == 0 ? payload.subspan(1) : payload; }

std::string refusal_text(Refusal refusal, const std::string& point) {
  return refusal == Refusal::kNotFound ? fmt::format("{}: '{}'", to_text(refusal), point) : std::string{to_text(refusal)};
}

}  // namespace

Session::Session(SessionHost& host) : host_{host}, window_{kWindow} { chunks_.keep_at_most(kKeptBeforePublish); }

void Session::receive(Bytes bytes) {
  if (is_over()) return;
  if (!handshake_.is_done()) {
    const auto shaken = handshake_.receive(bytes, output_);
    if (shaken.has_error()) return end(shaken.error().message);
  }
  received_ += bytes.size();
  read_chunks(bytes);
  if (!is_over()) acknowledge();
}

void Session::read_chunks(Bytes bytes) {
  while (!is_over()) {
    const auto message = chunks_.next(bytes);
    if (message.has_error()) return end(message.error().message);
    if (!*message) return;
    on_message(**message);
    if (!is_over() && output_.size() > kMostUnsent) end("the publisher does not read what is sent to it");
  }
}

void Session::on_message(const Message& message) {
  switch (message.type) {
    case MessageType::kAudio:
    case MessageType::kVideo:
      return on_media(message.type, message.timestamp, message.payload);
    case MessageType::kAggregate:
      return on_aggregate(message);
    case MessageType::kData:
      return on_data(message.payload);
    case MessageType::kDataAmf3:
      return on_data(without_amf3_byte(message.payload));
    case MessageType::kCommand:
    case MessageType::kCommandAmf3:
      return on_command(message);
    case MessageType::kUserControl:
      return on_user_control(message.payload);
    case MessageType::kWindowAckSize:
    case MessageType::kSetPeerBandwidth:
      return on_window(message);
    case MessageType::kAcknowledgement:  // little is sent, so nobody waits for it
    case MessageType::kSetChunkSize:     // obeyed by the reader
    case MessageType::kAbort:
      return;
  }
  // Other types (shared objects) are of no use here.
}

void Session::on_media(MessageType type, std::uint32_t timestamp, Bytes payload) {
  if (!writer_) return;
  const auto written = type == MessageType::kVideo ? writer_->video(timestamp, payload) : writer_->audio(timestamp, payload);
  if (written.has_error()) refuse(kRejected, written.error().message, Refusal::kUnsupportedMedia);
}

// Section 7.1.6: FLV tags with their own timestamps, which begin anywhere.
void Session::on_aggregate(const Message& message) {
  constexpr std::size_t kTagHeader = 11, kBackPointer = 4;
  Bytes rest = message.payload;
  std::optional<std::uint32_t> first;
  while (!rest.empty() && !is_over()) {
    if (rest.size() < kTagHeader) return end("an aggregate message ends within a tag");
    const Bytes head = take(rest, kTagHeader);
    const std::size_t size = read_u24(head.subspan(1));
    if (rest.size() < size) return end("an aggregate message ends within a tag");
    const std::uint32_t timestamp = read_u24(head.subspan(4)) | static_cast<std::uint32_t>(head[7]) << 24;
    if (!first) first = timestamp;
    const Bytes data = take(rest, size);
    const MessageType type{head[0]};
    if (type == MessageType::kData) on_data(data);
    if (type == MessageType::kAudio || type == MessageType::kVideo) on_media(type, message.timestamp + (timestamp - *first), data);
    take(rest, std::min(rest.size(), kBackPointer));
  }
}

void Session::on_data(Bytes payload) {
  Bytes rest = payload;
  auto name = take_amf_text(rest);
  if (name == "@setDataFrame") {
    payload = rest;
    name = take_amf_text(rest);
  }
  if (writer_ && name == kMetadata) writer_->metadata(payload);
}

void Session::on_user_control(Bytes payload) {
  if (payload.size() < 6 || read_big<2>(payload) != kPingRequest) return;
  std::string answer;
  append_big<2>(answer, kPingResponse);
  answer += text_of(payload.subspan(2, 4));
  send(kControlChunks, MessageType::kUserControl, 0, answer);
}

// Sections 5.4.4 and 5.4.5.
void Session::on_window(const Message& message) {
  if (message.payload.size() < 4) return end("a control message is too short");
  const std::uint32_t value = read_u32(message.payload);
  if (message.type == MessageType::kSetPeerBandwidth) {
    if (value != kWindow) send_control(MessageType::kWindowAckSize, value);
  } else if (value > 0) {
    window_ = value;
  }
}

// Section 5.4.3: the number of bytes wraps.
void Session::acknowledge() {
  if (received_ - acknowledged_ < window_) return;
  acknowledged_ = received_;
  send_control(MessageType::kAcknowledgement, static_cast<std::uint32_t>(received_));
}

void Session::on_command(const Message& message) {
  if (message.payload.size() > kLargestCommand) return end(fmt::format("a command of {} bytes", message.payload.size()));
  auto values = parse_amf(message.type == MessageType::kCommandAmf3 ? without_amf3_byte(message.payload) : message.payload);
  if (values.has_error()) return end(values.error().message);
  const std::string* name = values->empty() ? nullptr : (*values)[0].text();
  if (name == nullptr) return end("a command without a name");
  const double* transaction = values->size() > 1 ? (*values)[1].number() : nullptr;
  Command command{.name = *name, .transaction = transaction == nullptr ? 0 : *transaction, .stream = message.stream};
  if (values->size() > 2) command.object = std::move((*values)[2]);
  for (std::size_t i = 3; i < values->size(); ++i) command.arguments.push_back(std::move((*values)[i]));
  obey(command);
}

void Session::obey(const Command& command) {
  const std::string& name = command.name;
  if (name == "connect") return connect(command);
  if (!application_) return end(fmt::format("the command '{}' before 'connect'", name.substr(0, 64)));
  if (name == "publish") return publish(command);
  if (name == "createStream") return send_command(0, "_result", command.transaction, amf_null(), amf(++created_streams_));
  if (name == "releaseStream") return send_command(0, "_result", command.transaction, amf_null(), amf_null());
  if (name == "FCPublish") {
    send_command(0, "_result", command.transaction, amf_null(), amf_null());
    return send_command(0, "onFCPublish", 0, amf_null(), status("status", "NetStream.Publish.Start", "publish it"));
  }
  if (name == "FCUnpublish" || name == "closeStream") return unpublish();
  if (name == "deleteStream") {
    const double* stream = command.arguments.empty() ? nullptr : command.arguments[0].number();
    if (stream == nullptr || *stream == publishing_on_) unpublish();
    return;
  }
  if (name == "play" || name == "play2") {
    send_status(command.stream, "error", "NetStream.Play.Failed", fmt::format("{}; watch over HLS or DASH", to_text(Refusal::kForbidden)));
    return end("it asked to play", Refusal::kForbidden);
  }
  if (command.transaction != 0)
    send_command(0, "_error", command.transaction, amf_null(), status("error", "NetConnection.Call.Failed", "there is no such command"));
}

// Section 7.2.1.1.
void Session::connect(const Command& command) {
  if (application_) return end("a second 'connect'");
  Application application{.app = text_or_empty(command.object.find("app")), .tc_url = text_or_empty(command.object.find("tcUrl"))};
  const auto checked = check_application(application);
  if (checked.has_error()) {
    send_command(0, "_error", command.transaction, amf_null(), status("error", "NetConnection.Connect.Rejected", checked.error().message));
    return end(checked.error().message);
  }
  application_ = std::move(application);
  send_control(MessageType::kWindowAckSize, kWindow);
  std::string bandwidth;
  append_big<4>(bandwidth, kWindow);
  append_big<1>(bandwidth, kDynamicLimit);
  send(kControlChunks, MessageType::kSetPeerBandwidth, 0, bandwidth);
  send_control(MessageType::kSetChunkSize, kOwnChunkSize);
  own_chunk_size_ = kOwnChunkSize;
  AmfValue info = status("status", "NetConnection.Connect.Success", "connected");
  std::get<AmfObject>(info.value).properties.push_back({"objectEncoding", amf(0.0)});  // AMF0
  // Encoders of Adobe's time look for "FMS/".
  send_command(0, "_result", command.transaction, amf({{"fmsVer", amf("FMS/3,0,1,123")}, {"capabilities", amf(31.0)}}), info);
}

// Section 7.2.2.6.
void Session::publish(const Command& command) {
  if (writer_) return send_status(command.stream, "error", kBadName, "this connection is publishing already");
  publishing_on_ = command.stream;
  const auto name = publish_name(*application_, text_or_empty(command.arguments.empty() ? nullptr : &command.arguments[0]));
  if (name.has_error()) return refuse(kRejected, name.error().message, Refusal::kBadRequest);
  point_ = name->point;
  if (const auto refusal = host_.enter(*name))
    return refuse(*refusal == Refusal::kConflict ? kBadName : kRejected, refusal_text(*refusal, name->point), std::nullopt);
  writer_.emplace(host_);
  chunks_.keep_at_most(kKeptOfPublisher);
  std::string begin;
  append_big<2>(begin, kStreamBegin);
  append_big<4>(begin, publishing_on_);
  send(kControlChunks, MessageType::kUserControl, 0, begin);
  send_status(publishing_on_, "status", "NetStream.Publish.Start", fmt::format("publishing to '{}'", name->point));
}

void Session::unpublish() {
  if (!writer_) return;
  leave();
  send_status(publishing_on_, "status", "NetStream.Unpublish.Success", "no longer publishing");
}

void Session::leave() {
  if (!writer_) return;
  writer_.reset();
  chunks_.keep_at_most(kKeptBeforePublish);
  host_.leave();
}

void Session::send(std::uint32_t chunk_stream, MessageType type, std::uint32_t stream, std::string_view payload) {
  append_message(output_, chunk_stream, {.type = type, .stream = stream, .payload = bytes_of(payload)}, own_chunk_size_);
}

void Session::send_control(MessageType type, std::uint32_t value) {
  std::string payload;
  append_big<4>(payload, value);
  send(kControlChunks, type, 0, payload);
}

void Session::send_command(std::uint32_t stream, std::string_view name, double transaction, const AmfValue& object,
                           const AmfValue& argument) {
  send(stream == 0 ? kCommandChunks : kStatusChunks, MessageType::kCommand, stream,
       amf_payload({amf(name), amf(transaction), object, argument}));
}

void Session::send_status(std::uint32_t stream, const char* level, const char* code, const std::string& description) {
  send_command(stream, "onStatus", 0, amf_null(), status(level, code, description));
}

void Session::refuse(const char* code, const std::string& reason, std::optional<Refusal> refusal) {
  send_status(publishing_on_, "error", code, reason);
  end(reason, refusal);
}

void Session::end(std::string reason, std::optional<Refusal> refusal) {
  leave();
  if (refusal) turned_away_ = TurnedAway{*refusal, point_, reason};
  ending_ = std::move(reason);
}

}  // namespace server::rtmp
