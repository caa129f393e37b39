#include "harness/player/media_buffer.h"

#include <algorithm>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {
constexpr base::Duration kClosedStep = std::chrono::milliseconds{100};
}

void MediaBuffer::append(Piece piece) {
  if (!pieces_.empty() && piece.start <= pieces_.back().end + kClosedStep) piece.start = pieces_.back().end;
  if (piece.end <= piece.start) return;
  if (!pieces_.empty() && pieces_.back().end == piece.start && pieces_.back().bitrate == piece.bitrate &&
      pieces_.back().rendition == piece.rendition) {
    pieces_.back().end = piece.end;
  } else {
    pieces_.push_back(piece);
  }
}

void MediaBuffer::overwrite(Piece piece) {
  if (pieces_.empty() || piece.start >= pieces_.back().end) return append(piece);
  if (piece.end <= piece.start) return;
  Piece& last = pieces_.back();
  if (last.start <= piece.start && piece.end >= last.end && last.bitrate == piece.bitrate && last.rendition == piece.rendition) {
    last.end = piece.end;  // a segment that is still arriving
    return;
  }
  std::vector<Piece> kept;
  for (const Piece& old : pieces_) {
    if (old.start < piece.start) kept.push_back({old.start, std::min(old.end, piece.start), old.bitrate, old.rendition});
    if (old.end > piece.end) kept.push_back({std::max(old.start, piece.end), old.end, old.bitrate, old.rendition});
  }
  pieces_ = std::move(kept);
  const auto behind = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& old) { return old.start >= piece.end; });
  pieces_.insert(behind, piece);
}

std::optional<std::size_t> MediaBuffer::rendition_at(base::Duration position) const {
  for (const Piece& piece : pieces_) {
    if (piece.start <= position && position < piece.end) return piece.rendition;
  }
  return std::nullopt;
}

void MediaBuffer::drop_before(base::Duration position) {
  if (pieces_.empty() || pieces_.front().end > position) return;
  std::erase_if(pieces_, [position](const Piece& piece) { return piece.end <= position; });
  if (pieces_.capacity() >= 2 * pieces_.size() + 2) pieces_.shrink_to_fit();  // many viewers have one
}

void MediaBuffer::drop_from(base::Duration position) {
  std::erase_if(pieces_, [position](const Piece& piece) { return piece.start >= position; });
  if (!pieces_.empty()) pieces_.back().end = std::min(pieces_.back().end, position);
}

void MediaBuffer::on_ladder(const LadderChange& change) {
  for (Piece& piece : pieces_) piece.rendition = change.nearest(piece.rendition);
}

void MediaBuffer::trim_before(base::Duration position) {
  drop_before(position);
  if (!pieces_.empty()) pieces_.front().start = std::max(pieces_.front().start, position);
}

base::Duration MediaBuffer::end_from(base::Duration position) const {
  for (const Piece& piece : pieces_) {
    if (piece.start > position) break;
    position = std::max(position, piece.end);
  }
  return position;
}

std::optional<base::Duration> MediaBuffer::next_from(base::Duration position) const {
  for (const Piece& piece : pieces_) {
    if (piece.end > position) return std::max(position, piece.start);
  }
  return std::nullopt;
}

base::Duration MediaBuffer::ahead_of(base::Duration position) const {
  base::Duration sum{};
  for (const Piece& piece : pieces_) {
    if (piece.end > position) sum += piece.end - std::max(piece.start, position);
  }
  return sum;
}

base::Bitrate MediaBuffer::bitrate_at(base::Duration position) const {
  for (const Piece& piece : pieces_) {
    if (piece.end > position) return piece.bitrate;
  }
  return pieces_.empty() ? base::Bitrate{} : pieces_.back().bitrate;
}

void MediaBuffer::count_bits(base::Duration from, base::Duration to, WeightedTime& bits) const {
  for (const Piece& piece : pieces_) {
    const base::Duration shared = std::min(piece.end, to) - std::max(piece.start, from);
    if (shared.count() > 0) bits.add(piece.bitrate.bps(), shared);
  }
}

}  // namespace harness
