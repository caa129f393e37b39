#include "harness/transport/h2_streams.h"

#include <algorithm>
#include <limits>

#include "base/ensure.h"

namespace harness {
namespace {

// How many of frames that begin at `at`, `stride` apart, begin before `place`.
std::int64_t begun(std::int64_t at, std::int64_t stride, std::int64_t count, std::int64_t place) {
  return place <= at ? 0 : std::min(count, (place - at + stride - 1) / stride);
}

}  // namespace

H2Streams::Stream& H2Streams::find(std::uint64_t key) {
  for (Stream& each : streams_)
    if (each.key == key) return each;
  ENSURE(false);
}
const H2Streams::Stream& H2Streams::find(std::uint64_t key) const { return const_cast<H2Streams*>(this)->find(key); }

void H2Streams::begin(std::uint64_t key, std::int64_t headers, std::int64_t body, std::int64_t written) {
  const std::int64_t from = take_back(written);
  streams_.push_back({.key = key, .headers = headers, .headers_at = from, .left = body, .last_at = from});
  plan(from);
}

void H2Streams::give_up(std::uint64_t key, std::int64_t written) {
  const std::int64_t from = take_back(written);
  find(key).is_over = true;
  plan(from);
}

void H2Streams::forget(std::uint64_t key) {
  std::erase_if(streams_, [key](const Stream& each) { return each.key == key; });
}

// Of the frame that is under way at `written`.
std::int64_t H2Streams::frame_end(std::int64_t written) const {
  for (const Stream& each : streams_) {
    if (each.headers_at < written && written < each.headers_at + each.headers) return each.headers_at + each.headers;
    for (const Row& row : each.rows) {
      const std::int64_t frames = begun(row.at, row.stride, row.count, written);
      if (frames == 0) continue;
      const std::int64_t end = row.at + (frames - 1) * row.stride + kH2FrameHeader + row.body;
      if (written < end) return end;
    }
  }
  return std::min(written, end_);
}

// What was to follow the frame under way is in no frame any more. Returns: where that one ends.
std::int64_t H2Streams::take_back(std::int64_t written) {
  const std::int64_t from = frame_end(written);
  std::erase_if(streams_, [this, written](const Stream& each) { return each.is_over && end_of(each.key) <= written; });
  for (Stream& each : streams_) {
    for (Row& row : each.rows) {
      const std::int64_t stay = begun(row.at, row.stride, row.count, from);
      each.left += (row.count - stay) * row.body;
      row.count = stay;
    }
    std::erase_if(each.rows, [](const Row& row) { return row.count == 0; });
    each.last_at = each.headers_at;
    if (!each.rows.empty()) each.last_at = each.rows.back().at + (each.rows.back().count - 1) * each.rows.back().stride;
  }
  return from;
}

// All that is left, from `from` on: whose turn was longest ago comes first.
void H2Streams::plan(std::int64_t from) {
  std::vector<Stream*> turns;
  const std::int64_t sent = from;
  for (Stream& each : streams_) {
    if (each.headers_at >= sent && !each.is_over) {
      each.headers_at = each.last_at = from;
      from += each.headers;
    }
    if (each.left > 0 && !each.is_over) turns.push_back(&each);
  }
  std::stable_sort(turns.begin(), turns.end(), [](const Stream* a, const Stream* b) { return a->last_at < b->last_at; });
  const auto add = [](Stream& stream, const Row& row) {
    const std::int64_t before = stream.rows.empty() ? 0 : stream.rows.back().before + stream.rows.back().count * stream.rows.back().body;
    stream.rows.push_back({row.at, row.stride, row.count, row.body, before});
    stream.left -= row.count * row.body;
  };
  while (!turns.empty()) {
    std::int64_t rounds = std::numeric_limits<std::int64_t>::max();  // of whole frames
    for (const Stream* each : turns) rounds = std::min(rounds, each->left / kH2FrameBody);
    constexpr std::int64_t kFrame = kH2FrameHeader + kH2FrameBody;
    const auto stride = static_cast<std::int64_t>(turns.size()) * kFrame;
    for (std::size_t i = 0; rounds > 0 && i < turns.size(); ++i)
      add(*turns[i], {.at = from + static_cast<std::int64_t>(i) * kFrame, .stride = stride, .count = rounds, .body = kH2FrameBody});
    from += rounds * stride;
    for (Stream* each : turns) {
      if (each->left == 0) continue;
      const std::int64_t body = std::min(each->left, kH2FrameBody);
      add(*each, {.at = from, .stride = kFrame, .count = 1, .body = body});
      from += kH2FrameHeader + body;
    }
    std::erase_if(turns, [](const Stream* each) { return each->left == 0; });
  }
  end_ = from;
}

std::int64_t H2Streams::end_of(std::uint64_t key) const {
  const Stream& stream = find(key);
  if (stream.rows.empty()) return stream.headers_at + stream.headers;
  const Row& last = stream.rows.back();
  return last.at + (last.count - 1) * last.stride + kH2FrameHeader + last.body;
}

std::int64_t H2Streams::body_at(std::uint64_t key, std::int64_t place) const {
  std::int64_t body = 0;
  for (const Row& row : find(key).rows) {
    const std::int64_t frames = begun(row.at, row.stride, row.count, place);
    if (frames == 0) break;
    const std::int64_t of_last = place - (row.at + (frames - 1) * row.stride) - kH2FrameHeader;
    body = row.before + (frames - 1) * row.body + std::clamp<std::int64_t>(of_last, 0, row.body);
  }
  return body;
}

std::int64_t H2Streams::place_of(std::uint64_t key, std::int64_t body) const {
  const Stream& stream = find(key);
  std::int64_t place = stream.headers_at + stream.headers;
  for (const Row& row : stream.rows) {
    const std::int64_t wanted = std::min(body - row.before, row.count * row.body);
    if (wanted <= 0) break;
    const std::int64_t frame = (wanted - 1) / row.body;
    place = row.at + frame * row.stride + kH2FrameHeader + wanted - frame * row.body;
  }
  return place;
}

}  // namespace harness
