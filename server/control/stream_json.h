// Streams as JSON, in the configuration file and in the REST API alike.
#pragma once

#include <string>

#include "base/json_reader.h"
#include "server/package/streams.h"

namespace server {

// Every problem is recorded at the object's path, unknown fields included.
StreamSpec read_stream_spec(base::JsonObject json);
// One further destination of a live stream.
ForwardSpec read_forward_spec(base::JsonObject json);
base::Json to_json(const ForwardStatus& status);
// What a client may know: keys are not shown. `media_url`: put in front of the paths of playlists and pages.
base::Json to_json(const StreamStatus& status, const std::string& media_url);
// Without what happened to its sources, which is long: of lists.
base::Json to_brief_json(const StreamStatus& status, const std::string& media_url);
base::Json to_json(const RefusedPublisher& refused);

}  // namespace server
