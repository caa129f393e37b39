// Bytes of ISO base media boxes: big-endian numbers, boxes around payloads, and a walk over them that stays inside its bytes.
// Private to media/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace media {

// The low `bytes` bytes of `value`, most significant first.
std::string big_endian(std::uint64_t value, std::size_t bytes);
inline std::string u8(std::uint64_t value) { return big_endian(value, 1); }
inline std::string u16(std::uint64_t value) { return big_endian(value, 2); }
inline std::string u24(std::uint64_t value) { return big_endian(value, 3); }
inline std::string u32(std::uint64_t value) { return big_endian(value, 4); }
inline std::string u64(std::uint64_t value) { return big_endian(value, 8); }
inline std::string zeros(std::size_t count) { return std::string(count, '\0'); }

std::string box(std::string_view type, std::string_view payload);
std::string full_box(std::string_view type, std::uint64_t version, std::uint64_t flags, std::string_view payload);

// Takes numbers off the front of some bytes; past the end it gives zeros and `ok()` turns false for good.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_{bytes} {}
  std::uint64_t take(std::size_t bytes);
  void skip(std::size_t bytes);
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Mp4Box {
  std::string_view type;  // four characters
  std::string_view payload;
  std::size_t offset = 0;  // of the box within the walked bytes
};

class BoxWalk {
 public:
  explicit BoxWalk(std::string_view bytes) : bytes_{bytes} {}
  // The next box; nullopt at the end; an error when a box claims more bytes than there are.
  base::Result<std::optional<Mp4Box>> next();

 private:
  std::string_view bytes_;
  std::size_t offset_ = 0;
};

}  // namespace media
