// H2Streams: the answers on one HTTP/2 connection as places in the sequence of bytes that its server writes: a HEADERS frame each, as soon
// as the answer is ready, and DATA frames of at most 16 KiB (RFC 9113, 4.2) that take turns, one of each answer that has something left to
// send. What comes after a place that has been written changes when an answer begins or is given up. Pure: it knows no time.
#pragma once

#include <cstdint>
#include <vector>

namespace harness {

constexpr std::int64_t kH2FrameHeader = 9;        // bytes (RFC 9113, 4.1)
constexpr std::int64_t kH2FrameBody = 16 * 1024;  // bytes: SETTINGS_MAX_FRAME_SIZE where nothing is said (RFC 9113, 6.5.2)

class H2Streams {
 public:
  // An answer is ready once `written` bytes of the sequence are with TCP; the frame under way is finished first. `key` is new; `headers`:
  // the HEADERS frame, whole.
  void begin(std::uint64_t key, std::int64_t headers, std::int64_t body, std::int64_t written);
  // The server hears that it is given up: nothing of it follows the frame under way.
  void give_up(std::uint64_t key, std::int64_t written);
  // All of it has come, and nobody will ask after it.
  void forget(std::uint64_t key);

  // Bytes of the whole sequence, as it stands now.
  std::int64_t end() const { return end_; }
  // Where the first frame of the answer begins; where its last one ends.
  std::int64_t begin_of(std::uint64_t key) const { return find(key).headers_at; }
  std::int64_t end_of(std::uint64_t key) const;
  // Of the body, where so much of the sequence has come.
  std::int64_t body_at(std::uint64_t key, std::int64_t place) const;
  // Where so much of the body has come; with zero, the HEADERS frame. Requires: no more than the body.
  std::int64_t place_of(std::uint64_t key, std::int64_t body) const;

 private:
  // Frames of one size at equal distances.
  struct Row {
    std::int64_t at;      // the first one's begin
    std::int64_t stride;  // from one begin to the next
    std::int64_t count;
    std::int64_t body;    // of each
    std::int64_t before;  // of the answer's body, sent before these
  };
  struct Stream {
    std::uint64_t key;
    std::int64_t headers, headers_at;
    std::int64_t left;        // of the body, in no frame yet
    std::int64_t last_at;     // where its latest frame begins
    bool is_over = false;     // nothing follows
    std::vector<Row> rows{};  // in their order
  };
  const Stream& find(std::uint64_t key) const;
  Stream& find(std::uint64_t key);
  std::int64_t frame_end(std::int64_t written) const;
  std::int64_t take_back(std::int64_t written);
  void plan(std::int64_t from);

  std::vector<Stream> streams_{};
  std::int64_t end_ = 0;
};

}  // namespace harness
