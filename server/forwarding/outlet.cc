#include "server/forwarding/outlet.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <variant>

#include "base/ensure.h"
#include "server/forwarding/srt_link.h"

namespace server {
namespace {

constexpr base::Duration kConnectTimeout = std::chrono::seconds{5};
constexpr base::Duration kWriteTimeout = std::chrono::seconds{10};
constexpr base::Duration kFarewell = std::chrono::milliseconds{500};
constexpr int kSrtPayload = 1316;               // seven packets of a transport stream, as everyone sends them
constexpr std::int64_t kInterleave = 500'000;   // us: how long the muxer waits for the other track before it goes on without
constexpr int kTransportStreamDelay = 200'000;  // us: how far PCR runs ahead of DTS
constexpr int kRtmpRefused = AVERROR(EPERM);    // what libavformat makes of an onStatus of level error

AVRational nanoseconds() { return {1, 1'000'000'000}; }

std::string in_brackets(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

struct OptionsReleaser {
  AVDictionary* options = nullptr;
  ~OptionsReleaser() { av_dict_free(&options); }
};

}  // namespace

class Outlet::Impl {
 public:
  Impl(ForwardProtocol protocol, Interrupt& interrupt) : protocol_{protocol}, interrupt_{interrupt} {
    avformat_alloc_output_context2(&muxer_, nullptr, protocol == ForwardProtocol::kSrt ? "mpegts" : "flv", nullptr);
    ENSURE(muxer_ != nullptr);
    muxer_->interrupt_callback = {&Impl::ends_wait, &interrupt_};
    muxer_->max_interleave_delta = kInterleave;
    muxer_->max_delay = kTransportStreamDelay;
    muxer_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    muxer_->avoid_negative_ts = 0;
  }

  ~Impl() {
    interrupt_.begin_farewell(broken_ ? base::Duration{} : kFarewell);
    if (begun_ && !broken_) av_write_trailer(muxer_);
    if (protocol_ == ForwardProtocol::kRtmp) {
      avio_closep(&muxer_->pb);
    } else if (muxer_->pb != nullptr) {
      av_freep(&muxer_->pb->buffer);
      avio_context_free(&muxer_->pb);
    }
    interrupt_.end_farewell();
    avformat_free_context(muxer_);
  }

  // The addresses share the time; what none of them needs is the next one's.
  base::Result<void> connect(const Destination& to) {
    const base::Instant end = base::steady_now() + kConnectTimeout;
    interrupt_.set_deadline(kConnectTimeout);
    const auto addresses = to.resolver.resolve([this] { return interrupt_.ends_wait(); });
    if (addresses.has_error()) return base::error("cannot be found: " + addresses.error().message);
    std::optional<NotConnected> failed;
    std::size_t left = addresses->size();
    for (const base::HostAddress& address : *addresses) {
      interrupt_.set_deadline((end - base::steady_now()) / static_cast<std::int64_t>(left--));
      failed = protocol_ == ForwardProtocol::kSrt ? connect_srt(address, to) : connect_rtmp(address, to.url);
      if (!failed || failed->is_answer || interrupt_.is_stopped()) break;
    }
    broken_ = failed.has_value();
    return failed ? base::error(failed->reason) : base::Result<void>{};
  }

  base::Result<void> begin(const AVCodecParameters& video, const AVCodecParameters* sound) {
    interrupt_.set_deadline(kWriteTimeout);
    add(video);
    if (sound != nullptr) add(*sound);
    OptionsReleaser with;
    if (protocol_ == ForwardProtocol::kRtmp) av_dict_set(&with.options, "flvflags", "no_duration_filesize", 0);
    if (const int code = avformat_write_header(muxer_, &with.options); code < 0) return base::error(broke(code));
    begun_ = true;
    return {};
  }

  base::Result<void> write(PacketTrack track, AvPacketPtr packet, const ContinuousClock::Times& times, base::Duration lasts) {
    const unsigned index = track == PacketTrack::kVideo ? 0 : 1;
    ENSURE(index < muxer_->nb_streams);
    const AVRational base = muxer_->streams[index]->time_base;
    packet->stream_index = static_cast<int>(index);
    packet->dts = av_rescale_q(times.decode.count(), nanoseconds(), base);
    packet->pts = av_rescale_q(times.present.count(), nanoseconds(), base);
    packet->duration = av_rescale_q(lasts.count(), nanoseconds(), base);
    packet->time_base = base;
    packet->pos = -1;
    interrupt_.set_deadline(kWriteTimeout);
    const int code = av_interleaved_write_frame(muxer_, packet.get());
    if (code == AVERROR_INVALIDDATA || code == AVERROR(EINVAL)) return {};  // of the packet; the muxer goes on
    if (code < 0 || muxer_->pb->error < 0) return base::error(broke(code < 0 ? code : muxer_->pb->error));
    return {};
  }

  std::uint64_t bytes() const {
    return muxer_->pb == nullptr ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(avio_tell(muxer_->pb), 0));
  }

 private:
  static int ends_wait(void* interrupt) { return static_cast<const Interrupt*>(interrupt)->ends_wait() ? 1 : 0; }

  std::optional<NotConnected> connect_srt(const base::HostAddress& address, const Destination& to) {
    auto link = SrtLink::connect(address, to.url, to.passphrase, interrupt_);
    if (auto* failed = std::get_if<NotConnected>(&link)) return std::move(*failed);
    link_ = std::get<std::unique_ptr<SrtLink>>(std::move(link));
    auto* buffer = static_cast<unsigned char*>(av_malloc(kSrtPayload));
    ENSURE(buffer != nullptr);
    muxer_->pb = avio_alloc_context(buffer, kSrtPayload, 1, link_.get(), nullptr, &Impl::send, nullptr);
    ENSURE(muxer_->pb != nullptr);
    muxer_->pb->max_packet_size = kSrtPayload;
    muxer_->flags |= AVFMT_FLAG_CUSTOM_IO;
    return std::nullopt;
  }

  static int send(void* link, std::uint8_t* bytes, int size) {
    return static_cast<SrtLink*>(link)->send({bytes, static_cast<std::size_t>(size)}) ? size : AVERROR(EIO);
  }

  // By the address: libavformat would wait for a name server however long it takes.
  std::optional<NotConnected> connect_rtmp(const base::HostAddress& to, const ForwardUrl& url) {
    OptionsReleaser with;
    av_dict_set(&with.options, "rtmp_app", url.app.c_str(), 0);
    av_dict_set(&with.options, "rtmp_playpath", url.key.c_str(), 0);
    av_dict_set(&with.options, "rtmp_tcurl", fmt::format("rtmp://{}:{}/{}", in_brackets(url.host), url.port, url.app).c_str(), 0);
    av_dict_set(&with.options, "tcp_nodelay", "1", 0);
    const std::string address = fmt::format("rtmp://{}:{}/", in_brackets(to.host()), url.port);
    const int code = avio_open2(&muxer_->pb, address.c_str(), AVIO_FLAG_WRITE, &muxer_->interrupt_callback, &with.options);
    if (code >= 0) return std::nullopt;
    if (code == AVERROR_EXIT) return NotConnected{.reason = "does not answer"};
    if (code == kRtmpRefused || code == AVERROR_UNKNOWN) return NotConnected{.reason = "refuses the stream", .is_answer = true};
    return NotConnected{.reason = "cannot be reached: " + av_error_text(code)};
  }

  void add(const AVCodecParameters& parameters) {
    AVStream* stream = avformat_new_stream(muxer_, nullptr);
    ENSURE(stream != nullptr && avcodec_parameters_copy(stream->codecpar, &parameters) >= 0);
    stream->time_base = {1, 90'000};
  }

  std::string broke(int code) {
    broken_ = true;
    if (interrupt_.is_late()) return "takes nothing for ten seconds";
    return protocol_ == ForwardProtocol::kSrt && code == AVERROR(EIO) ? "has hung up" : "broke off: " + av_error_text(code);
  }

  const ForwardProtocol protocol_;
  Interrupt& interrupt_;
  AVFormatContext* muxer_ = nullptr;
  std::unique_ptr<SrtLink> link_;
  bool begun_ = false, broken_ = false;
};

Outlet::Outlet(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Outlet::~Outlet() = default;

base::Result<std::unique_ptr<Outlet>> Outlet::open(const Destination& to, const AVCodecParameters& video, const AVCodecParameters* sound,
                                                   Interrupt& interrupt) {
  auto impl = std::make_unique<Impl>(to.url.protocol, interrupt);
  if (const auto connected = impl->connect(to); connected.has_error()) return connected.error();
  if (const auto begun = impl->begin(video, sound); begun.has_error()) return begun.error();
  return std::unique_ptr<Outlet>{new Outlet{std::move(impl)}};
}

base::Result<void> Outlet::write(PacketTrack track, AvPacketPtr packet, const ContinuousClock::Times& times, base::Duration lasts) {
  return impl_->write(track, std::move(packet), times, lasts);
}

std::uint64_t Outlet::bytes() const { return impl_->bytes(); }

}  // namespace server
