#include "server/ingest/media_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <span>

#include "base/ensure.h"
#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/readability.h"
#include "server/ingest/track_decoder.h"
#include "server/ingest/upright.h"

namespace server {
namespace {

constexpr int kIoBuffer = 64 * 1024;
// Enough for the tables at the head of a transport stream; more would only be waited for.
constexpr std::int64_t kStreamProbe = 32 * 1024;
// ffmpeg's muxer lets sound come 0.7 s at a time.
constexpr std::int64_t kSilentPictures = 1000, kSilentSound = 2000;  // ms
constexpr int kMostErrors = 64;  // in a row; of a transport stream each is 64 KiB without the beginning of a packet

struct IoReleaser {
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvIoPtr = std::unique_ptr<AVIOContext, IoReleaser>;

struct TappedQueue {
  ByteQueue& queue;
  MediaReader::Tap tap;
  Container container;
  Readability readability{container};
  base::Instant last{};  // bytes
  bool is_over = false;
};

int read_queue(void* opaque, std::uint8_t* into, int size) {
  auto& tapped = *static_cast<TappedQueue*>(opaque);
  if (tapped.readability.is_lost()) return AVERROR_INVALIDDATA;
  const std::size_t got = tapped.queue.read({into, static_cast<std::size_t>(size)});
  if (got > 0) {
    tapped.last = base::steady_now();
    tapped.tap({into, got});
  }
  tapped.is_over = got == 0;
  tapped.readability.take({into, got});
  return got == 0 ? AVERROR_EOF : static_cast<int>(got);
}

AvIoPtr io_over(TappedQueue& queue) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBuffer));
  ENSURE(buffer != nullptr);
  AvIoPtr io{avio_alloc_context(buffer, kIoBuffer, 0, &queue, read_queue, nullptr, nullptr)};
  ENSURE(io != nullptr);
  return io;
}

// Moves: a cover is one picture in all.
bool is_video(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
}

}  // namespace

class MediaReader::Impl {
 public:
  Impl(const std::string& file, PacketTap packets) : packets_{std::move(packets)} {
    AVFormatContext* opened = nullptr;
    fail_on(avformat_open_input(&opened, file.c_str(), nullptr, nullptr), file);
    input_.reset(opened);
    fail_on(avformat_find_stream_info(opened, nullptr), file);
    const std::span streams{opened->streams, opened->nb_streams};
    if (std::ranges::none_of(streams, [](const AVStream* stream) { return is_video(*stream); })) {
      throw base::RunFailed(fmt::format("play '{}': there is no video track in it", file));
    }
  }

  Impl(ByteQueue& bytes, Container container, Tap tap, PacketTap packets, Notice unusable)
      : packets_{std::move(packets)},
        unusable_{std::move(unusable)},
        queue_{new TappedQueue{.queue = bytes, .tap = std::move(tap), .container = container}},
        io_{io_over(*queue_)} {
    AVFormatContext* opened = avformat_alloc_context();
    ENSURE(opened != nullptr);
    opened->pb = io_.get();
    opened->flags |= AVFMT_FLAG_NOBUFFER;
    opened->probesize = kStreamProbe;
    // Frees the context when it fails.
    const char* format = container == Container::kFlv ? "flv" : "mpegts";
    const int result = avformat_open_input(&opened, nullptr, av_find_input_format(format), nullptr);
    if (result >= 0) input_.reset(opened);
    drained_ = result < 0;
    if (drained_ && queue_->readability.has_begun()) fail_to_read();
  }

  std::optional<Media> next() {
    while (ready_.empty() && !drained_) read_packet();
    if (ready_.empty()) return std::nullopt;
    Media media = std::move(ready_.front());
    ready_.pop_front();
    return media;
  }

  base::Duration duration() const {
    return input_->duration > 0 ? base::Duration{std::chrono::microseconds{input_->duration}} : base::Duration::zero();
  }

 private:
  struct Track {
    int index = -1;
    std::optional<TrackDecoder> decoder;
    // By index: the time of the first packet of another stream since this one's last; nothing: it came beside this one.
    std::map<int, std::optional<std::int64_t>> rivals{};
  };

  static void fail_on(int result, const std::string& what) {
    if (result < 0) throw base::RunFailed(fmt::format("play '{}': {}", what, av_error_text(result)));
  }

  void read_packet() {
    if (const int result = av_read_frame(input_.get(), packet_.get()); result < 0) return pass_over(result);
    errors_ = 0;
    if (queue_) queue_->readability.packet_found();
    const AVStream& stream = *input_->streams[packet_->stream_index];
    if (is_of(video_, AVMEDIA_TYPE_VIDEO, stream)) {
      decode_video(packet_.get());
      tell(*video_.decoder, PacketTrack::kVideo);
    } else if (is_of(audio_, AVMEDIA_TYPE_AUDIO, stream)) {
      decode_audio(packet_.get());
      tell(*audio_.decoder, PacketTrack::kAudio);
    }
    av_packet_unref(packet_.get());
  }

  // What follows something that is broken may be whole again.
  void pass_over(int error) {
    const bool is_end = error == AVERROR_EOF || ++errors_ == kMostErrors;
    if (queue_) {
      const Readability& readability = queue_->readability;
      const bool gave_up = readability.is_lost() || (is_end && error != AVERROR_EOF);
      if (gave_up || (is_end && readability.was_never_right())) fail_to_read();
    }
    if (!is_end) return;
    if (video_.decoder) decode_video(nullptr);
    if (audio_.decoder) decode_audio(nullptr);
    drained_ = true;
  }

  [[noreturn]] void fail_to_read() const {
    throw base::RunFailed(fmt::format("what it sends cannot be read as {}", to_text(queue_->container)));
  }

  // After decoding: a stream that was not probed does not know the size of its pictures before.
  void tell(TrackDecoder& decoder, PacketTrack track) {
    if (!packets_) return;
    if (const auto packet = decoder.packet_for_others(*packet_, track)) packets_(*packet);
  }

  // Claims the stream for a track that has none yet, or whose own has ended.
  bool is_of(Track& track, AVMediaType type, const AVStream& stream) {
    if (stream.codecpar->codec_type != type || (type == AVMEDIA_TYPE_VIDEO && !is_video(stream))) return false;
    if (track.index == stream.index)
      for (auto& [index, since] : track.rivals) since.reset();
    if (track.index >= 0 && track.index != stream.index && has_ended(track, stream)) leave(track);
    if (track.index < 0 && !unusable_tracks_.contains(stream.index)) {
      track.decoder = TrackDecoder::open(stream);
      if (track.decoder) {
        track.index = stream.index;
      } else {
        give_up(stream);
      }
    }
    return track.index == stream.index;
  }

  // A sender that changes its input goes on in other streams. One that begins while the track's own is silent and goes on for so long has
  // its place; another language or angle pauses with nobody.
  bool has_ended(Track& track, const AVStream& rival) const {
    if (!queue_ || packet_->dts == AV_NOPTS_VALUE || unusable_tracks_.contains(rival.index)) return false;
    const auto since = track.rivals.try_emplace(rival.index, packet_->dts).first->second;
    return since && av_rescale_q(packet_->dts - *since, rival.time_base, AVRational{1, 1000}) >=
                        (&track == &video_ ? kSilentPictures : kSilentSound);
  }

  void leave(Track& track) {
    if (&track == &video_) decode_video(nullptr);
    if (&track == &audio_) decode_audio(nullptr);
    track = {};
  }

  void give_up(const AVStream& stream) {
    unusable_tracks_.insert(stream.index);
    if (!unusable_) return;
    const AVCodecParameters& sent = *stream.codecpar;
    unusable_(fmt::format("its {} comes as {}, which cannot be decoded here; send {}",
                          sent.codec_type == AVMEDIA_TYPE_VIDEO ? "video" : "sound", avcodec_get_name(sent.codec_id),
                          sent.codec_type == AVMEDIA_TYPE_VIDEO ? "H.264" : "AAC"));
  }

  void decode_video(AVPacket* packet) {
    video_.decoder->decode(packet, [this](const AVFrame& decoded, base::Duration timestamp) {
      ready_.push_back(VideoFrame{.picture = upright(decoded),
                                  .timestamp = timestamp,
                                  .arrived = arrival(),
                                  .captured = capture_time(decoded),
                                  .frames_per_second = frame_rate(timestamp)});
      last_video_ = timestamp;
    });
  }

  // What the demuxer and the decoder held back until the end has not come then.
  base::Instant arrival() {
    latest_ = queue_ && queue_->is_over ? std::max(latest_, queue_->last) : base::steady_now();
    return latest_;
  }

  Picture upright(const AVFrame& decoded) {
    const Orientation orientation = orientation_of(decoded, *input_->streams[video_.index]);
    AvFramePtr picture = orientation == Orientation{} ? AvFramePtr{av_frame_clone(&decoded)} : upright_.turn(decoded, orientation);
    ENSURE(picture != nullptr);
    return share(std::move(picture));
  }

  void decode_audio(AVPacket* packet) {
    audio_.decoder->decode(packet, [this](const AVFrame& decoded, base::Duration timestamp) {
      AudioBlock block = normaliser_.convert(decoded, timestamp);
      if (block.left.empty()) return;
      block.arrived = arrival();
      block.sent = {.channels = decoded.ch_layout.nb_channels, .sample_rate = decoded.sample_rate};
      ready_.push_back(std::move(block));
    });
  }

  // What the container or the codec says; failing that, the distance to the picture before.
  double frame_rate(base::Duration timestamp) {
    const AVRational guess = av_guess_frame_rate(input_.get(), input_->streams[video_.index], nullptr);
    if (guess.num > 0 && guess.den > 0) return av_q2d(guess);
    if (const double told = video_.decoder->frames_per_second(); told > 0) return told;
    return last_video_ && timestamp > *last_video_ ? 1 / base::to_seconds(timestamp - *last_video_) : 0;
  }

  PacketTap packets_;
  Notice unusable_;
  std::set<int> unusable_tracks_;  // by index
  std::unique_ptr<TappedQueue> queue_;
  AvIoPtr io_;
  AvInputPtr input_;
  AvPacketPtr packet_{av_packet_alloc()};
  Track video_, audio_;
  AudioNormaliser normaliser_;
  Upright upright_;
  std::deque<Media> ready_;
  std::optional<base::Duration> last_video_;
  base::Instant latest_{};  // arrival
  int errors_ = 0;          // in a row
  bool drained_ = false;
};

MediaReader::MediaReader(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
MediaReader::~MediaReader() = default;

std::unique_ptr<MediaReader> MediaReader::open_file(const std::string& file, PacketTap packets) {
  return std::unique_ptr<MediaReader>{new MediaReader{std::make_unique<Impl>(file, std::move(packets))}};
}

std::unique_ptr<MediaReader> MediaReader::open_stream(ByteQueue& bytes, Container container, Tap tap, PacketTap packets, Notice unusable) {
  return std::unique_ptr<MediaReader>{
      new MediaReader{std::make_unique<Impl>(bytes, container, std::move(tap), std::move(packets), std::move(unusable))}};
}

std::optional<Media> MediaReader::next() { return impl_->next(); }
base::Duration MediaReader::duration() const { return impl_->duration(); }

}  // namespace server
