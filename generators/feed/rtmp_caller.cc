#include "generators/feed/rtmp_caller.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "media/rtmp/chunk_writer.h"

namespace generators {

using namespace media::rtmp;

namespace {

using namespace std::chrono_literals;
constexpr base::Duration kRtmpPatience = 5s;       // from the first packet until we publish
constexpr std::uint32_t kChunk = 4096;             // what we send by; fewer headers than the 128 to begin with
constexpr std::size_t kMostUnfinished = 4u << 20;  // bytes of a server's messages. An assumption: it says little
constexpr std::size_t kMostQueued = 4u << 20;      // bytes, 8 s at 4 Mbit/s, beside what the kernel holds. An assumption
constexpr std::uint32_t kControlChannel = 2, kCommandChannel = 3, kAudioChannel = 4, kVideoChannel = 6, kDataChannel = 5;
constexpr double kConnect = 1, kRelease = 2, kPrepare = 3, kCreate = 4, kPublish = 5, kUnpublish = 6, kDelete = 7;  // transactions
constexpr std::uint64_t kPing = 6, kPong = 7;                                                                       // user control events

}  // namespace

RtmpCaller::RtmpCaller(const RtmpDestination& destination, const Endpoint& endpoint)
    : destination_{destination},
      name_{endpoint.name},
      socket_{static_cast<int>(
          base::checked("make a TCP socket", ::socket(endpoint.address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))},
      began_{base::steady_now()} {
  reader_.keep_at_most(kMostUnfinished);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, endpoint.address.generic(), endpoint.address.size) < 0 && errno != EINPROGRESS)
    lose(fmt::format("cannot connect: {}", std::strerror(errno)));
}

RtmpCaller::~RtmpCaller() {
  if (phase_ == Phase::kPublishing) {
    command({amf("FCUnpublish"), amf(kUnpublish), amf_null(), amf(destination_.key)}, 0);
    command({amf("deleteStream"), amf(kDelete), amf_null(), amf(stream_)}, 0);
    flush();
  }
  if (socket_ >= 0) read();  // what is unread would turn the close into a reset
  close();
}

RtmpCaller::State RtmpCaller::state() {
  move_on();
  if (phase_ == Phase::kLost) return State::kLost;
  return phase_ == Phase::kPublishing ? State::kConnected : State::kConnecting;
}

void RtmpCaller::move_on() {
  if (phase_ == Phase::kConnecting) finish_connecting();
  if (phase_ != Phase::kLost && phase_ != Phase::kConnecting) {
    flush();
    read();
    flush();
  }
  if (phase_ != Phase::kLost && phase_ != Phase::kPublishing && base::steady_now() - began_ > kRtmpPatience)
    lose("cannot connect: nobody answers");
}

void RtmpCaller::finish_connecting() {
  pollfd writable{.fd = socket_, .events = POLLOUT, .revents = 0};
  if (::poll(&writable, 1, 0) <= 0) return;
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size);
  if (failure != 0) return lose(fmt::format("cannot connect: {}", std::strerror(failure)));
  phase_ = Phase::kShaking;
  out_.assign(1 + kHandshakePart, '\0');  // C0, and C1 whose time and random bytes are all zero
  out_[0] = static_cast<char>(kVersion);
}

void RtmpCaller::read() {
  std::string bytes(16 * 1024, '\0');
  while (phase_ != Phase::kLost) {
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      const char* why = got == 0 ? "the server closed it" : std::strerror(errno);
      return lose(phase_ == Phase::kPublishing ? fmt::format("the connection broke off: {}", why) : fmt::format("cannot connect: {}", why));
    }
    in_.append(bytes, 0, static_cast<std::size_t>(got));
    take_received();
  }
}

void RtmpCaller::take_received() {
  if (phase_ == Phase::kShaking) finish_handshake();
  if (phase_ == Phase::kShaking) return;
  for (Bytes bytes = bytes_of(in_); phase_ != Phase::kLost;) {
    const auto message = reader_.next(bytes);
    if (message.has_error()) return lose("the server does not speak RTMP");
    if (!*message) break;
    answer(**message);
  }
  in_.clear();
}

// S0, S1 and S2 come; S1 goes back as C2.
void RtmpCaller::finish_handshake() {
  if (!in_.empty() && in_[0] != static_cast<char>(kVersion)) return lose("cannot connect: the server does not speak RTMP");
  if (in_.size() < 1 + 2 * kHandshakePart) return;
  out_.append(in_, 1, kHandshakePart);
  in_.erase(0, 1 + 2 * kHandshakePart);
  phase_ = Phase::kAsking;
  std::string size;
  append_big<4>(size, kChunk);
  append(kControlChannel, {.type = MessageType::kSetChunkSize, .payload = bytes_of(size)});
  connect_application();
}

void RtmpCaller::answer(const Message& message) {
  if (message.type == MessageType::kUserControl && message.payload.size() >= 6 && read_big<2>(message.payload) == kPing) {
    std::string pong;
    append_big<2>(pong, kPong);
    pong += text_of(message.payload.subspan(2));
    append(kControlChannel, {.type = message.type, .timestamp = message.timestamp, .stream = message.stream, .payload = bytes_of(pong)});
  }
  if (message.type != MessageType::kCommand) return;
  if (const std::optional<RtmpReply> reply = read_reply(message.payload)) heed(*reply);
}

void RtmpCaller::heed(const RtmpReply& reply) {
  const bool is_ours = reply.transaction == kConnect || reply.transaction == kCreate || reply.transaction == kPublish;
  const bool is_refusal = (reply.name == "_error" && is_ours) || (reply.name == "onStatus" && reply.level == "error");
  if (is_refusal) {
    const std::string text = reply.description.empty() ? reply.code : fmt::format("{} ({})", reply.description, reply.code);
    return lose(
        fmt::format("{}: {}", phase_ == Phase::kPublishing ? "the server ends it" : "refused", text.empty() ? "without a reason" : text));
  }
  if (phase_ != Phase::kAsking) return;
  if (reply.name == "_result" && reply.transaction == kConnect) ask_for_stream();
  if (reply.name == "_result" && reply.transaction == kCreate && reply.number) {
    stream_ = static_cast<std::uint32_t>(std::clamp(*reply.number, 0.0, 4294967295.0));
    publish();
  }
  if (reply.name == "onStatus" && reply.code == "NetStream.Publish.Start") phase_ = Phase::kPublishing;
}

void RtmpCaller::connect_application() {
  const std::string host = destination_.host.find(':') == std::string::npos ? destination_.host : "[" + destination_.host + "]";
  const AmfValue application = amf({{"app", amf(destination_.app)},
                                    {"type", amf("nonprivate")},
                                    {"flashVer", amf("FMLE/3.0 (compatible; Rehearsal)")},
                                    {"tcUrl", amf(fmt::format("rtmp://{}:{}/{}", host, destination_.port, destination_.app))}});
  command({amf("connect"), amf(kConnect), application}, 0);
}

void RtmpCaller::ask_for_stream() {
  command({amf("releaseStream"), amf(kRelease), amf_null(), amf(destination_.key)}, 0);
  command({amf("FCPublish"), amf(kPrepare), amf_null(), amf(destination_.key)}, 0);
  command({amf("createStream"), amf(kCreate), amf_null()}, 0);
}

void RtmpCaller::publish() { command({amf("publish"), amf(kPublish), amf_null(), amf(destination_.key), amf("live")}, stream_); }

void RtmpCaller::command(std::initializer_list<AmfValue> values, std::uint32_t stream) {
  const std::string payload = amf_payload(values);
  append(kCommandChannel, {.type = MessageType::kCommand, .stream = stream, .payload = bytes_of(payload)});
}

void RtmpCaller::append(std::uint32_t channel, const Message& message) { append_message(out_, channel, message, kChunk); }

bool RtmpCaller::send(MessageType type, std::uint32_t timestamp, Bytes payload) {
  if (state() != State::kConnected || out_.size() - sent_ > kMostQueued) return false;
  const bool is_video = type == MessageType::kVideo, is_audio = type == MessageType::kAudio;
  append(is_video ? kVideoChannel : is_audio ? kAudioChannel : kDataChannel, {type, timestamp, stream_, payload});
  flush();
  return phase_ == Phase::kPublishing;
}

void RtmpCaller::flush() {
  while (phase_ != Phase::kLost && sent_ < out_.size()) {
    const ssize_t count = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return lose(fmt::format("the connection broke off: {}", std::strerror(errno)));
    if (count < 0) break;
    sent_ += static_cast<std::size_t>(count);
  }
  if (sent_ * 2 < out_.size()) return;
  out_.erase(0, std::exchange(sent_, 0));
}

void RtmpCaller::lose(std::string why) {
  reason_ = fmt::format("{}: {}", name_, why);
  phase_ = Phase::kLost;
  close();
}

void RtmpCaller::vanish() {
  if (socket_ < 0) return;
  const linger none{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  lose("it is gone");
}

void RtmpCaller::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace generators
