// ObjectIds: small numbers for what can be asked for, so that caches need no texts. An object is what a URL's path names: host, query
// (CMCD travels there) and fragment do not tell objects apart, but for the segment that a playlist is held for (RFC 8216bis, 6.2.5.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/scenario/server_model.h"

namespace harness {

enum class ObjectId : std::uint32_t {};  // 0, 1, 2, … in the order in which they were first asked for
constexpr std::uint32_t index_of(ObjectId id) { return static_cast<std::uint32_t>(id); }

// "http://model/live/main/audio/1.m4s?CMCD=…" -> "/live/main/audio/1.m4s"; "/" where there is none.
std::string_view path_of_url(std::string_view url);
// By the names that the reference server gives its objects.
ObjectKind kind_of_path(std::string_view path);  // or the name of an object

class ObjectIds {
 public:
  ObjectId id_of(std::string_view path);
  // Of its path, and _HLS_msn where it is there.
  ObjectId id_of_url(std::string_view url);
  ObjectKind kind_of(ObjectId id) const { return kinds_[index_of(id)]; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, ObjectId, Hash, std::equal_to<>> ids_;
  std::vector<ObjectKind> kinds_;
};

}  // namespace harness
