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

namespace generators {
namespace {

using namespace std::chrono_literals;
constexpr base::Duration kRtmpPatience = 5s;  // from the first packet until we publish
constexpr std::size_t kHandshake = 1536;      // Adobe's RTMP 1.0, 5.2.3
constexpr std::uint8_t kRtmpVersion = 3;
constexpr std::size_t kChunk = 4096;           // what we send by; fewer headers than the 128 to begin with
constexpr std::size_t kMostQueued = 4u << 20;  // bytes, 8 s at 4 Mbit/s, beside what the kernel holds. An assumption
constexpr std::uint8_t kControlChannel = 2, kCommandChannel = 3, kAudioChannel = 4, kVideoChannel = 6, kDataChannel = 5;
constexpr double kConnect = 1, kRelease = 2, kPrepare = 3, kCreate = 4, kPublish = 5, kUnpublish = 6, kDelete = 7;  // transactions
constexpr std::uint16_t kPing = 6, kPong = 7;                                                                       // user control events

std::vector<std::uint8_t> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)};
}

}  // namespace

RtmpCaller::RtmpCaller(const RtmpDestination& destination, const Endpoint& endpoint)
    : destination_{destination},
      name_{endpoint.name},
      socket_{static_cast<int>(
          base::checked("make a TCP socket", ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))},
      began_{base::steady_now()} {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.address_size) < 0 && errno != EINPROGRESS)
    lose(fmt::format("cannot connect: {}", std::strerror(errno)));
}

RtmpCaller::~RtmpCaller() {
  if (phase_ == Phase::kPublishing) {
    command(AmfWriter{}.text("FCUnpublish").number(kUnpublish).null().text(destination_.key), 0);
    command(AmfWriter{}.text("deleteStream").number(kDelete).null().number(stream_), 0);
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
  out_.assign(1 + kHandshake, 0);  // C0, and C1 whose time and random bytes are all zero
  out_[0] = kRtmpVersion;
}

void RtmpCaller::read() {
  std::vector<std::uint8_t> bytes(16 * 1024);
  while (phase_ != Phase::kLost) {
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      const char* why = got == 0 ? "the server closed it" : std::strerror(errno);
      return lose(phase_ == Phase::kPublishing ? fmt::format("the connection broke off: {}", why) : fmt::format("cannot connect: {}", why));
    }
    in_.insert(in_.end(), bytes.begin(), bytes.begin() + got);
    take(in_);
  }
}

void RtmpCaller::take(std::vector<std::uint8_t>& bytes) {
  if (phase_ == Phase::kShaking) finish_handshake(bytes);
  if (phase_ == Phase::kShaking || phase_ == Phase::kLost) return;
  const bool is_rtmp = reader_.take(bytes);
  bytes.clear();
  while (const std::optional<RtmpMessage> message = reader_.next()) answer(*message);
  if (!is_rtmp && phase_ != Phase::kLost) lose("the server does not speak RTMP");
}

// S0, S1 and S2 come; S1 goes back as C2.
void RtmpCaller::finish_handshake(std::vector<std::uint8_t>& bytes) {
  if (!bytes.empty() && bytes[0] != kRtmpVersion) return lose("cannot connect: the server does not speak RTMP");
  if (bytes.size() < 1 + 2 * kHandshake) return;
  out_.insert(out_.end(), bytes.begin() + 1, bytes.begin() + 1 + kHandshake);
  bytes.erase(bytes.begin(), bytes.begin() + 1 + 2 * kHandshake);
  phase_ = Phase::kAsking;
  append_chunks(out_, {.type = RtmpType::kChunkSize, .body = big_endian(kChunk)}, kControlChannel, kChunk);
  connect_application();
}

void RtmpCaller::answer(const RtmpMessage& message) {
  if (message.type == RtmpType::kUserControl && message.body.size() >= 6 && message.body[0] == 0 && message.body[1] == kPing) {
    RtmpMessage pong = message;
    pong.body[1] = kPong;
    append_chunks(out_, pong, kControlChannel, kChunk);
  }
  if (message.type != RtmpType::kCommand) return;
  if (const std::optional<RtmpReply> reply = read_reply(message.body)) heed(*reply);
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
  AmfWriter writer;
  writer.text("connect").number(kConnect).begin_object();
  writer.name("app").text(destination_.app);
  writer.name("type").text("nonprivate");
  writer.name("flashVer").text("FMLE/3.0 (compatible; Rehearsal)");
  writer.name("tcUrl").text(fmt::format("rtmp://{}:{}/{}", host, destination_.port, destination_.app));
  command(writer.end_object(), 0);
}

void RtmpCaller::ask_for_stream() {
  command(AmfWriter{}.text("releaseStream").number(kRelease).null().text(destination_.key), 0);
  command(AmfWriter{}.text("FCPublish").number(kPrepare).null().text(destination_.key), 0);
  command(AmfWriter{}.text("createStream").number(kCreate).null(), 0);
}

void RtmpCaller::publish() { command(AmfWriter{}.text("publish").number(kPublish).null().text(destination_.key).text("live"), stream_); }

void RtmpCaller::command(const AmfWriter& writer, std::uint32_t stream) {
  append_chunks(out_, {.type = RtmpType::kCommand, .stream = stream, .body = writer.bytes()}, kCommandChannel, kChunk);
}

bool RtmpCaller::send(RtmpType type, std::uint32_t timestamp, std::vector<std::uint8_t> body) {
  if (state() != State::kConnected || out_.size() - sent_ > kMostQueued) return false;
  const std::uint8_t channel = type == RtmpType::kVideo ? kVideoChannel : type == RtmpType::kAudio ? kAudioChannel : kDataChannel;
  append_chunks(out_, {type, timestamp, stream_, std::move(body)}, channel, kChunk);
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
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(std::exchange(sent_, 0)));
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
