#include "generators/rtmp/chunks.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace generators {
namespace {

constexpr std::uint32_t kExtended = 0xFFFFFF;        // 5.3.1.3: the timestamp stands behind the header
constexpr std::uint32_t kLongestMessage = 4u << 20;  // assumptions: media comes to our tests' servers in messages below
constexpr std::size_t kMostChannels = 64;

void put(std::vector<std::uint8_t>& to, std::uint32_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

// Reads a header piece by piece; `is_short` once there was not enough.
struct HeaderReader {
  std::span<const std::uint8_t> bytes;
  bool is_short = false;
  std::uint32_t take(std::size_t count) {
    if (bytes.size() < count) {
      is_short = true;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
    bytes = bytes.subspan(count);
    return value;
  }
};

std::uint32_t swapped(std::uint32_t value) { return value >> 24 | (value >> 8 & 0xFF00) | (value << 8 & 0xFF0000) | value << 24; }

}  // namespace

void append_chunks(std::vector<std::uint8_t>& to, const RtmpMessage& message, std::uint8_t channel, std::size_t chunk_size) {
  ENSURE(channel >= 2 && channel < 64 && message.body.size() < kExtended && chunk_size > 0);
  const bool is_extended = message.timestamp >= kExtended;
  put(to, channel, 1);  // type 0: a whole header
  put(to, std::min(message.timestamp, kExtended), 3);
  put(to, static_cast<std::uint32_t>(message.body.size()), 3);
  put(to, static_cast<std::uint32_t>(message.type), 1);
  put(to, swapped(message.stream), 4);  // the only field that is little-endian
  if (is_extended) put(to, message.timestamp, 4);
  for (std::size_t at = 0; at < message.body.size(); at += chunk_size) {
    if (at > 0) {
      put(to, 0xC0u | channel, 1);  // type 3: more of the same
      if (is_extended) put(to, message.timestamp, 4);
    }
    const auto begin = message.body.begin() + static_cast<std::ptrdiff_t>(at);
    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk_size, message.body.size() - at)));
  }
}

bool RtmpChunkReader::take(std::span<const std::uint8_t> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  while (!is_broken_) {
    const Step step = read_chunk();
    if (step == Step::kMore) break;
    is_broken_ = step == Step::kBroken;
  }
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(std::exchange(read_, 0)));
  return !is_broken_;
}

std::optional<RtmpMessage> RtmpChunkReader::next() {
  if (given_ < messages_.size()) return std::move(messages_[given_++]);
  messages_.clear();
  given_ = 0;
  return std::nullopt;
}

RtmpChunkReader::Step RtmpChunkReader::read_chunk() {
  HeaderReader header{std::span{bytes_}.subspan(read_)};
  const std::uint32_t first = header.take(1);
  std::uint32_t id = first & 0x3F;
  if (id == 0) id = 64 + header.take(1);
  if (id == 1) id = 64 + swapped(header.take(2) << 16);
  if (header.is_short) return Step::kMore;
  if (!channels_.contains(id) && channels_.size() == kMostChannels) return Step::kBroken;
  const std::uint32_t form = first >> 6;
  Channel channel = channels_[id];
  std::uint32_t stamp = 0;
  if (form < 3) stamp = header.take(3);
  if (form < 2) {
    channel.length = header.take(3);
    channel.message.type = static_cast<RtmpType>(header.take(1));
  }
  if (form == 0) channel.message.stream = swapped(header.take(4));
  if (form < 3) channel.is_extended = stamp == kExtended;
  if (channel.is_extended) stamp = header.take(4);
  if (header.is_short) return Step::kMore;
  const bool begins = channels_[id].message.body.empty();
  if ((form < 3 && !begins) || channel.length > kLongestMessage) return Step::kBroken;
  if (form == 0) {
    channel.message.timestamp = stamp;
    channel.delta = 0;
  } else if (form < 3) {
    channel.delta = stamp;
  }
  if (form != 0 && begins) channel.message.timestamp += channel.delta;
  const std::size_t size = std::min(chunk_size_, channel.length - channel.message.body.size());
  if (header.bytes.size() < size) return Step::kMore;
  read_ = bytes_.size() - header.bytes.size() + size;
  channel.message.body.insert(channel.message.body.end(), header.bytes.begin(), header.bytes.begin() + static_cast<std::ptrdiff_t>(size));
  const bool is_complete = channel.message.body.size() == channel.length;
  Channel& kept = channels_[id] = std::move(channel);
  if (!is_complete) return Step::kDone;
  messages_.push_back(kept.message);
  kept.message.body.clear();
  return follow(messages_.back()) ? Step::kDone : Step::kBroken;
}

bool RtmpChunkReader::follow(const RtmpMessage& message) {
  if (message.type != RtmpType::kChunkSize) return true;
  HeaderReader body{message.body};
  chunk_size_ = body.take(4);
  return !body.is_short && chunk_size_ > 0 && chunk_size_ <= kLongestMessage;
}

}  // namespace generators
