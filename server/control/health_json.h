// The health of a live stream's sources in JSON: its thresholds as a stream's configuration has them, its states and events as they are
// shown.
#pragma once

#include "base/json_reader.h"
#include "server/package/streams.h"

namespace server {

// Fields that are absent keep their defaults.
HealthThresholds read_health_thresholds(base::JsonObject json);
base::Json to_json(const SourceStatus& source);
base::Json to_json(const HealthEvent& event);
base::Json to_json(const SourceEvent& event);

}  // namespace server
