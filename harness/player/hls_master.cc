#include "harness/player/hls_master.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "media/url.h"

namespace harness {
namespace {

constexpr std::array<std::string_view, 8> kVideoCodecs{"avc1", "avc3", "hvc1", "hev1", "dvh1", "vp09", "av01", "mp4v"};

constexpr std::size_t kMostBackups = 8;

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

bool is_same_stream(const media::HlsVariant& a, const media::HlsVariant& b) {
  return a.bandwidth == b.bandwidth && a.average_bandwidth == b.average_bandwidth && a.codecs == b.codecs && a.width == b.width &&
         a.height == b.height && a.frame_rate == b.frame_rate && a.audio_group.empty() == b.audio_group.empty();
}

// The rung that the variant offers once more.
Rung* redundant(std::vector<Rung>& ladder, const media::HlsMultivariantPlaylist& playlist, const media::HlsVariant& variant) {
  const auto same =
      std::find_if(ladder.begin(), ladder.end(), [&](const Rung& rung) { return is_same_stream(playlist.variants[rung.origin], variant); });
  return same == ladder.end() ? nullptr : &*same;
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
  std::vector<std::string> audio;  // the groups' URIs, each once
  const auto note_audio = [&](const std::string& group) {
    std::string uri = group.empty() ? std::string{} : audio_uri(playlist.renditions, group);
    if (!uri.empty()) uri = media::resolve_url(url, uri);
    const bool known = std::find(audio.begin(), audio.end(), uri) != audio.end();
    if (!known && audio.size() <= kMostBackups) audio.push_back(std::move(uri));
  };
  note_audio(first.audio_group);
  for (std::size_t i = 0; i < playlist.variants.size(); ++i) {
    const media::HlsVariant& variant = playlist.variants[i];
    std::string place = media::resolve_url(url, variant.uri);
    if (Rung* same = redundant(master.ladder, playlist, variant); same != nullptr) {
      const bool known = same->url == place || std::find(same->backups.begin(), same->backups.end(), place) != same->backups.end();
      if (!known && same->backups.size() < kMostBackups) same->backups.push_back(std::move(place));
      if (!audio.front().empty()) note_audio(variant.audio_group);
      continue;
    }
    if (!is_alike(variant, first)) continue;
    if (master.ladder.size() == kMostRungs)
      return base::error(fmt::format("the multivariant playlist lists more than {} variants", kMostRungs));
    master.ladder.push_back({.bandwidth = variant.bandwidth,
                             .average = variant.average_bandwidth.value_or(variant.bandwidth),
                             .height = variant.height,
                             .url = std::move(place),
                             .origin = i});
  }
  master.ladder = capped_ladder(std::move(master.ladder), max_height);
  master.audio_url = audio.front();
  if (!master.audio_url.empty()) master.audio_backups.assign(audio.begin() + 1, audio.end());
  std::erase(master.audio_backups, std::string{});
  return master;
}

base::Result<HlsManifest> read_hls_manifest(std::string_view body, const std::string& url, int max_height) {
  const auto parsed = media::parse_hls(body);
  if (!parsed.has_value()) return parsed.error();
  HlsManifest manifest;
  if (const auto* all = std::get_if<media::HlsMultivariantPlaylist>(&*parsed)) {
    auto master = hls_master(*all, url, max_height);
    if (!master.has_value()) return master.error();
    manifest.master = std::move(*master);
    manifest.independent = all->independent_segments;
  } else {
    manifest.master.ladder = {Rung{.bandwidth = {}, .average = {}, .height = 0, .url = {}, .origin = 0}};
    manifest.is_media_playlist = true;
  }
  manifest.ladder = ladder_of(manifest.master.ladder);
  return manifest;
}

}  // namespace harness
