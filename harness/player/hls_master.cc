#include "harness/player/hls_master.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "media/url.h"

namespace harness {
namespace {

constexpr std::array<std::string_view, 8> kVideoCodecs{"avc1", "avc3", "hvc1", "hev1", "dvh1", "vp09", "av01", "mp4v"};

// "avc1" of "avc1.64001f,mp4a.40.2"; empty when no video codec is named.
std::string_view video_family(std::string_view codecs) {
  for (const std::string_view family : kVideoCodecs) {
    if (codecs.find(family) != std::string_view::npos) return family;
  }
  return {};
}

bool is_audio_only(const media::HlsVariant& variant) {
  return variant.height == 0 && !variant.codecs.empty() && video_family(variant.codecs).empty();
}

const media::HlsVariant& leading(const std::vector<media::HlsVariant>& variants) {
  const auto with_video = std::find_if_not(variants.begin(), variants.end(), is_audio_only);
  return with_video == variants.end() ? variants.front() : *with_video;
}

bool is_alike(const media::HlsVariant& a, const media::HlsVariant& b) {
  return is_audio_only(a) == is_audio_only(b) && a.audio_group == b.audio_group && video_family(a.codecs) == video_family(b.codecs);
}

std::string audio_uri(const std::vector<media::HlsRendition>& renditions, const std::string& group) {
  const media::HlsRendition* chosen = nullptr;
  for (const media::HlsRendition& rendition : renditions) {
    if (rendition.type != "AUDIO" || rendition.group != group) continue;
    if (chosen == nullptr || (rendition.is_default && !chosen->is_default)) chosen = &rendition;
  }
  return chosen == nullptr ? std::string{} : chosen->uri;
}

}  // namespace

base::Result<HlsMaster> hls_master(const media::HlsMultivariantPlaylist& playlist, const std::string& url, int max_height) {
  if (playlist.variants.empty()) return base::error("the multivariant playlist lists no variant");
  const media::HlsVariant& first = leading(playlist.variants);
  HlsMaster master;
  for (std::size_t i = 0; i < playlist.variants.size(); ++i) {
    const media::HlsVariant& variant = playlist.variants[i];
    if (!is_alike(variant, first)) continue;
    master.ladder.push_back({.bandwidth = variant.bandwidth,
                             .average = variant.average_bandwidth.value_or(variant.bandwidth),
                             .height = variant.height,
                             .url = media::resolve_url(url, variant.uri),
                             .origin = i});
  }
  master.ladder = capped_ladder(std::move(master.ladder), max_height);
  const std::string audio = first.audio_group.empty() ? std::string{} : audio_uri(playlist.renditions, first.audio_group);
  if (!audio.empty()) master.audio_url = media::resolve_url(url, audio);
  return master;
}

}  // namespace harness
