#include "generators/rtmp/amf.h"

#include <bit>

namespace generators {
namespace {

enum AmfMarker : std::uint8_t {
  kAmfNumber = 0,
  kAmfBoolean = 1,
  kAmfString = 2,
  kAmfObject = 3,
  kAmfNull = 5,
  kAmfUndefined = 6,
  kAmfMap = 8,
  kAmfObjectEnd = 9,
  kAmfArray = 10,
  kAmfDate = 11,
  kAmfLongString = 12,
};
constexpr int kDeepest = 8;  // objects within objects; servers answer with one or two

class AmfReader {
 public:
  explicit AmfReader(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}
  bool is_done() const { return bytes_.empty(); }
  bool has_failed() const { return has_failed_; }

  std::uint64_t take(std::size_t count) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take_bytes(count)) value = value << 8 | byte;
    return value;
  }
  double take_number() { return std::bit_cast<double>(take(8)); }
  std::string take_text(std::size_t length_bytes) {
    const std::span<const std::uint8_t> text = take_bytes(static_cast<std::size_t>(take(length_bytes)));
    return {text.begin(), text.end()};
  }

  // Puts what it knows into the reply; `name` is of the member, "" outside objects.
  void read_value(const std::string& name, RtmpReply& reply, int depth) {
    switch (take(1)) {
      case kAmfNumber:
        if (const double number = take_number(); depth == 0 && !reply.number) reply.number = number;
        return;
      case kAmfBoolean:
        take(1);
        return;
      case kAmfString:
        return keep(name, take_text(2), reply);
      case kAmfLongString:
        return keep(name, take_text(4), reply);
      case kAmfNull:
      case kAmfUndefined:
        return;
      case kAmfMap:
        take(4);
        return read_members(reply, depth);
      case kAmfObject:
        return read_members(reply, depth);
      case kAmfArray:
        return read_items(reply, depth);
      case kAmfDate:
        take(10);
        return;
      default:
        has_failed_ = true;
    }
  }

 private:
  std::span<const std::uint8_t> take_bytes(std::size_t count) {
    if (count > bytes_.size()) {
      has_failed_ = true;
      bytes_ = {};
      return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  static void keep(const std::string& name, std::string text, RtmpReply& reply) {
    if (name == "level") reply.level = std::move(text);
    if (name == "code") reply.code = std::move(text);
    if (name == "description") reply.description = std::move(text);
  }
  void read_members(RtmpReply& reply, int depth) {
    if (depth == kDeepest) has_failed_ = true;
    while (!has_failed_) {
      const std::string name = take_text(2);
      if (name.empty() && !bytes_.empty() && bytes_[0] == kAmfObjectEnd) {
        take(1);
        return;
      }
      read_value(name, reply, depth + 1);
    }
  }
  void read_items(RtmpReply& reply, int depth) {
    if (depth == kDeepest) has_failed_ = true;
    for (std::uint64_t left = take(4); left > 0 && !has_failed_; --left) read_value("", reply, depth + 1);
  }

  std::span<const std::uint8_t> bytes_;
  bool has_failed_ = false;
};

}  // namespace

void AmfWriter::put(std::uint64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
}

AmfWriter& AmfWriter::text(std::string_view value) {
  put(kAmfString, 1);
  return name(value);
}

AmfWriter& AmfWriter::name(std::string_view value) {
  const std::string_view cut = value.substr(0, 0xFFFF);
  put(cut.size(), 2);
  bytes_.insert(bytes_.end(), cut.begin(), cut.end());
  return *this;
}

AmfWriter& AmfWriter::number(double value) {
  put(kAmfNumber, 1);
  put(std::bit_cast<std::uint64_t>(value), 8);
  return *this;
}

AmfWriter& AmfWriter::null() {
  put(kAmfNull, 1);
  return *this;
}

AmfWriter& AmfWriter::begin_object() {
  put(kAmfObject, 1);
  return *this;
}

AmfWriter& AmfWriter::end_object() {
  put(kAmfObjectEnd, 3);  // an empty name, then the marker
  return *this;
}

std::optional<RtmpReply> read_reply(std::span<const std::uint8_t> bytes) {
  AmfReader reader{bytes};
  RtmpReply reply;
  if (reader.take(1) != kAmfString) return std::nullopt;
  reply.name = reader.take_text(2);
  if (reader.take(1) != kAmfNumber) return std::nullopt;
  reply.transaction = reader.take_number();
  while (!reader.is_done() && !reader.has_failed()) reader.read_value("", reply, 0);
  return reader.has_failed() ? std::nullopt : std::optional{reply};
}

}  // namespace generators
