#include "server/control/cmcd_json.h"

#include <fmt/format.h>

#include "base/text.h"

namespace server {
namespace {

base::Json shares_json(const CmcdSession& session) {
  base::Json json = base::Json::object();
  for (std::size_t i = 0; i < session.by_object.size(); ++i) {
    const CmcdSession::Share& share = session.by_object[i];
    const std::string name = to_text(static_cast<CmcdObject>(i));
    if (share.requests > 0) json[name.empty() ? "unsaid" : name] = {{"requests", share.requests}, {"bytes", share.bytes.count()}};
  }
  return json;
}

base::Json latest_json(const CmcdSession& session) {
  base::Json json = base::Json::array();
  for (const CmcdReportPtr& report : session.latest) {
    base::Json parts = base::Json::object();
    for (const auto& [field, text] : report->parts) parts[std::string{field}] = text;
    json.push_back(std::move(parts));
  }
  return json;
}

}  // namespace

base::Json to_json(const CmcdLog::Counts& counts) {
  return {{"known", counts.sessions},
          {"forgotten", counts.forgotten},
          {"reports", counts.reports},
          {"malformed", counts.malformed},
          {"anonymous", counts.anonymous}};
}

base::Json to_json(const CmcdSession& session) {
  base::Json json = {{"sid", session.session},
                     {"cid", session.content},
                     {"version", session.version},
                     {"first_seen", base::to_iso8601(session.first_seen)},
                     {"last_seen", base::to_iso8601(session.last_seen)},
                     {"requests", session.requests},
                     {"bytes", session.bytes.count()},
                     {"startups", session.startups},
                     {"starved", session.starved}};
  if (session.start_delay) json["msd"] = *session.start_delay;
  if (session.buffer) json["bl"] = *session.buffer;
  if (!session.state.empty()) json["sta"] = session.state;
  if (session.bitrates > 0) json["br"] = static_cast<double>(session.bitrate_sum) / static_cast<double>(session.bitrates);
  json["by_object"] = shares_json(session);
  if (!session.latest.empty()) json["latest"] = latest_json(session);
  return json;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    out += plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string percent_decoded(const std::string& text) { return decode_cmcd_parameter(text).value_or(text); }

}  // namespace server
