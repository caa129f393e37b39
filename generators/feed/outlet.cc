#include "generators/feed/outlet.h"

#include "generators/feed/rtmp_outlet.h"
#include "generators/feed/srt_outlet.h"

namespace generators {

std::unique_ptr<Outlet> make_outlet(const Destination& destination, const Endpoint& endpoint, const Clip& clip) {
  if (const auto* srt = std::get_if<SrtDestination>(&destination)) return std::make_unique<SrtOutlet>(*srt, endpoint, clip);
  return std::make_unique<RtmpOutlet>(std::get<RtmpDestination>(destination), endpoint, clip);
}

}  // namespace generators
