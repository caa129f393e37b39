#include "server/ingest/new_picture.h"

#include <fmt/format.h>

#include "base/ensure.h"
#include "base/errors.h"

namespace server {

AvFramePtr new_picture(int width, int height, const char* attempt) {
  AvFramePtr picture{av_frame_alloc()};
  ENSURE(picture != nullptr);
  picture->format = AV_PIX_FMT_YUV420P;
  picture->width = width;
  picture->height = height;
  if (const int code = av_frame_get_buffer(picture.get(), 0); code < 0)
    throw base::RunFailed(fmt::format("{} a picture of {}x{}: {}", attempt, width, height, av_error_text(code)));
  return picture;
}

}  // namespace server
