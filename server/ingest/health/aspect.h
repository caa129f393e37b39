// HealthAspect: what the health of a source consists of, and its names in JSON, events and metrics.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace server {

// kPicture: do pictures come. kBitrate: as many bytes as usual. kContinuity: are MPEG-TS packets missing. kTimestamps: do they go on evenly
// with the clock. kFreeze, kBlack: what the pictures show. kSilence: is there sound to be heard. kSkew: do sound and pictures of one time
// come at one time.
enum class HealthAspect { kPicture, kBitrate, kContinuity, kTimestamps, kFreeze, kBlack, kSilence, kSkew };

inline constexpr std::size_t kHealthAspects = 8;
inline constexpr std::array<HealthAspect, kHealthAspects> kEveryHealthAspect{
    HealthAspect::kPicture, HealthAspect::kBitrate, HealthAspect::kContinuity, HealthAspect::kTimestamps,
    HealthAspect::kFreeze,  HealthAspect::kBlack,   HealthAspect::kSilence,    HealthAspect::kSkew};

constexpr std::size_t index_of(HealthAspect aspect) { return static_cast<std::size_t>(aspect); }
// "picture", "bitrate", "continuity", "timestamps", "freeze", "black", "silence", "skew".
std::string_view to_text(HealthAspect aspect);
std::optional<HealthAspect> health_aspect_named(std::string_view name);

class HealthAspectSet {
 public:
  HealthAspectSet() = default;
  HealthAspectSet(std::initializer_list<HealthAspect> aspects) {
    for (const HealthAspect aspect : aspects) insert(aspect);
  }
  void insert(HealthAspect aspect) { bits_.set(index_of(aspect)); }
  bool contains(HealthAspect aspect) const { return bits_.test(index_of(aspect)); }
  friend bool operator==(const HealthAspectSet&, const HealthAspectSet&) = default;

 private:
  std::bitset<kHealthAspects> bits_;
};

}  // namespace server
