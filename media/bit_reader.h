// Bits from the front of some bytes, most significant first; past the end it gives zeros and `ok()` turns false. Private to media/.
#pragma once

#include <cstdint>
#include <string_view>

namespace media {

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_{bytes} {}

  std::uint64_t take(int bits) {
    std::uint64_t value = 0;
    for (int i = 0; i < bits; ++i) value = value << 1 | take_bit();
    return value;
  }
  // ue(v) of ITU-T H.264, 9.1: as many leading zeros as bits follow the first one.
  std::uint64_t exponential_golomb() {
    int zeros = 0;
    while (ok_ && take_bit() == 0) ok_ = ok_ && ++zeros <= 32;
    return ok_ ? (std::uint64_t{1} << zeros) - 1 + take(zeros) : 0;
  }
  bool ok() const { return ok_; }

 private:
  std::uint64_t take_bit() {
    ok_ = ok_ && at_ / 8 < bytes_.size();
    if (!ok_) return 0;
    const unsigned byte = static_cast<unsigned char>(bytes_[at_ / 8]);
    return byte >> (7 - at_++ % 8) & 1u;
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace media
