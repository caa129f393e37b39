// What players reported, as the REST API shows it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "server/cmcd/log.h"

namespace server {

base::Json to_json(const CmcdLog::Counts& counts);
base::Json to_json(const CmcdSession& session);
// Session ids may hold any printable character, and stand in URLs here. A malformed escape stays as it is.
std::string percent_encoded(std::string_view text);
std::string percent_decoded(const std::string& text);

}  // namespace server
