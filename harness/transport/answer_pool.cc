#include "harness/transport/answer_pool.h"

#include <functional>
#include <utility>

namespace harness {
namespace {

std::size_t footprint(const KeptAnswer& answer) { return sizeof answer + answer.body.size() + answer.etag.size(); }

std::uint64_t mark_of(const KeptAnswer& answer) {
  return answer.key ^ (answer.body.hash() * 31) ^ (answer.etag.hash() * 131) ^ static_cast<std::uint64_t>(answer.bytes.count());
}

}  // namespace

std::optional<std::uint32_t> AnswerPool::take(KeptAnswer answer) {
  const std::uint64_t mark = mark_of(answer);
  const auto [first, last] = by_mark_.equal_range(mark);
  for (auto each = first; each != last; ++each) {
    Seat& seat = seats_[each->second];
    if (seat.answer != answer) continue;
    ++seat.users;
    return each->second;
  }
  if (bytes_ + footprint(answer) > most_bytes_) return std::nullopt;
  bytes_ += footprint(answer);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(seats_.size()));
    seats_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  seats_[place] = {.answer = std::move(answer), .mark = mark, .users = 1};
  by_mark_.emplace(mark, place);
  return place;
}

void AnswerPool::release(std::uint32_t place) {
  Seat& seat = seats_[place];
  if (--seat.users > 0) return;
  bytes_ -= footprint(seat.answer);
  const auto [first, last] = by_mark_.equal_range(seat.mark);
  for (auto each = first; each != last; ++each) {
    if (each->second != place) continue;
    by_mark_.erase(each);
    break;
  }
  seat = {};
  free_.push_back(place);
}

}  // namespace harness
