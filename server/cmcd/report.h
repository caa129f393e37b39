// CmcdReport: what a player said of itself with one request (Common Media Client Data, CTA-5004 version 1 and CTA-5004-A version 2).
// Reads structured-field dictionaries (RFC 8941) and keeps the keys that the log counts. Pure; any bytes are taken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace server {

// What was asked for, by the key "ot". kUnsaid: the player did not say.
enum class CmcdObject { kManifest, kAudio, kVideo, kMuxed, kInit, kCaption, kTimedText, kKey, kOther, kUnsaid };
inline constexpr int kCmcdObjects = static_cast<int>(CmcdObject::kUnsaid) + 1;
const char* to_text(CmcdObject object);  // "m", "a", "v", "av", "i", "c", "tt", "k", "o", ""

struct CmcdReport {
  std::int64_t version = 1;
  std::string session, content;  // "sid", "cid"
  CmcdObject object = CmcdObject::kUnsaid;
  bool startup = false, starved = false;    // "su", "bs"
  std::optional<std::int64_t> buffer;       // "bl", ms; of a list, the first
  std::optional<std::int64_t> bitrate;      // "br", kbit/s
  std::optional<std::int64_t> start_delay;  // "msd", ms
  std::string state;                        // "sta"
  base::UtcTime asked_at{};
  // As received, up to kMostCmcdText: the name of the header field, or "CMCD" for the query parameter, and its decoded value.
  std::vector<std::pair<std::string_view, std::string>> parts;
};

using CmcdReportPtr = std::shared_ptr<const CmcdReport>;

// Adds what `text` says ("bl=5000,sid=\"x\""), but for `parts`. False: it is malformed, a known key has a value of another type, or an
// identifier is longer than the standard allows; what was read before stays. Keys that are not known are passed over.
bool read_cmcd(std::string_view text, CmcdReport& report);

// Bytes of one report that are kept: the log has room for very many, and most are a tenth of this.
inline constexpr std::size_t kMostCmcdText = 2048;
// Adds to `parts` what still fits of `text`.
void keep_as_received(CmcdReport& report, std::string_view name, std::string_view text);

// Where the query parameter CMCD of a URL's query is, still encoded; nothing: there is none.
std::optional<std::string_view> cmcd_parameter(std::string_view query);
// Decodes the parameter: percent escapes, and '+' for a blank, as browsers write it. Nothing: an escape is malformed.
std::optional<std::string> decode_cmcd_parameter(std::string_view parameter);

}  // namespace server
