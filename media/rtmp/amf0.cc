#include "media/rtmp/amf0.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "base/ensure.h"

namespace media::rtmp {
namespace {

enum class Marker : std::uint8_t {
  kNumber = 0,
  kBoolean = 1,
  kString = 2,
  kObject = 3,
  kNull = 5,
  kUndefined = 6,
  kReference = 7,
  kEcmaArray = 8,
  kObjectEnd = 9,
  kStrictArray = 10,
  kDate = 11,
  kLongString = 12,
  kUnsupported = 13,
  kXmlDocument = 15,
  kTypedObject = 16,
};

// A failure is remembered: what is read afterwards is empty.
class AmfParser {
 public:
  explicit AmfParser(Bytes bytes) : bytes_{bytes} {}

  base::Result<std::vector<AmfValue>> all() {
    std::vector<AmfValue> values;
    while (!bytes_.empty() && problem_.empty()) values.push_back(value(0));
    if (!problem_.empty()) return base::error(problem_);
    return values;
  }

 private:
  AmfValue value(int depth) {
    if (depth > kDeepestAmf) return fail(fmt::format("more than {} values within each other", kDeepestAmf));
    if (++values_ > kMostAmfValues) return fail(fmt::format("more than {} values", kMostAmfValues));
    const auto marker = static_cast<Marker>(number<1>());
    switch (marker) {
      case Marker::kNumber:
        return AmfValue{std::bit_cast<double>(number<8>())};
      case Marker::kBoolean:
        return AmfValue{number<1>() != 0};
      case Marker::kString:
        return AmfValue{text(number<2>())};
      case Marker::kLongString:
      case Marker::kXmlDocument:
        return AmfValue{text(number<4>())};
      case Marker::kNull:
      case Marker::kUndefined:
      case Marker::kUnsupported:
        return {};
      case Marker::kReference:
        number<2>();
        return {};
      case Marker::kDate: {
        const std::uint64_t milliseconds = number<8>();
        number<2>();  // the time zone, which is reserved
        return AmfValue{std::bit_cast<double>(milliseconds)};
      }
      case Marker::kTypedObject:
        text(number<2>());
        return AmfValue{object(depth)};
      case Marker::kEcmaArray:
        number<4>();  // how many there are, which encoders get wrong: the end marker counts
        return AmfValue{object(depth)};
      case Marker::kObject:
        return AmfValue{object(depth)};
      case Marker::kStrictArray:
        return AmfValue{array(depth)};
      case Marker::kObjectEnd:
        break;
    }
    return fail(fmt::format("a value of type {}", static_cast<int>(marker)));
  }

  AmfObject object(int depth) {
    AmfObject object;
    while (problem_.empty()) {
      std::string name = text(number<2>());
      if (name.empty() && !bytes_.empty() && bytes_[0] == static_cast<std::uint8_t>(Marker::kObjectEnd)) {
        take(bytes_, 1);
        break;
      }
      if (problem_.empty()) object.properties.push_back({std::move(name), value(depth + 1)});
    }
    return object;
  }

  AmfArray array(int depth) {
    AmfArray array;
    for (std::uint64_t left = number<4>(); left > 0 && problem_.empty(); --left) array.items.push_back(value(depth + 1));
    return array;
  }

  template <std::size_t N>
  std::uint64_t number() {
    return has(N) ? read_big<N>(take(bytes_, N)) : 0;
  }

  std::string text(std::uint64_t size) { return has(size) ? std::string{text_of(take(bytes_, size))} : std::string{}; }

  bool has(std::uint64_t size) {
    if (problem_.empty() && bytes_.size() < size) fail("it ends within a value");
    return problem_.empty();
  }

  AmfValue fail(std::string problem) {
    if (problem_.empty()) problem_ = "AMF0: " + std::move(problem);
    return {};
  }

  Bytes bytes_;
  std::size_t values_ = 0;
  std::string problem_;
};

void append_short_text(std::string& out, std::string_view text) {
  ENSURE(text.size() <= 0xFFFF);
  append_big<2>(out, text.size());
  out += text;
}

void append_marker(std::string& out, Marker marker) { out += static_cast<char>(marker); }

struct AmfAppender {
  std::string& out;
  void operator()(std::monostate) const { append_marker(out, Marker::kNull); }
  void operator()(double number) const {
    append_marker(out, Marker::kNumber);
    append_big<8>(out, std::bit_cast<std::uint64_t>(number));
  }
  void operator()(bool flag) const {
    append_marker(out, Marker::kBoolean);
    out += flag ? '\1' : '\0';
  }
  void operator()(const std::string& text) const {
    append_marker(out, Marker::kString);
    append_short_text(out, text);
  }
  void operator()(const AmfObject& object) const {
    append_marker(out, Marker::kObject);
    for (const AmfProperty& property : object.properties) {
      append_short_text(out, property.name);
      append_amf(out, property.value);
    }
    append_short_text(out, "");
    append_marker(out, Marker::kObjectEnd);
  }
  void operator()(const AmfArray& array) const {
    append_marker(out, Marker::kStrictArray);
    append_big<4>(out, array.items.size());
    for (const AmfValue& item : array.items) append_amf(out, item);
  }
};

}  // namespace

const AmfValue* AmfValue::find(std::string_view name) const {
  const auto* object = std::get_if<AmfObject>(&value);
  if (object == nullptr) return nullptr;
  for (const AmfProperty& property : object->properties)
    if (property.name == name) return &property.value;
  return nullptr;
}

base::Result<std::vector<AmfValue>> parse_amf(Bytes bytes) { return AmfParser{bytes}.all(); }

std::optional<std::string_view> take_amf_text(Bytes& bytes) {
  if (bytes.size() < 3 || bytes[0] != static_cast<std::uint8_t>(Marker::kString)) return std::nullopt;
  const auto size = static_cast<std::size_t>(read_big<2>(bytes.subspan(1)));
  if (bytes.size() < 3 + size) return std::nullopt;
  return text_of(take(bytes, 3 + size)).substr(3);
}

void append_amf(std::string& out, const AmfValue& value) { std::visit(AmfAppender{out}, value.value); }

AmfValue amf(std::string_view text) { return AmfValue{std::string{text}}; }
AmfValue amf(double number) { return AmfValue{number}; }
AmfValue amf_null() { return {}; }
AmfValue amf(std::vector<AmfProperty> properties) { return AmfValue{AmfObject{std::move(properties)}}; }

std::string amf_payload(std::initializer_list<AmfValue> values) {
  std::string payload;
  for (const AmfValue& value : values) append_amf(payload, value);
  return payload;
}

}  // namespace media::rtmp
