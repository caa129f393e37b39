// Streams that are sound but beyond the emulated player, such as encrypted ones. The message names what and where, and ends alike, so
// that a player fails at once instead of asking again: "the stream is encrypted (EXT-X-KEY METHOD=AES-128, line 7): not supported".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace media {

inline constexpr std::string_view kNotSupported = ": not supported";

inline std::string unsupported_text(std::string what) { return what.append(kNotSupported); }
inline base::Error unsupported(std::string what) { return base::error(unsupported_text(std::move(what))); }
inline bool is_unsupported(std::string_view message) { return message.ends_with(kNotSupported); }

}  // namespace media
