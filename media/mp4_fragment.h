// Flags of tfhd, trun and samples (ISO/IEC 14496-12, 8.8.7, 8.8.8 and 8.8.3.1). Private to media/.
#pragma once

#include <cstdint>

namespace media {

// tfhd
inline constexpr std::uint32_t kBaseDataOffset = 0x000001;
inline constexpr std::uint32_t kSampleDescription = 0x000002;
inline constexpr std::uint32_t kDefaultDuration = 0x000008;
inline constexpr std::uint32_t kDefaultSize = 0x000010;
inline constexpr std::uint32_t kDefaultFlags = 0x000020;
inline constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;

// trun
inline constexpr std::uint32_t kDataOffset = 0x000001;
inline constexpr std::uint32_t kFirstSampleFlags = 0x000004;
inline constexpr std::uint32_t kSampleDuration = 0x000100;
inline constexpr std::uint32_t kSampleSize = 0x000200;
inline constexpr std::uint32_t kSampleFlags = 0x000400;
inline constexpr std::uint32_t kSampleComposition = 0x000800;

// Samples: what they depend on (2: nothing, 1: others), and the non-sync bit.
inline constexpr std::uint32_t kNonSyncBit = 0x00010000;
inline constexpr std::uint32_t kSyncSampleFlags = 0x02000000;
inline constexpr std::uint32_t kDependentSampleFlags = 0x01000000 | kNonSyncBit;

}  // namespace media
