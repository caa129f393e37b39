// AMF0 (Action Message Format, file format specification of December 2007): the values of RTMP's commands. Pure; never throws.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "media/rtmp/bytes.h"

namespace media::rtmp {

struct AmfProperty;
struct AmfValue;

// Of objects (typed or not) and of ECMA arrays.
struct AmfObject {
  std::vector<AmfProperty> properties;
};
struct AmfArray {
  std::vector<AmfValue> items;
};

// What has no use here is null: undefined, unsupported, references. A date is its number, an XML document its text.
struct AmfValue {
  std::variant<std::monostate, double, bool, std::string, AmfObject, AmfArray> value;

  // Null when it is none, or has no such property.
  const AmfValue* find(std::string_view name) const;
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const double* number() const { return std::get_if<double>(&value); }
};

struct AmfProperty {
  std::string name;
  AmfValue value;
};

// All values up to the end of `bytes`. At most kMostAmfValues of them, properties and items included, kDeepestAmf within each other.
inline constexpr std::size_t kMostAmfValues = 1024;
inline constexpr int kDeepestAmf = 16;
base::Result<std::vector<AmfValue>> parse_amf(Bytes bytes);

// The text that `bytes` begins with, which they lose. Nothing: they begin with something else.
std::optional<std::string_view> take_amf_text(Bytes& bytes);

// Requires: texts are shorter than 64 KiB.
void append_amf(std::string& out, const AmfValue& value);
AmfValue amf(std::string_view text);
AmfValue amf(double number);
AmfValue amf_null();
AmfValue amf(std::vector<AmfProperty> properties);
// The values one after another: a command's payload.
std::string amf_payload(std::initializer_list<AmfValue> values);

}  // namespace media::rtmp
