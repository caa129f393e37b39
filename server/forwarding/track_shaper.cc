#include "server/forwarding/track_shaper.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/ensure.h"

namespace server {
namespace {

// ISO/IEC 14496-3, 1.A.2: twelve bits of one, then layer 0.
bool has_adts_header(const AVPacket& packet) { return packet.size > 7 && packet.data[0] == 0xff && (packet.data[1] & 0xf6) == 0xf0; }

std::array<std::uint8_t, 2> adts_format(const AVPacket& packet) {
  return {packet.data[2], static_cast<std::uint8_t>(packet.data[3] & 0xc0)};
}

bool is_nal_coded(AVCodecID codec) { return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC; }

std::span<const std::uint8_t> new_extradata(const AVPacket* packet) {
  std::size_t size = 0;
  const std::uint8_t* bytes = packet == nullptr ? nullptr : av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  return bytes == nullptr ? std::span<const std::uint8_t>{} : std::span{bytes, size};
}

std::span<const std::uint8_t> extradata_of(const AVCodecParameters& parameters) {
  return {parameters.extradata, static_cast<std::size_t>(parameters.extradata_size)};
}

// What FLV has a number for, among what today's servers take.
bool fits_flv(AVCodecID codec) { return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_AAC || codec == AV_CODEC_ID_MP3; }

}  // namespace

base::Result<TrackShaper> TrackShaper::make(const MediaPacket& sample, ForwardProtocol protocol) {
  ENSURE(sample.packet != nullptr && sample.parameters != nullptr);
  if (protocol == ForwardProtocol::kRtmp && !fits_flv(sample.parameters->codec_id))
    return base::error(
        fmt::format("RTMP carries H.264 with AAC or MP3, the source sends {}", avcodec_get_name(sample.parameters->codec_id)));
  TrackShaper shaper{sample};
  if (const auto completed = shaper.complete(sample); completed.has_error()) return completed.error();
  return shaper;
}

TrackShaper::TrackShaper(const MediaPacket& sample) : given_{sample.parameters}, parameters_{avcodec_parameters_alloc()} {
  ENSURE(parameters_ != nullptr && avcodec_parameters_copy(parameters_.get(), sample.parameters.get()) >= 0);
  parameters_->codec_tag = 0;
}

base::Result<void> TrackShaper::complete(const MediaPacket& sample) {
  const AVCodecID codec = parameters_->codec_id;
  if (codec == AV_CODEC_ID_AAC && has_adts_header(*sample.packet)) {
    filter_ = open_filter("aac_adtstoasc", *parameters_);
    adts_ = adts_format(*sample.packet);
    const AvPacketPtr first = filter_ == nullptr ? nullptr : filtered(*filter_, sample);
    if (new_extradata(first.get()).empty()) return base::error("the sound's ADTS headers say nothing of use");
    set_extradata(*parameters_, new_extradata(first.get()));
  }
  if (is_nal_coded(codec) && parameters_->extradata_size == 0) {
    const FilterPtr extract = open_filter("extract_extradata", *parameters_);
    const AvPacketPtr first = extract == nullptr ? nullptr : filtered(*extract, sample);
    if (new_extradata(first.get()).empty()) return base::error("the key frame comes without parameter sets");
    set_extradata(*parameters_, new_extradata(first.get()));
    in_band_ = true;
  }
  return {};
}

bool TrackShaper::fits(const MediaPacket& packet) const {
  const AVCodecParameters& now = *packet.parameters;
  if (now.codec_id != parameters_->codec_id) return false;
  if (packet.parameters != given_ && now.extradata_size > 0 && !std::ranges::equal(extradata_of(now), extradata_of(*parameters_)))
    return false;
  if (now.extradata_size == 0 && !in_band_ && is_nal_coded(now.codec_id)) return false;
  if (filter_ != nullptr) return has_adts_header(*packet.packet) && adts_format(*packet.packet) == adts_;
  if (!in_band_ || !packet.key) return true;
  const FilterPtr extract = open_filter("extract_extradata", now);
  const AvPacketPtr looked_at = extract == nullptr ? nullptr : filtered(*extract, packet);
  const auto sets = new_extradata(looked_at.get());
  return sets.empty() || std::ranges::equal(sets, extradata_of(*parameters_));
}

AvPacketPtr TrackShaper::shape(const MediaPacket& packet) {
  if (filter_ != nullptr) return filtered(*filter_, packet);
  AvPacketPtr copy{av_packet_clone(packet.packet.get())};
  ENSURE(copy != nullptr);
  return copy;
}

TrackShaper::FilterPtr TrackShaper::open_filter(const char* name, const AVCodecParameters& parameters) {
  const AVBitStreamFilter* kind = av_bsf_get_by_name(name);
  AVBSFContext* made = nullptr;
  if (kind == nullptr || av_bsf_alloc(kind, &made) < 0) return nullptr;
  FilterPtr filter{made};
  filter->time_base_in = {1, 1'000'000};
  if (avcodec_parameters_copy(filter->par_in, &parameters) < 0 || av_bsf_init(filter.get()) < 0) return nullptr;
  return filter;
}

AvPacketPtr TrackShaper::filtered(AVBSFContext& filter, const MediaPacket& packet) {
  AvPacketPtr copy{av_packet_clone(packet.packet.get())};
  ENSURE(copy != nullptr);
  if (av_bsf_send_packet(&filter, copy.get()) < 0 || av_bsf_receive_packet(&filter, copy.get()) < 0) return nullptr;
  return copy;
}

}  // namespace server
