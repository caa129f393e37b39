// The little of AMF0 (Adobe's Action Message Format) that a publisher over RTMP needs: to write its commands, and to read what a server
// answers. Pure; never reads outside its input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace generators {

class AmfWriter {
 public:
  AmfWriter& text(std::string_view value);
  AmfWriter& number(double value);
  AmfWriter& null();
  // Members between begin and end: name() and a value each.
  AmfWriter& begin_object();
  AmfWriter& name(std::string_view value);
  AmfWriter& end_object();
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  void put(std::uint64_t value, int count);
  std::vector<std::uint8_t> bytes_;
};

// What matters of a command from the server.
struct RtmpReply {
  std::string name;  // "_result", "_error", "onStatus"
  double transaction = 0;
  std::optional<double> number;          // the first plain one after the transaction
  std::string level, code, description;  // of an information object
};

// Nothing when the bytes are no command.
std::optional<RtmpReply> read_reply(std::span<const std::uint8_t> bytes);

}  // namespace generators
