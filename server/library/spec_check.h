// Whether a stream's specification can be served, before anything is started. Looks at the file system; opens pictures and
// the files of a playlist.
#pragma once

#include "base/result.h"
#include "server/package/streams.h"

namespace server {

// The error names of every problem the field, the value and what would do.
base::Result<void> check_spec(const StreamSpec& spec);

}  // namespace server
