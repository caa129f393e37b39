// Model files (schema rehearsal/model/1): JSON -> ServerModel, every problem at once with its path and the remedy, and back.
#pragma once

#include "base/json_reader.h"
#include "harness/scenario/server_model.h"

namespace harness {

// Every problem goes to the object's list, with its path and the remedy.
ServerModel read_server_model(base::JsonObject& json);
// From a parsed document; `problems` are appended to.
ServerModel read_server_model(const base::Json& document, std::vector<base::Problem>& problems);
// read_server_model of it gives the model back.
base::Json server_model_json(const ServerModel& model);

}  // namespace harness
