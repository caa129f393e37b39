#include "server/ingest/http/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace server::http {
namespace {

constexpr char kTsSync = 0x47;  // ISO 13818-1, 2.4.3.3
constexpr std::string_view kFlvSignature = "FLV";
constexpr std::size_t kEnough = 8;  // bytes: each of the signatures lies in them
constexpr std::size_t kShown = 8;   // bytes of something that is not known
constexpr std::size_t kLongestName = 64;

// What clients say who do not know, curl's --data-binary among them.
constexpr std::array<std::string_view, 3> kGeneral{"application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"};

struct Signature {
  std::size_t at;
  std::string_view bytes;
  const char* name;
};
constexpr std::array kKnown{
    Signature{4, "ftyp", "MP4"},       Signature{4, "styp", "MP4"},        Signature{0, "\x1A\x45\xDF\xA3", "Matroska or WebM"},
    Signature{0, "OggS", "Ogg"},       Signature{0, "RIFF", "AVI or WAV"}, Signature{0, "#EXTM3U", "an HLS playlist"},
    Signature{0, "ID3", "MP3 or AAC"}, Signature{0, "\x1F\x8B", "gzip"}};

// Without parameters, in small letters.
std::string media_type(std::string_view content_type) {
  std::string type{content_type.substr(0, content_type.find(';'))};
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

// Null: none of those.
const char* known_name(std::string_view head) {
  for (const Signature& known : kKnown)
    if (head.size() >= known.at && head.substr(known.at).starts_with(known.bytes)) return known.name;
  return nullptr;
}

std::string describe(std::string_view head) {
  if (const char* name = known_name(head)) return name;
  std::string bytes;
  for (const char c : head.substr(0, kShown))
    fmt::format_to(std::back_inserter(bytes), "{}{:02X}", bytes.empty() ? "" : " ", static_cast<unsigned char>(c));
  return "something that begins with the bytes " + bytes;
}

}  // namespace

NamedContainer container_named(std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type == "video/mp2t") return Container::kMpegTs;
  if (type == "video/x-flv") return Container::kFlv;
  if (type.empty() || std::ranges::count(kGeneral, type) > 0) return UnnamedContainer{};
  return OtherContainer{type.substr(0, kLongestName)};
}

NamedContainer container_beginning_with(std::string_view head) {
  if (head.empty()) return UnnamedContainer{};
  if (head.front() == kTsSync) return Container::kMpegTs;
  if (head.starts_with(kFlvSignature)) return Container::kFlv;
  if (kFlvSignature.starts_with(head)) return UnnamedContainer{};
  return OtherContainer{describe(head)};
}

NamedContainer container_confirmed(Container named, std::string_view head) {
  NamedContainer found = container_beginning_with(head);
  if (const auto* other = std::get_if<Container>(&found); other != nullptr && *other != named)
    return OtherContainer{named == Container::kFlv ? "MPEG-TS, not FLV" : "FLV, not MPEG-TS"};
  if (named == Container::kFlv || !std::holds_alternative<OtherContainer>(found) || known_name(head) != nullptr) return found;
  if (head.size() < kEnough) return UnnamedContainer{};
  return named;
}

}  // namespace server::http
