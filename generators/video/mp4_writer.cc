#include "generators/video/mp4_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/errors.h"
#include "generators/video/av.h"
#include "generators/video/sync_marks.h"

namespace generators {
namespace {

constexpr int kEncoderThreads = 3;  // part of the output's bytes, so not the machine's number of cores
constexpr int kAudioBitrate = 128'000;
constexpr int kQuieter = AV_LOG_INFO - AV_LOG_ERROR;  // the encoders print errors only, not their statistics

struct CloseOutput {
  void operator()(AVFormatContext* output) const noexcept {
    avio_closep(&output->pb);
    avformat_free_context(output);
  }
};
using AvOutput = std::unique_ptr<AVFormatContext, CloseOutput>;

}  // namespace

class Mp4Writer::Impl {
 public:
  Impl(const VideoSpec& spec, const std::string& path) : spec_{spec}, file_{spec.file} {
    open_file(path);
    open_video();
    open_audio();
    check("begin the file", avformat_write_header(output_.get(), nullptr));
  }

  Picture next_picture() {
    check("reuse a picture", av_frame_make_writable(picture_.get()));
    const AVFrame& f = *picture_;
    return {{f.data[0], f.linesize[0], f.width, f.height},
            {f.data[1], f.linesize[1], f.width / 2, f.height / 2},
            {f.data[2], f.linesize[2], f.width / 2, f.height / 2}};
  }

  void add_picture() {
    picture_->pts = pictures_++;
    encode(*video_, picture_.get(), *output_->streams[0]);
    add_sound_until(pictures_ * kSampleRate / spec_.fps);
  }

  void finish() {
    const std::int64_t left = pictures_ * kSampleRate / spec_.fps - samples_;
    if (left > 0) add_sound(static_cast<int>(left));
    encode(*video_, nullptr, *output_->streams[0]);
    encode(*audio_, nullptr, *output_->streams[1]);
    check("end the file", av_write_trailer(output_.get()));
    avio_flush(output_->pb);
    check("write", output_->pb->error);
    check("close the file", avio_closep(&output_->pb));
  }

 private:
  void check(const char* attempt, int result) const {
    if (result < 0) throw base::RunFailed(fmt::format("{}: cannot {}: {}", file_, attempt, av_text(result)));
  }
  template <class T>
  T made(const char* what, T object) const {
    if (!object) throw base::RunFailed(fmt::format("{}: FFmpeg has no {}; install its libraries with libx264 and AAC", file_, what));
    return object;
  }

  void open_file(const std::string& path) {
    AVFormatContext* output = nullptr;
    check("choose the MP4 format", avformat_alloc_output_context2(&output, nullptr, "mp4", nullptr));
    output_.reset(output);
    output->flags |= AVFMT_FLAG_BITEXACT;
    check("open the file", avio_open(&output->pb, ("file:" + path).c_str(), AVIO_FLAG_WRITE));
    packet_.reset(av_packet_alloc());
  }

  void open_video() {
    const AVCodec* codec = made("libx264 encoder", avcodec_find_encoder_by_name("libx264"));
    video_.reset(avcodec_alloc_context3(codec));
    AVCodecContext& v = *video_;
    v.log_level_offset = kQuieter;
    v.width = spec_.width;
    v.height = spec_.height;
    v.pix_fmt = AV_PIX_FMT_YUV420P;
    v.time_base = {1, spec_.fps};
    v.framerate = {spec_.fps, 1};
    v.sample_aspect_ratio = {1, 1};
    v.color_range = AVCOL_RANGE_MPEG;
    v.color_primaries = AVCOL_PRI_BT709;
    v.color_trc = AVCOL_TRC_BT709;
    v.colorspace = AVCOL_SPC_BT709;
    set_rate_and_groups(v);
    AVDictionary* options = nullptr;
    av_dict_set(&options, "preset", "superfast", 0);
    av_dict_set(&options, "x264-params", "scenecut=0:lookahead-threads=1:sliced-threads=0:rc-lookahead=0:sync-lookahead=0", 0);
    const int opened = avcodec_open2(&v, codec, &options);
    av_dict_free(&options);
    check("open the H.264 encoder", opened);
    add_stream(v, {1, spec_.fps * 512});
    picture_.reset(av_frame_alloc());
    picture_->format = v.pix_fmt;
    picture_->width = v.width;
    picture_->height = v.height;
    check("get memory for a picture", av_frame_get_buffer(picture_.get(), 0));
  }

  // Closed groups of pictures that begin with each second; no B-frames, as from a live camera's encoder. No buffer model (VBV):
  // with it x264's threads look at each other's progress, and the bytes differ from run to run.
  void set_rate_and_groups(AVCodecContext& v) const {
    v.bit_rate = spec_.bitrate.bps();
    v.gop_size = v.keyint_min = spec_.fps;
    v.max_b_frames = 0;
    v.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_BITEXACT;
    v.thread_count = kEncoderThreads;
  }

  void open_audio() {
    const AVCodec* codec = made("AAC encoder", avcodec_find_encoder_by_name("aac"));
    audio_.reset(avcodec_alloc_context3(codec));
    AVCodecContext& a = *audio_;
    a.log_level_offset = kQuieter;
    a.sample_rate = kSampleRate;
    a.sample_fmt = AV_SAMPLE_FMT_FLTP;
    av_channel_layout_default(&a.ch_layout, 2);
    a.bit_rate = kAudioBitrate;
    a.time_base = {1, kSampleRate};
    a.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    check("open the AAC encoder", avcodec_open2(&a, codec, nullptr));
    add_stream(a, {1, kSampleRate});
    sound_.reset(av_frame_alloc());
    sound_->format = a.sample_fmt;
    av_channel_layout_default(&sound_->ch_layout, 2);
    sound_->sample_rate = a.sample_rate;
    sound_->nb_samples = a.frame_size;
    check("get memory for sound", av_frame_get_buffer(sound_.get(), 0));
  }

  void add_stream(const AVCodecContext& encoder, AVRational time_base) {
    AVStream* stream = made("memory", avformat_new_stream(output_.get(), nullptr));
    check("describe a track", avcodec_parameters_from_context(stream->codecpar, &encoder));
    stream->time_base = time_base;
    if (encoder.codec_type == AVMEDIA_TYPE_VIDEO) stream->avg_frame_rate = encoder.framerate;
  }

  // Whole AAC frames only; finish() sends what is left, so that the sound ends with the picture.
  void add_sound_until(std::int64_t sample) {
    while (samples_ + audio_->frame_size <= sample) add_sound(audio_->frame_size);
  }

  void add_sound(int count) {
    check("reuse a sound buffer", av_frame_make_writable(sound_.get()));
    const auto size = static_cast<std::size_t>(count);
    fill_soundtrack(samples_, {reinterpret_cast<float*>(sound_->data[0]), size}, {reinterpret_cast<float*>(sound_->data[1]), size});
    sound_->nb_samples = count;
    sound_->pts = samples_;
    samples_ += count;
    encode(*audio_, sound_.get(), *output_->streams[1]);
  }

  void encode(AVCodecContext& encoder, const AVFrame* frame, const AVStream& stream) {
    check("encode", avcodec_send_frame(&encoder, frame));
    for (;;) {
      const int result = avcodec_receive_packet(&encoder, packet_.get());
      if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
      check("encode", result);
      if (packet_->duration == 0) packet_->duration = 1;  // x264 leaves it open; one frame in its time base
      av_packet_rescale_ts(packet_.get(), encoder.time_base, stream.time_base);
      packet_->stream_index = stream.index;
      check("write", av_interleaved_write_frame(output_.get(), packet_.get()));
      check("write", output_->pb->error);
    }
  }

  VideoSpec spec_;
  std::string file_;
  AvOutput output_;
  AvCodec video_, audio_;
  AvFrame picture_, sound_;
  AvPacket packet_;
  std::int64_t pictures_ = 0, samples_ = 0;
};

Mp4Writer::Mp4Writer(const VideoSpec& spec, const std::string& path) : impl_{std::make_unique<Impl>(spec, path)} {}
Mp4Writer::~Mp4Writer() = default;
Picture Mp4Writer::next_picture() { return impl_->next_picture(); }
void Mp4Writer::add_picture() { impl_->add_picture(); }
void Mp4Writer::finish() { impl_->finish(); }

}  // namespace generators
