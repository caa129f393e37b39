#include "media/rtmp/chunk_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace media::rtmp {
namespace {

constexpr std::uint32_t kExtended = 0xFFFFFF;  // the timestamp stands in four bytes of its own (section 5.3.1.3)
constexpr std::size_t kFieldSizes[] = {11, 7, 3, 0};
constexpr std::size_t kCapacityKept = 256 * 1024;  // of a buffer that waits to be used again

}  // namespace

base::Result<std::optional<Message>> ChunkReader::next(Bytes& bytes) {
  if (finished_.capacity() > kCapacityKept) finished_ = {};
  for (;;) {
    if (!in_chunk_) {
      const std::optional<Header> header = take_header(bytes);
      if (!header) return std::optional<Message>{};
      if (const auto begun = begin_chunk(*header); begun.has_error()) return begun.error();
    }
    const auto message = take_payload(bytes);
    if (message.has_error()) return message;
    if (*message && (**message).type != MessageType::kSetChunkSize && (**message).type != MessageType::kAbort) return message;
    if (*message) {
      if (const auto obeyed = obey(**message); obeyed.has_error()) return obeyed.error();
    } else if (in_chunk_) {
      return message;
    }
  }
}

std::optional<ChunkReader::Header> ChunkReader::take_header(Bytes& bytes) {
  if (head_size_ == 0) {
    if (const auto whole = parse_header(bytes)) {
      take(bytes, whole->size);
      return whole;
    }
  }
  const std::size_t added = std::min(bytes.size(), head_.size() - head_size_);
  std::copy_n(bytes.begin(), added, head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
  const auto header = parse_header(Bytes{head_}.first(head_size_ + added));
  take(bytes, header ? header->size - head_size_ : added);
  head_size_ = header ? 0 : head_size_ + added;
  return header;
}

// Sections 5.3.1.1 to 5.3.1.3.
std::optional<ChunkReader::Header> ChunkReader::parse_header(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  Header header{.size = 1, .format = bytes[0] >> 6, .id = bytes[0] & 0x3Fu};
  if (header.id <= 1) {
    header.size = header.id + 2;
    if (bytes.size() < header.size) return std::nullopt;
    header.id = 64u + bytes[1] + (header.size == 3 ? 256u * bytes[2] : 0);
  }
  const std::size_t fields_size = kFieldSizes[header.format];
  if (bytes.size() < header.size + fields_size) return std::nullopt;
  const Bytes fields = bytes.subspan(header.size, fields_size);
  header.size += fields_size;
  if (header.format <= 2) header.field = read_u24(fields);
  if (header.format <= 1) {
    header.length = read_u24(fields.subspan(3));
    header.type = fields[6];
  }
  if (header.format == 0) header.message_stream = read_u32_little(fields.subspan(7));
  const Stream* known = header.format == 3 ? find(header.id) : nullptr;
  header.extended = known != nullptr ? known->extended : header.field == kExtended;
  if (!header.extended) return header;
  if (bytes.size() < header.size + 4) return std::nullopt;
  if (header.format <= 2) header.field = read_u32(bytes.subspan(header.size));
  header.size += 4;
  return header;
}

base::Result<void> ChunkReader::begin_chunk(const Header& header) {
  Stream* stream = find(header.id);
  if (stream == nullptr) {
    if (header.format >= 2) return base::error(fmt::format("chunk stream {} begins without the length of its message", header.id));
    if (streams_.size() == kMostStreams) return base::error(fmt::format("more than {} chunk streams", kMostStreams));
    stream = &streams_.emplace_back(Stream{.id = header.id});
  }
  const bool continues = header.format == 3 && stream->in_message;
  if (!continues) {
    if (stream->in_message) return base::error(fmt::format("chunk stream {}: a message begins before the one before has ended", header.id));
    if (header.format <= 2) {
      stream->field = header.field;
      stream->extended = header.extended;
    }
    if (header.format <= 1) {
      stream->length = header.length;
      stream->type = MessageType{header.type};
    }
    if (header.format == 0) stream->message_stream = header.message_stream;
    // A type 3 after a type 0 adds the latter's timestamp (section 5.3.1.2.4).
    stream->timestamp = header.format == 0 ? stream->field : stream->timestamp + stream->field;
    stream->in_message = true;
  }
  current_ = static_cast<std::size_t>(stream - streams_.data());
  in_chunk_ = true;
  left_in_chunk_ = std::min(chunk_size_, stream->length - static_cast<std::uint32_t>(stream->partial.size()));
  return {};
}

base::Result<std::optional<Message>> ChunkReader::take_payload(Bytes& bytes) {
  Stream& stream = streams_[current_];
  const Bytes piece = take(bytes, std::min<std::size_t>(bytes.size(), left_in_chunk_));
  left_in_chunk_ -= static_cast<std::uint32_t>(piece.size());
  in_chunk_ = left_in_chunk_ > 0;
  if (piece.size() == stream.length) return std::optional{finish(stream, piece)};
  if (kept_ + piece.size() > most_kept_) return base::error(fmt::format("more than {} bytes of unfinished messages", most_kept_));
  if (stream.partial.empty() && !spare_is_lent_) {
    stream.partial.swap(spare_);
    stream.has_spare = spare_is_lent_ = true;
  }
  stream.partial.insert(stream.partial.end(), piece.begin(), piece.end());
  kept_ += piece.size();
  if (stream.partial.size() < stream.length) return std::optional<Message>{};
  std::vector<std::uint8_t> whole = take_partial(stream);
  if (!spare_is_lent_) spare_ = std::exchange(finished_, {});
  spare_.clear();
  finished_ = std::move(whole);
  return std::optional{finish(stream, finished_)};
}

std::vector<std::uint8_t> ChunkReader::take_partial(Stream& stream) {
  kept_ -= stream.partial.size();
  if (std::exchange(stream.has_spare, false)) spare_is_lent_ = false;
  return std::exchange(stream.partial, {});
}

std::size_t ChunkReader::memory() const {
  std::size_t all = finished_.capacity() + spare_.capacity();
  for (const Stream& stream : streams_) all += stream.partial.capacity();
  return all;
}

Message ChunkReader::finish(Stream& stream, Bytes payload) {
  stream.in_message = false;
  return {.type = stream.type, .timestamp = stream.timestamp, .stream = stream.message_stream, .payload = payload};
}

// Sections 5.4.1 and 5.4.2.
base::Result<void> ChunkReader::obey(const Message& message) {
  if (message.payload.size() < 4) return base::error(fmt::format("a control message of {} bytes", message.payload.size()));
  const std::uint32_t value = read_u32(message.payload);
  if (message.type == MessageType::kSetChunkSize) {
    if (value == 0 || value > 0x7FFFFFFF) return base::error(fmt::format("chunk size {}", value));
    chunk_size_ = value;
  } else if (Stream* stream = find(value)) {
    take_partial(*stream);
    stream->in_message = false;
  }
  return {};
}

ChunkReader::Stream* ChunkReader::find(std::uint32_t id) {
  const auto at = std::find_if(streams_.begin(), streams_.end(), [id](const Stream& stream) { return stream.id == id; });
  return at == streams_.end() ? nullptr : &*at;
}

}  // namespace media::rtmp
