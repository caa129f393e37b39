#include "generators/rtmp/reply.h"

#include "media/rtmp/amf0.h"

namespace generators {
namespace {

using media::rtmp::AmfValue;

void keep(const AmfValue* value, std::string& text) {
  if (value != nullptr && value->text() != nullptr) text = *value->text();
}

}  // namespace

std::optional<RtmpReply> read_reply(media::rtmp::Bytes payload) {
  const auto values = media::rtmp::parse_amf(payload);
  if (values.has_error() || values->size() < 2) return std::nullopt;
  const std::string* name = values->at(0).text();
  const double* transaction = values->at(1).number();
  if (name == nullptr || transaction == nullptr) return std::nullopt;
  RtmpReply reply{.name = *name, .transaction = *transaction, .number = {}, .level = {}, .code = {}, .description = {}};
  for (std::size_t i = 2; i < values->size(); ++i) {
    const AmfValue& value = (*values)[i];
    if (value.number() != nullptr && !reply.number) reply.number = *value.number();
    keep(value.find("level"), reply.level);
    keep(value.find("code"), reply.code);
    keep(value.find("description"), reply.description);
  }
  return reply;
}

}  // namespace generators
