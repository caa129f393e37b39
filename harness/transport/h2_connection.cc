#include "harness/transport/h2_connection.h"

#include <algorithm>

#include "base/ensure.h"
#include "harness/transport/tcp_segment.h"
#include "harness/transport/tcp_viewer.h"

namespace harness {
namespace {

// HPACK as Chromium uses it: header lines that were sent before are an index of a byte, all others Huffman codes, which take three quarters
// of what URLs and field values have in characters. Measured of nghttp2's encoder, which indexes what Chromium's does, with the header
// lines of a fetch by Chromium: 364 bytes for the first request of 546 in HTTP/1.1, then 47, 44 and 142 for paths of 28, 24 and 158.
constexpr std::int64_t kPreface = 24 + 33 + 13;  // the preface, SETTINGS of four values, WINDOW_UPDATE
constexpr std::int64_t kNewField = 3;            // its name's index, its length

base::ByteCount bytes(std::int64_t count) { return base::ByteCount::bytes(count); }
constexpr std::int64_t huffman(std::size_t characters) { return static_cast<std::int64_t>(characters) * 3 / 4; }

}  // namespace

std::int64_t h2_request_size(const TransportRequest& request, std::size_t origin_size, bool is_first) {
  const std::int64_t body = request.body.empty() ? 0 : kH2FrameHeader;
  if (is_first) return kPreface + static_cast<std::int64_t>(request_size(request, origin_size)) * 2 / 3 + body;
  std::int64_t size = kH2Indexed + huffman(request.url.size() - origin_size) + body;
  for (const auto& [name, value] : request.headers) size += name == "Authorization" ? 1 : kNewField + huffman(value.size());
  return size;
}

const H2Connection::Stream& H2Connection::find(std::uint32_t key) const {
  for (const Stream& each : streams_)
    if (each.key == key) return each;
  ENSURE(false);
}

base::Instant H2Connection::begin(FluidLink& link, base::Instant now, base::Instant first, base::Duration up_delay, const Answer& answer) {
  streams_.push_back({.key = answer.key, .opens = !flows_, .body = answer.body});
  if (flows_) {
    places_.begin(answer.key, answer.headers, answer.body, link.sent(now, flow(), {}).count());
    link.resize(now, flow(), bytes(places_.end()));
    return base::Instant::max();
  }
  places_ = {};
  places_.begin(answer.key, answer.headers, answer.body, 0);
  flows_ = true;
  return link.add(
      now, first,
      {.key = flow(), .payload = bytes(places_.end()), .up_delay = up_delay, .tcp = tcp_, .order = order_, .in_order = true, .out = out_});
}

void H2Connection::end(FluidLink& link, base::Instant now, std::uint32_t key, base::Duration way) {
  if (flows_ && !find(key).crossed) {
    places_.give_up(key, link.sent(now, flow(), way).count());
    link.resize(now, flow(), bytes(places_.end()));
  } else if (flows_) {
    places_.forget(key);
  }
  std::erase_if(streams_, [key](const Stream& each) { return each.key == key; });
}

void H2Connection::note(FluidLink& link, base::Instant now, base::Random& random) {
  if (!flows_) return;
  for (Stream& each : streams_) {
    if (each.crossed) continue;
    if (each.first_at == base::Instant::max()) {
      if (each.opens)
        each.first_at = link.first_byte(now, flow()).value_or(base::Instant::max());
      else if (crossing(link, now, first_place(each.key)) <= now)
        each.first_at = arrival(link, now, kTcpSegmentSize, random);
    }
    if (crossing(link, now, places_.end_of(each.key)) > now) continue;
    each.crossed = true;
    each.done_at = arrival(link, now, each.body, random);
    each.first_at = std::min(each.first_at, each.done_at);
  }
  if (crossing(link, now, places_.end()) > now) return;
  out_ = link.unacknowledged(now, flow());
  const FluidLink::Kept kept = link.remove(now, flow());
  tcp_ = kept.tcp;
  order_ = kept.order;
  flows_ = false;
}

base::Instant H2Connection::next_event(FluidLink& link, base::Instant now) const {
  base::Instant next = base::Instant::max();
  const auto look_at = [&](std::int64_t place) { next = std::min(next, crossing(link, now, place)); };
  for (const Stream& each : streams_) {
    if (each.crossed) {
      next = std::min(next, each.done_at);
    } else {
      if (!each.opens && each.first_at == base::Instant::max()) look_at(first_place(each.key));
      look_at(places_.end_of(each.key));
    }
  }
  if (flows_) look_at(places_.end());
  return next;
}

base::Instant H2Connection::crossing(FluidLink& link, base::Instant now, std::int64_t place) const {
  return link.crossing(now, flow(), bytes(place)).value_or(base::Instant::max());
}

// Of the packet that the answer begins in; it may hold the end of others, too.
std::int64_t H2Connection::first_place(std::uint32_t key) const {
  return std::min<std::int64_t>(places_.begin_of(key) + kTcpSegmentSize, places_.end());
}

// Where delays vary: the last of so many bytes, as FluidLink has it.
base::Instant H2Connection::arrival(const FluidLink& link, base::Instant crossed, std::int64_t bytes_before, base::Random& random) {
  const FluidJitter& jitter = link.jitter();
  if (jitter.deviation() <= 0) return crossed;
  const double packets = static_cast<double>(bytes_before) / kTcpSegmentSize;
  const double spacing = base::to_seconds(link.transmission(crossed, bytes(static_cast<std::int64_t>(kFluidPacket))));
  const double late = packets <= 1 ? jitter.first(random) : jitter.last(random, packets, spacing);
  const base::Duration lead = std::min(base::from_seconds(jitter.lead()), link.delay(crossed));
  return std::max(crossed + lead + base::from_seconds(late), crossed);
}

base::Instant H2Connection::first_byte(FluidLink& link, base::Instant now, std::uint32_t key) const {
  const Stream& stream = find(key);
  if (stream.first_at < base::Instant::max() || !stream.opens || !flows_) return stream.first_at;
  return link.first_byte(now, flow()).value_or(base::Instant::max());
}

// The last packet is not there before all is.
base::ByteCount H2Connection::received(FluidLink& link, base::Instant now, std::uint32_t key) const {
  const Stream& stream = find(key);
  if (stream.done_at <= now) return bytes(stream.body);
  const std::int64_t come = stream.crossed ? stream.body : places_.body_at(key, link.received(now, flow()).count());
  return bytes(std::min(come, std::max<std::int64_t>(stream.body - kTcpSegmentSize, 0)));
}

base::Instant H2Connection::earliest(FluidLink& link, base::Instant now, std::uint32_t key, base::ByteCount body) const {
  const Stream& stream = find(key);
  if (stream.crossed) return now;
  return link.earliest(now, flow(), bytes(places_.place_of(key, std::min(body.count(), stream.body))));
}

FluidLink::Approach H2Connection::approach(FluidLink& link, base::Instant now, base::Instant until, std::uint32_t key,
                                           base::ByteCount body) const {
  const Stream& stream = find(key);
  if (stream.crossed) return {.last = now, .next = now};
  return link.approach(now, until, flow(), bytes(places_.place_of(key, std::min(body.count(), stream.body))));
}

}  // namespace harness
