#include "harness/engine/shaka_caption_probe.h"

#include <algorithm>
#include <cstdlib>

namespace harness::shaka {
namespace {

constexpr int kMostListed = 10'000;

// How many segments are listed from `first` on; they are taken to be alike.
int listed_from(base::Duration first, base::Duration each, const PlayerView& view) {
  if (const auto end = view.end(TrackKind::kVideo))
    return static_cast<int>(std::min<std::int64_t>((*end - first + each / 2) / each, kMostListed));
  int listed = 1;
  while (listed < kMostListed && view.segment_start(TrackKind::kVideo, first + each * listed + each / 2)) ++listed;
  return listed;
}

}  // namespace

std::array<int, 3> probe_order(int listed, bool live) {
  const int last = listed - 1;
  std::array<int, 3> order = live ? std::array{last / 2, last * 3 / 4, last / 4} : std::array{0, last / 2, last};
  for (std::size_t i = 1; i < order.size(); ++i) {  // one that was taken already gives way to the nearest other one
    const int wanted = order[i];
    order[i] = -1;
    for (int each = 0; each < listed; ++each) {
      if (std::find(order.begin(), order.begin() + i, each) != order.begin() + i) continue;
      if (order[i] < 0 || std::abs(each - wanted) < std::abs(order[i] - wanted)) order[i] = each;
    }
  }
  return order;
}

void CaptionProbe::plan(const PlayerView& view) {
  planned_ = true;
  const auto first = view.segment_start(TrackKind::kVideo, base::Duration{});
  const base::Duration each = view.segment_duration(TrackKind::kVideo);
  if (!first || each.count() <= 0) return;
  const base::Duration needed = std::max(view.is_live() ? view.playhead() - std::chrono::seconds{2} : *first, *first);
  resume_ = view.segment_start(TrackKind::kVideo, needed);
  for (const int index : probe_order(listed_from(*first, each, view), view.is_live())) {
    const auto start = index < 0 ? std::nullopt : view.segment_start(TrackKind::kVideo, *first + each * index + each / 2);
    if (start) looks_[count_++] = {.start = *start, .kept = resume_ && *start == *resume_};
    if (start && looks_[count_ - 1].kept) resume_ = *start + each;
  }
}

std::optional<CaptionProbe::Look> CaptionProbe::next(const PlayerView& view) {
  if (!planned_) plan(view);
  if (at_ < count_) return looks_[at_];
  done_ = true;
  return std::nullopt;
}

bool CaptionProbe::took(base::Duration end) {
  const bool was = !done_ && at_ < count_ && end > looks_[at_].start;
  at_ += was ? 1 : 0;
  return was;
}

}  // namespace harness::shaka
