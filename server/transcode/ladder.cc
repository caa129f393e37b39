#include "server/transcode/ladder.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace server {
namespace {

int nearest_even(double length) { return std::max(2, 2 * static_cast<int>(std::lround(length / 2))); }
int even_below(int length) { return std::max(2, length & ~1); }

}  // namespace

std::vector<LadderRung> default_ladder() {
  return {{.height = 720, .bitrate = base::Bitrate::bits_per_second(2'500'000)},
          {.height = 480, .bitrate = base::Bitrate::bits_per_second(1'100'000)},
          {.height = 240, .bitrate = base::Bitrate::bits_per_second(300'000)}};
}

std::vector<PlannedRung> plan_ladder(std::vector<LadderRung> ladder, SourceSize source) {
  ENSURE(!ladder.empty() && source.width >= 1 && source.height >= 1);
  std::ranges::sort(ladder, [](const LadderRung& a, const LadderRung& b) { return a.height > b.height; });
  const LadderRung lowest = ladder.back();
  std::erase_if(ladder, [&](const LadderRung& rung) { return rung.height > source.height; });
  if (ladder.empty()) ladder.push_back({.height = even_below(source.height), .bitrate = lowest.bitrate});
  std::vector<PlannedRung> planned;
  for (const LadderRung& rung : ladder) {
    const int width = nearest_even(static_cast<double>(source.width) * rung.height / source.height);
    planned.push_back({.width = width, .height = even_below(rung.height), .bitrate = rung.bitrate});
  }
  return planned;
}

}  // namespace server
