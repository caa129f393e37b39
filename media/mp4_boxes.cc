#include "media/mp4_boxes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"

namespace media {
namespace {

// For messages: what is not printable becomes a question mark.
std::string printable(std::string_view type) {
  std::string out{type};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) out[bytes - 1 - i] = static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string box(std::string_view type, std::string_view payload) {
  ENSURE(type.size() == 4 && payload.size() < UINT32_MAX - 8);
  return u32(payload.size() + 8).append(type).append(payload);
}

std::string full_box(std::string_view type, std::uint64_t version, std::uint64_t flags, std::string_view payload) {
  return box(type, u8(version) + u24(flags).append(payload));
}

std::uint64_t ByteReader::take(std::size_t bytes) {
  ok_ = ok_ && bytes <= rest_.size();
  if (!ok_) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(bytes);
  return value;
}

void ByteReader::skip(std::size_t bytes) {
  ok_ = ok_ && bytes <= rest_.size();
  if (ok_) rest_.remove_prefix(bytes);
}

base::Result<std::optional<Mp4Box>> BoxWalk::next() {
  if (offset_ == bytes_.size()) return std::optional<Mp4Box>{};
  const std::string_view here = bytes_.substr(offset_);
  ByteReader reader{here};
  std::uint64_t size = reader.take(4);
  reader.skip(4);
  if (size == 1) size = reader.take(8);
  if (!reader.ok()) return base::error(fmt::format("{} stray bytes at offset {} are no box", here.size(), offset_));
  const std::size_t head = here.size() - reader.rest().size();
  if (size == 0) size = here.size();  // to the end of the file
  const std::string_view type = here.substr(4, 4);
  if (size < head) return base::error(fmt::format("box {} at offset {} is smaller than its own header", printable(type), offset_));
  if (size > here.size())
    return base::error(fmt::format("box {} at offset {} is cut short: {} of {} bytes", printable(type), offset_, here.size(), size));
  const Mp4Box found{.type = type, .payload = here.substr(head, size - head), .offset = offset_};
  offset_ += size;
  return std::optional<Mp4Box>{found};
}

}  // namespace media
