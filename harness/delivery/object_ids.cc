#include "harness/delivery/object_ids.h"

#include <algorithm>

#include "media/url.h"

namespace harness {

std::string_view path_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  if (slash == std::string_view::npos) return "/";
  const std::string_view path = url.substr(slash);
  return path.substr(0, std::min(path.find('?'), path.find('#')));
}

ObjectKind kind_of_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.ends_with(".m4s")) return ObjectKind::kSegment;
  if (path.ends_with("/master.m3u8")) return ObjectKind::kMaster;
  if (path.ends_with(".m3u8") || path.ends_with(".mpd")) return ObjectKind::kPlaylist;
  if (path.ends_with("/init.mp4")) return ObjectKind::kInit;
  return path.starts_with("/v1/") ? ObjectKind::kToken : ObjectKind::kPage;
}

ObjectId ObjectIds::id_of(std::string_view path) {
  const auto found = ids_.find(path);
  if (found != ids_.end()) return found->second;
  const ObjectId id{static_cast<std::uint32_t>(kinds_.size())};
  kinds_.push_back(kind_of_path(path));
  ids_.emplace(path, id);
  return id;
}

ObjectId ObjectIds::id_of_url(std::string_view url) {
  const std::string_view path = path_of_url(url);
  const std::size_t query = url.find('?');
  if (query == std::string_view::npos) return id_of(path);
  const auto number = media::query_field(url.substr(query + 1), media::kMediaSequenceField);
  return number ? id_of(media::with_query_field(path, media::kMediaSequenceField, *number)) : id_of(path);
}

}  // namespace harness
