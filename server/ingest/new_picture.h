// A picture to draw into.
#pragma once

#include "server/ingest/av_handles.h"

namespace server {

// YUV 4:2:0; what its samples are is open. Where memory lacks, or there is no such size, throws base::RunFailed: "`attempt` a picture of
// 1280x720: Cannot allocate memory".
AvFramePtr new_picture(int width, int height, const char* attempt);

}  // namespace server
